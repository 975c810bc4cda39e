"""A conversation as the phones show it: the one it was held on, and the other messenger's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from backend.delivery.masking import mask
from studio.conversations import Turn

PHONES = ("vk", "viber")
# What opens a chat before anything is said: Viber's greeting is one message.
OPENING = "/open_chat"


@dataclass(frozen=True)
class Line:
    """One thing the bot said, as the log has it; a button is (caption, payload)."""

    text: str
    response: str | None = None
    buttons: tuple[tuple[str, str], ...] = ()
    picture: bool = False


@dataclass(frozen=True)
class Bubble:
    """One message on a phone. `line` is its place among the lines of the turn.

    `instead` is what the bot's texts have for this messenger, if that is not what was said.
    """

    line: int
    text: str
    picture: bool = False
    instead: str | None = None


@dataclass(frozen=True)
class Key:
    """A button as drawn; `colour` is «#RRGGBB» or the messenger's own word."""

    caption: str
    colour: str


@dataclass(frozen=True)
class Screen:
    """What a turn puts on a phone; `keyboard` is None where the one before it stays."""

    bubbles: list[Bubble]
    keyboard: list[list[Key]] | None = None


class Shows(Protocol):
    """What is asked of the running bot."""

    def screen(self, channel: str, lines: Sequence[Line], *, opening: bool) -> Screen:
        """The messages and buttons that the messenger is sent, within its limits."""

    def wording(self, response: str, channel: str) -> str | None:
        """The first text of a response in a channel, None if there is none."""


def screens(bot: Shows, channel: str, turn: Turn) -> dict[str, dict[str, Any]]:
    """The turn on each of PHONES, as JSON; `channel` is where it was said."""
    lines = [_line(bot, channel, entry) for entry in turn.bot]
    opening = (turn.user or {}).get("text") == OPENING
    found = {name: bot.screen(name, lines, opening=opening) for name in PHONES}
    for name, screen in found.items():
        if name != channel:
            bubbles = list(_with_own_words(bot, screen.bubbles, lines, channel, name))
            found[name] = replace(screen, bubbles=bubbles)
    return {name: asdict(screen) for name, screen in found.items()}


def _line(bot: Shows, channel: str, entry: dict[str, Any]) -> Line:
    text, response = str(entry.get("text") or ""), entry.get("response")
    own = bot.wording(response, channel) if response else None
    # What the bot says to everybody has no number of a resident; its own phone may be seen.
    if own and "{" not in own and mask(own) == text:
        text = own
    return Line(
        text=text,
        response=response,
        buttons=tuple((str(one[0]), str(one[1])) for one in entry.get("buttons") or []),
        picture=bool(entry.get("picture")),
    )


def _with_own_words(
    bot: Shows, bubbles: Iterable[Bubble], lines: Sequence[Line], real: str, other: str
) -> Iterable[Bubble]:
    for bubble in bubbles:
        response = lines[bubble.line].response
        there = bot.wording(response, other) if response else None
        differs = response and there != bot.wording(response, real)
        yield replace(bubble, instead=there) if differs else bubble
