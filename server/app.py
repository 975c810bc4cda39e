"""Puts the bot together: webhooks, inbox, conversations, outbox and health in one Sanic app."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from rasa.core.channels.channel import InputChannel, register
from sanic import Sanic

from actions import wiring
from backend.delivery import runtime
from backend.delivery.housekeeping import Housekeeping
from backend.delivery.inbox import PostgresInbox, TurnFailed
from backend.delivery.messenger import Messenger
from backend.delivery.outbox import Outbox
from backend.delivery.pictures import PictureLinks, StoredPictures
from backend.delivery.queue import Queue
from backend.delivery.turn import Turn
from backend.reminders import sending
from backend.reminders.schedule import Daytime
from backend.reminders.sending import Pace, Reminders
from backend.settings import Settings
from backend.storage.database import Database
from channels.http import http_client
from channels.viber.client import ViberClient
from channels.viber.connector import ViberInput
from channels.vk.client import VkClient
from channels.vk.connector import VkInput
from server.agent import load_agent
from server.announcements import announcer
from server.health import bot_is_missing, health
from server.model_watch import ModelWatch
from server.pictures import pictures
from server.reminder_texts import reminder_words
from server.turn_loop import TurnLoop
from server.turns import RasaTurns
from server.web import SHUTDOWN, new_app

logger = logging.getLogger(__name__)

# Limits of channels that are off are never used; the strictest is the safe default.
TEXT_LIMITS = {"vk": 4096, "viber": 7000}


@dataclass
class Bot:
    """The parts of one running process.

    Turns, jobs and all calls out run in `loop`; the server's own event loop receives webhooks.
    """

    settings: Settings
    model: Path
    database: Database
    queue: Queue
    services: wiring.Services
    messengers: dict[str, Messenger]
    loop: TurnLoop = field(default_factory=TurnLoop)
    turns: RasaTurns | None = None
    failures: list[str] = field(default_factory=list)

    async def handle(self, turn: Turn) -> None:
        """The inbox's turn handler; raises TurnFailed while the model is still loading."""
        if self.turns is None:
            raise TurnFailed("the model is not loaded yet")
        await self.turns.handle(turn)

    def apologise(self, turn: Turn) -> None:
        """The inbox's apology for a turn that is given up."""
        if self.turns is not None:
            self.turns.apologise(turn)


def build(settings: Settings, database_url: str, model: Path) -> Sanic:
    """The app; nothing connects or loads before the server starts."""
    database = Database(database_url, pool_size=10)
    links = _picture_links(settings)
    bot = Bot(
        settings=settings,
        model=model,
        database=database,
        queue=Queue(database_url),
        services=wiring.build(settings, database),
        messengers=_messengers(settings, links),
    )
    inbox = PostgresInbox(database, bot.handle, bot.apologise, TEXT_LIMITS, bot.loop.run)
    inbox.register(bot.queue)
    reminders = Reminders(
        database,
        bot.services.billing,
        reminder_words(lambda: bot.turns),
        _pace(settings, bot.messengers),
        bot.services.now,
    )
    reminders.register(bot.queue)
    guards = {sending.KEY: reminders.is_withdrawn}
    Outbox(database, bot.messengers, guards).register(bot.queue)
    Housekeeping(database).register(bot.queue)
    zone = ZoneInfo(settings.time_zone)
    bot.services.submissions.register(bot.queue, announcer(lambda: bot.turns, zone))
    wiring.provide(bot.services)
    runtime.provide(inbox)

    app = new_app("bot")
    app.ctx.bot = bot
    app.ctx.inbox = inbox
    app.ctx.models = ModelWatch(bot)
    app.ctx.models.attach(app)
    app.blueprint(health(partial(bot_is_missing, bot)))
    if links is not None:
        app.blueprint(pictures(links, StoredPictures(database)))
    register(_channels(), app, route="/webhooks/")
    app.ctx.desk = None
    if settings.studio_password is not None:
        _open_studio(app, bot, settings.studio_password.get_secret_value())
    app.listener("after_server_start")(_start)
    app.listener("before_server_stop")(_stop)
    return app


def _open_studio(app: Sanic, bot: Bot, password: str) -> None:
    # Only where the page is on: it brings parts that the bot itself does without.
    from server.workbench import Workbench
    from studio.access import Access
    from studio.desk import Desk
    from studio.routes import studio
    from studio.words import words

    zone = bot.settings.time_zone
    bench = Workbench(bot, app.ctx.models.take)
    app.ctx.desk = Desk(bot.database, bench, Path.cwd(), zone, words())
    app.blueprint(studio(app.ctx.desk, Access(password), zone))


def _channels() -> list[InputChannel]:
    return [VkInput.from_credentials(None), ViberInput.from_credentials(None)]


def _pace(settings: Settings, messengers: dict[str, Messenger]) -> Pace:
    daytime = Daytime(
        ZoneInfo(settings.time_zone), settings.reminder_first_hour, settings.reminder_last_hour
    )
    channels = [name for name in settings.reminded_channels if name in messengers]
    return Pace(daytime, settings.reminders_per_minute, channels)


def _picture_links(settings: Settings) -> PictureLinks | None:
    if settings.public_url is None or settings.viber_auth_token is None:
        return None
    # Viber alone needs links; every process has its token, and whoever knows it may read all.
    return PictureLinks(settings.public_url, settings.viber_auth_token.get_secret_value())


def _messengers(settings: Settings, links: PictureLinks | None) -> dict[str, Messenger]:
    found: dict[str, Messenger] = {}
    http = http_client()
    if settings.vk_access_token is not None:
        found["vk"] = VkClient(
            http,
            token=settings.vk_access_token.get_secret_value(),
            api_url=settings.vk_api_url,
        )
    if settings.viber_auth_token is not None:
        found["viber"] = ViberClient(
            http,
            token=settings.viber_auth_token.get_secret_value(),
            api_url=settings.viber_api_url,
            sender_name=settings.viber_sender_name,
            picture_url=links.url if links is not None else None,
        )
    return found


async def _start(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
    bot: Bot = app.ctx.bot
    bot.loop.start()
    # Webhooks are stored from the first second; their turns begin when the model is there.
    app.ctx.starting = loop.create_task(bot.loop.run(_load(bot)))


async def _load(bot: Bot) -> None:
    try:
        agent = await asyncio.to_thread(load_agent, bot.model)
        bot.turns = RasaTurns(agent)
        await bot.queue.open()
        bot.queue.start()
        bot.services.history.charts.warm_up()
        logger.info("ready: model %s", bot.model.name)
    except Exception as error:
        logger.exception("the bot could not start its turns")
        bot.failures.append(f"start: {type(error).__name__}")


async def _stop(app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
    bot: Bot = app.ctx.bot
    app.ctx.starting.cancel()
    await bot.loop.run(_stop_turns(bot))
    bot.loop.stop()
    await bot.database.close()


async def _stop_turns(bot: Bot) -> None:
    await bot.queue.stop(SHUTDOWN)
    for messenger in bot.messengers.values():
        await messenger.close()
    await bot.services.billing.close()
    bot.services.history.charts.close()
    await bot.database.close()
