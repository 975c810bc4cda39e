"""What comes in from a messenger and what goes out to it, free of any messenger's format."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class EventKind(str, Enum):
    """What a resident did."""

    TEXT = "text"  # typed something; `text` holds it
    BUTTON = "button"  # pressed a button whose token the messenger gave back; `button` holds it
    ATTACHMENT = "attachment"  # sent something that is not text; `attachment` names it
    START = "start"  # pressed the messenger's own start button
    OPENED = "opened"  # opened the chat without saying anything yet
    # did nothing: the bot itself tells that somebody else has linked the account in `text`
    LINKED = "linked"


@dataclass(frozen=True)
class IncomingEvent:
    """One event of one resident, as a connector understood it.

    `channel` and `event_id` (the messenger's own id of the delivery) identify it for ever.
    `button` is a token made by `Keyboard.token`. `question` is the keyboard id that the messenger
    says was on screen (Viber's tracking_data); None when the messenger cannot tell.
    """

    channel: str
    event_id: str
    user_id: str
    kind: EventKind
    received_at: datetime
    text: str = ""
    button: str | None = None
    question: str | None = None
    attachment: str | None = None

    @property
    def resident(self) -> str:
        """The resident's key everywhere: Rasa's sender id, the lock, the conversation row."""
        return f"{self.channel}:{self.user_id}"


@dataclass(frozen=True)
class Button:
    """A button: what the resident reads, and the Rasa payload («/intent{...}») it stands for.

    The payload stays on our side; a messenger gets only the button's token. Its intent may guide
    the button's colour.
    """

    caption: str
    payload: str

    @property
    def intent(self) -> str:
        """The payload's intent: «/affirm» and «/affirm{...}» give «affirm»."""
        return self.payload.lstrip("/").split("{", 1)[0]


@dataclass(frozen=True)
class Keyboard:
    """The buttons of one question. `question` is unique within the resident's conversation."""

    question: str
    buttons: tuple[Button, ...]

    def token(self, index: int) -> str:
        """What a messenger carries for the button at `index`: «<question>.<index>»."""
        return f"{self.question}.{index}"


@dataclass(frozen=True)
class OutgoingMessage:
    """One message to one resident. `key` is unique and the same in every attempt to send it.

    `text` is within the messenger's limit already. `picture` is a PNG's bytes, or None.
    `without_picture` replaces the text where the picture can't be shown.
    """

    key: str
    channel: str
    user_id: str
    text: str
    keyboard: Keyboard | None = None
    picture: bytes | None = field(default=None, repr=False)
    without_picture: str | None = None

    @property
    def random_id(self) -> int:
        """A positive 31-bit number derived from `key`: VK shows a repeated one only once."""
        digest = hashlib.sha256(self.key.encode()).digest()
        return int.from_bytes(digest[:4], "big") % (2**31 - 1) + 1
