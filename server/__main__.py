"""Starts the bot: `python -m server`. Configured by the environment (.env.example)."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backend.settings import SettingsError, load_settings

# What Rasa's dependencies say about themselves is nothing an operator can act on.
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")


def main(extend: Callable[[Any], None] | None = None) -> int:
    """Checks the settings, migrates, then serves until SIGTERM. Returns the exit code.

    `extend` may add to the application before it serves.
    """
    try:
        settings = load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 (there is no log yet)
        return 2
    from backend.logs import configure_logging

    configure_logging(settings.log_level)
    log = logging.getLogger("server")

    from server.internals.light_import import components_of, without_tensorflow
    from server.models import newest_model

    model = newest_model(Path("models"))
    if model is None:
        print("There is no trained model in models/: run `make train`.", file=sys.stderr)  # noqa: T201
        return 2
    without_tensorflow(components_of(model))

    # Slow to import (Rasa), so only after the settings are known to be right.
    from backend.storage.location import database_url
    from backend.storage.migrate import migrate
    from server.app import build

    try:
        url = database_url(settings)
        migrate(url)
    except Exception as error:
        log.debug("the database", exc_info=True)
        name = "DATA_DIR" if settings.database_url is None else "DATABASE_URL"
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        print(f"The database of {name} can't be used: {_without_secret(reason)}", file=sys.stderr)  # noqa: T201
        return 2
    app = build(settings, url, model)
    if extend is not None:
        extend(app)
    log.info("listening on http://%s:%s", settings.host, settings.port)
    app.run(host=settings.host, port=settings.port, access_log=False, motd=False)
    return 0


def _without_secret(reason: str) -> str:
    """An error's words without the user and password of a database address."""
    return re.sub(r"//[^@\s]*@", "//", reason)


if __name__ == "__main__":
    sys.exit(main())
