"""Webhooks in a process of their own: `python -m server.receiver`, before one or more bots.

What comes in is stored and acknowledged here, whatever the bots are doing; one that has room runs
the turn. Only Viber's greeting, an answer at once, is fetched from a bot (BOT_URL).
"""

from __future__ import annotations

import asyncio
import logging
import sys
from functools import partial

from rasa.core.channels.channel import InputChannel, register
from sanic import Sanic

from backend.delivery import runtime
from backend.delivery.received import HandingOver
from backend.logs import configure_logging
from backend.settings import Settings, SettingsError, load_settings
from backend.storage.database import Database
from channels.viber.connector import ViberInput
from channels.vk.connector import VkInput
from server.health import database_is_missing, health
from server.web import new_app

logger = logging.getLogger(__name__)


def build(database_url: str, bot_url: str) -> Sanic:
    """The app; nothing connects before the server starts."""
    database = Database(database_url)
    runtime.provide(HandingOver(database))
    app = new_app("receiver")
    # Ready while events can be stored: without a bot they wait.
    app.blueprint(health(partial(database_is_missing, database)))
    channels: list[InputChannel] = [
        VkInput.from_credentials(None),
        ViberInput.from_credentials({"bot_url": bot_url}),
    ]
    register(channels, app, route="/webhooks/")

    @app.listener("before_server_stop")
    async def close(_app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
        await database.close()

    return app


def main() -> int:
    """Checks the settings, then serves until SIGTERM. Returns the exit code."""
    try:
        settings = load_settings()
    except SettingsError as error:
        return _refuse(str(error))
    if settings.database_url is None or settings.bot_url is None:
        name = "DATABASE_URL" if settings.database_url is None else "BOT_URL"
        return _refuse(f"The environment variable {name} is not set: it names what the bots share.")
    return _serve(settings, settings.database_url.get_secret_value(), settings.bot_url)


def _serve(settings: Settings, database_url: str, bot_url: str) -> int:
    configure_logging(settings.log_level)
    logger.info("webhooks on http://%s:%s", settings.host, settings.port)
    app = build(database_url, bot_url)
    app.run(host=settings.host, port=settings.port, access_log=False, motd=False)
    return 0


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201 (there is no log yet)
    return 2


if __name__ == "__main__":
    sys.exit(main())
