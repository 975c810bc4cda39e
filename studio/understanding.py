"""How the present model understands texts, remembered for as long as the model stays."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

from studio.bot import Bot, Reading
from studio.words import Words

MOST_REMEMBERED = 20_000


class Understanding:
    """Reads texts with the running bot, between its turns."""

    def __init__(self, bot: Bot, words: Words) -> None:
        self._bot = bot
        self._words = words
        self._model: str | None = None
        self._known: dict[str, Reading] = {}

    def known(self, text: str) -> Reading | None:
        """The reading if it has been made with the present model."""
        return self._known.get(text) if self._model == self._bot.model else None

    def whole(self, text: str) -> str:
        """The text as it is read and written down: with made-up numbers instead of hidden ones."""
        return self._words.with_numbers(text)

    async def read(self, texts: Iterable[str], budget: float) -> None:
        """Reads what is not known yet, for about `budget` seconds; the rest stays unknown."""
        until = time.monotonic() + budget
        for text in texts:
            if self._model != self._bot.model or len(self._known) > MOST_REMEMBERED:
                self._model, self._known = self._bot.model, {}
            if self._model is None or time.monotonic() > until:
                return
            if text not in self._known:
                self._known[text] = await self._bot.read(self.whole(text))
                # A message takes milliseconds; the bot's own turns come in between.
                await asyncio.sleep(0)
