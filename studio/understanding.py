"""How the present model understands texts, remembered for as long as the model stays."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass

from studio.bot import Bot, Reading
from studio.misunderstood import UnclearText
from studio.words import Words, has_hidden

MOST_REMEMBERED = 20_000
# A text whose numbers looked in more ways than these can't be judged.
_MOST_SHAPES = 4


@dataclass(frozen=True)
class Judgement:
    """What the bot would make of a text now. `sure`: it depends on nothing that is hidden."""

    reading: Reading
    sure: bool


class Understanding:
    """Reads texts with the running bot, between its turns."""

    def __init__(self, bot: Bot, words: Words) -> None:
        self._bot = bot
        self._words = words
        self._model: str | None = None
        self._known: dict[str, Reading] = {}

    def judgement(self, one: UnclearText) -> Judgement | None:
        """What the present model makes of a text; None if that has not been read.

        Numbers that are hidden have other digits now than a phrase is taught with: a model knows
        the very phrase that it was taught, and the resident's was another one. Where their shape is
        unknown or a question was open, whose form looks at the digits, the reading is no proof.
        """
        readings = [self._reading(text) for text in self._to_judge(one)]
        found = [reading for reading in readings if reading is not None]
        if len(found) < len(readings):
            return None
        worst = min(found, key=lambda reading: (reading.is_understood, reading.confidence))
        if not has_hidden(one.text):
            return Judgement(worst, sure=True)
        agree = len({reading.intent for reading in found}) == 1
        shaped = all(
            shapes is not None and self._words.knows(one.text, shapes) for shapes in one.shapes
        )
        as_before = one.intents == {worst.intent}
        known = as_before or (shaped and len(one.shapes) <= _MOST_SHAPES)
        return Judgement(worst, sure=agree and known and not one.asked)

    def written(self, one: UnclearText) -> str:
        """The text as it is written down, with made-up numbers."""
        return self._words.with_numbers(one.text, shapes_of(one))

    def is_taught(self, one: UnclearText, intent: str) -> bool:
        """Whether the present model knows the text as it is written down under the intent."""
        reading = self._reading(self.written(one))
        return reading is not None and reading.is_understood and reading.intent == intent

    def texts(self, one: UnclearText) -> list[str]:
        """What is to be read before the text can be judged."""
        return list(dict.fromkeys([*self._to_judge(one), self.written(one)]))

    async def read(self, texts: Iterable[str], budget: float) -> None:
        """Reads what is not known yet, for about `budget` seconds; the rest stays unknown."""
        until = time.monotonic() + budget
        for text in texts:
            if self._model != self._bot.model or len(self._known) > MOST_REMEMBERED:
                self._model, self._known = self._bot.model, {}
            if self._model is None or time.monotonic() > until:
                return
            if text not in self._known:
                self._known[text] = await self._bot.read(text)
                # A message takes milliseconds; the bot's own turns come in between.
                await asyncio.sleep(0)

    def _reading(self, text: str) -> Reading | None:
        return self._known.get(text) if self._model == self._bot.model else None

    def _to_judge(self, one: UnclearText) -> list[str]:
        if not has_hidden(one.text):
            return [one.text]
        found = [self._words.to_judge(one.text, shapes or ()) for shapes in one.shapes]
        return list(dict.fromkeys(text for texts in found[:_MOST_SHAPES] for text in texts))


def shapes_of(one: UnclearText) -> tuple[str, ...]:
    """How the hidden numbers of a text looked some time that the log knows of."""
    return next((shapes for shapes in one.shapes if shapes), ())
