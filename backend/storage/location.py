"""Where the database is: DATABASE_URL, or the embedded server of the data folder."""

from __future__ import annotations

import atexit

from backend.settings import Settings
from backend.storage.embedded import EmbeddedPostgres


def database_url(settings: Settings) -> str:
    """The libpq URL; starts the embedded server if no URL is set, and lets go of it at exit."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    server = EmbeddedPostgres(settings.data_dir)
    atexit.register(server.close)
    return server.url
