"""What the page asks of the running bot; the server gives it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from studio.misunderstood import FALLBACK, GUESS
from studio.phones import Shows


@dataclass(frozen=True)
class Reading:
    """How the present model understands a text; `ranking` has the likeliest intents first."""

    intent: str
    confidence: float
    ranking: list[tuple[str, float]]

    @property
    def is_understood(self) -> bool:
        """False for what the bot would ask back about, or answer by a guess."""
        return self.intent != FALLBACK and self.confidence >= GUESS


@dataclass(frozen=True)
class Mismatch:
    """A step of a story that the bot would not repeat: an «intent» or an «action»."""

    kind: str
    expected: str
    predicted: str
    text: str = ""


class BadStory(Exception):
    """The text is no conversation test; the message says why."""


class NotReady(Exception):
    """The bot has not loaded its model yet."""


class Bot(Shows, Protocol):
    """The running bot; what needs its model raises NotReady while there is none.

    Nothing else does: `model`, `texts`, `screen` and `wording` don't.
    """

    @property
    def model(self) -> str | None:
        """The name of the model that answers, None while none is loaded."""

    @property
    def texts(self) -> dict[str, str]:
        """The domain's first text of every response."""

    @property
    def influencing_slots(self) -> frozenset[str]:
        """Slots that rules and stories branch on."""

    @property
    def forms(self) -> frozenset[str]:
        """The names of the forms."""

    async def read(self, text: str) -> Reading:
        """How the present model understands the text."""

    async def rehearse(self, story: str) -> list[Mismatch]:
        """The steps of a conversation test (a whole file) that would fail.

        Raises:
            BadStory: it can't be read.
        """

    async def take(self, model: Path) -> None:
        """Loads a model and answers with it from the next turn on; the old one answers meanwhile.

        Raises any error of the loading; the old model then stays.
        """
