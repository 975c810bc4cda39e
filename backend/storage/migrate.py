"""Brings the database's schema up to date. `python -m backend.storage.migrate`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import sqlalchemy
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url

# One process migrates, the others wait: any number, the same in every process.
_LOCK = 706_001_354


def migrate(url: str, revision: str = "head") -> None:
    """Upgrades the database at `url` (a libpq URL) to `revision`."""
    _alone(url, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str) -> None:
    """Takes the database at `url` back to `revision`; «base» leaves nothing of the bot."""
    _alone(url, lambda config: command.downgrade(config, revision))


def _alone(url: str, run: Callable[[Config], None]) -> None:
    engine = sqlalchemy.create_engine(make_url(url).set(drivername="postgresql+psycopg2"))
    try:
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
            try:
                config = Config()
                config.set_main_option(
                    "script_location", str(Path(__file__).parents[2] / "migrations")
                )
                config.attributes["connection"] = connection
                run(config)
            finally:
                connection.execute(
                    sqlalchemy.text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK}
                )
    finally:
        engine.dispose()
