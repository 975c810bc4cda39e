"""Gives a running process newer models: looks into models/, loads beside the turns, swaps."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from rasa.core.agent import Agent
from sanic import Sanic

from server.agent import load_agent
from server.models import newest_model
from server.turns import RasaTurns

logger = logging.getLogger(__name__)

LOOK_SECONDS = 5.0

# A file's name, size and time of change.
Version = tuple[str, int, int]


class Serving(Protocol):
    """The running bot: its turns, None while the first model is loading, and their model."""

    turns: RasaTurns | None
    model: Path


class ModelWatch:
    """The one way in which a running bot gets another model.

    The old model answers while the new one loads, and a turn ends with the model that began it. A
    model that can't be loaded is told of once and left alone until its file changes.
    """

    def __init__(
        self,
        bot: Serving,
        seconds: float = LOOK_SECONDS,
        load: Callable[[Path], Agent] = load_agent,
    ) -> None:
        """Watches the folder of `bot.model`; `load` blocks and runs in a thread."""
        self._bot = bot
        self._folder = bot.model.parent
        self._seconds = seconds
        self._load = load
        self._loaded = _version(bot.model)
        self._refused: Version | None = None
        self._seen: Version | None = None
        self._one_at_a_time = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def attach(self, app: Sanic) -> None:
        """Watches for as long as the application serves."""
        app.listener("after_server_start")(self._start)
        app.listener("before_server_stop")(self._stop)

    async def look(self) -> None:
        """Takes the newest model if it is another one, and nobody is writing it any more."""
        newest = newest_model(self._folder)
        version = _version(newest) if newest is not None else None
        before, self._seen = self._seen, version
        if newest is None or version is None or version in (self._loaded, self._refused):
            return
        if version != before or self._bot.turns is None:
            return
        try:
            await self.take(newest)
        except Exception:
            logger.exception("the model %s can't be used; the old one stays", newest.name)

    async def take(self, model: Path) -> None:
        """Returns when the bot answers with the model; at once if it does so already.

        Raises any error of the loading; the old model then stays.
        """
        async with self._one_at_a_time:
            version = _version(model)
            if version is not None and version == self._loaded:
                return
            try:
                agent = await asyncio.to_thread(self._load, model)
            except Exception:
                self._refused = version
                raise
            self._bot.turns, self._bot.model = RasaTurns(agent), model
            self._loaded = version
            logger.info("answers with another model: %s", model.name)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            try:
                await self.look()
            except OSError as error:
                # A file that went away between two looks; the next one sees what is there.
                logger.warning("models: %s", type(error).__name__)

    async def _start(self, _app: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._task = loop.create_task(self._watch())

    async def _stop(self, _app: Any, _loop: asyncio.AbstractEventLoop) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task


def _version(model: Path) -> Version | None:
    try:
        state = model.stat()
    except OSError:
        return None
    return model.name, state.st_size, state.st_mtime_ns
