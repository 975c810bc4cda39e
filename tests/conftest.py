"""One embedded PostgreSQL for the whole run, and a fresh migrated database for every test."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from backend.storage.database import Database
from backend.storage.embedded import EmbeddedPostgres
from backend.storage.migrate import migrate
from tests import heard

TEMPLATE = "migrated"
_numbers = itertools.count(1)


def url_of(server: EmbeddedPostgres, name: str) -> str:
    """The libpq URL of a database of `server`."""
    url = make_url(server.url).set(database=name)
    return str(url.render_as_string(hide_password=False))


def run_sql(url: str, *statements: str) -> None:
    """Runs statements outside a transaction, as CREATE DATABASE needs."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def pytest_sessionfinish() -> None:
    """The texts that were said count as covered (make check-talk)."""
    heard.write_down()


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """The server of this test run, in a folder that is gone afterwards."""
    # Not under pytest's tmp_path: a Unix socket's path may have 107 characters only.
    folder = Path(tempfile.mkdtemp(prefix="bot-tests-"))
    server = EmbeddedPostgres(folder)
    try:
        # Nothing here outlives the machine, so nothing needs to reach its disk.
        run_sql(server.url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        run_sql(server.url, f"CREATE DATABASE {TEMPLATE}")
        migrate(url_of(server, TEMPLATE))
        yield server
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def empty_database_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database without tables."""
    yield from _created(postgres, "template1")


@pytest.fixture
def database_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database with the newest schema and no rows."""
    yield from _created(postgres, TEMPLATE)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A pool on `database_url`."""
    pool = Database(database_url, pool_size=10)
    yield pool
    await pool.close()


def _created(server: EmbeddedPostgres, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    run_sql(server.url, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield url_of(server, name)
    run_sql(server.url, f"DROP DATABASE {name} WITH (FORCE)")
