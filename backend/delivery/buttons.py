"""What a pressed or typed button means: only what the bot issued, and only while it is open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from backend.delivery.model import Button, EventKind, IncomingEvent, Keyboard

# How many keyboards of a resident are remembered. An older button counts as closed.
REMEMBERED_KEYBOARDS = 5

_SIGNS = re.compile(r"^[^\w?]+|[^\w?]+$")

# Intents that answer one particular question. All others are wishes (to see the accounts),
# which mean the same on an old keyboard as on the current one, unless they carry ids.
ANSWERS = frozenset({"affirm", "deny"})


class Meaning(str, Enum):
    """How the turn treats an event."""

    TEXT = "text"
    PAYLOAD = "payload"
    CLOSED = "closed"


@dataclass(frozen=True)
class Resolved:
    """`value` is the text for TEXT and the Rasa payload for PAYLOAD."""

    meaning: Meaning
    value: str = ""


def resolve(event: IncomingEvent, keyboards: Sequence[Keyboard]) -> Resolved:
    """Tells what a TEXT or BUTTON event means, given the resident's keyboards, newest last."""
    current = keyboards[-1] if keyboards else None
    if event.kind is EventKind.BUTTON:
        question, _, index = (event.button or "").partition(".")
        shown = _find(keyboards, question)
        # The token comes from outside: it is compared, never calculated with.
        for position, button in enumerate(shown.buttons if shown else ()):
            if shown is not None and index == str(position):
                return _press(button, shown, current)
        return Resolved(Meaning.CLOSED)

    shown = _find(keyboards, event.question) if event.question else current
    if shown is None and current is not None and _answers(current, event.text):
        # Pressed on a keyboard that is no longer remembered: its question is not the open one.
        return Resolved(Meaning.CLOSED)
    if shown is not None:
        for button in shown.buttons:
            if _same_words(button.caption, event.text):
                return _press(button, shown, current)
    return Resolved(Meaning.TEXT, event.text)


def typed_words(event: IncomingEvent, keyboards: Sequence[Keyboard]) -> str | None:
    """What the resident typed; None if nothing, or if it was a button as far as can be told.

    A messenger that tells the question of a message sends a pressed button as its caption.
    """
    if event.kind is not EventKind.TEXT:
        return None
    captions = {button.caption for board in keyboards for button in board.buttons}
    return None if event.question and event.text in captions else event.text


def _press(button: Button, shown: Keyboard, current: Keyboard | None) -> Resolved:
    if _is_answer(button) and shown != current:
        return Resolved(Meaning.CLOSED)
    return Resolved(Meaning.PAYLOAD, button.payload)


def _answers(board: Keyboard, words: str) -> bool:
    return any(_same_words(button.caption, words) for button in board.buttons if _is_answer(button))


def _is_answer(button: Button) -> bool:
    return button.intent in ANSWERS or "{" in button.payload


def _find(keyboards: Sequence[Keyboard], question: str | None) -> Keyboard | None:
    return next((board for board in keyboards if board.question == question), None)


def _same_words(caption: str, typed: str) -> bool:
    return _plain(caption) == _plain(typed)


def _plain(words: str) -> str:
    plain = " ".join(words.casefold().replace("\u0451", "\u0435").split())
    # Signs and emoji around the words say nothing; a question mark does.
    return _SIGNS.sub("", plain) or plain
