"""Viber's callbacks → what they mean to us. Pure: no network, no clock, no framework.

Format: https://creators.viber.com/docs/bots-api/api-overview/callbacks
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.delivery.model import EventKind, IncomingEvent
from backend.delivery.text import storable
from channels.fields import TEXT_LIMIT, identifier, mapping, own_id, word

CHANNEL = "viber"
DESCRIPTION_LIMIT = 200


@dataclass(frozen=True)
class Received:
    """An event to store."""

    event: IncomingEvent


@dataclass(frozen=True)
class Opened:
    """The chat was opened: the response's body is the only answer that Viber takes."""

    event: IncomingEvent


@dataclass(frozen=True)
class Left:
    """The resident unsubscribed."""

    user_id: str


@dataclass(frozen=True)
class Failed:
    """A message that Viber had taken was not shown; most errors in keyboards come to light here."""

    message_token: str
    description: str


@dataclass(frozen=True)
class Ignored:
    """Nothing to do."""

    reason: str


Parsed = Received | Opened | Left | Failed | Ignored

# Known callbacks that say nothing a resident did. «subscribed» comes after «conversation_started».
SILENT = frozenset({"webhook", "subscribed", "delivered", "seen", "client_status"})


def is_genuine(body: bytes, signature: str, token: str) -> bool:
    """True if `signature` is the body's HMAC-SHA256 under the bot's token, in lower-case hex."""
    expected = hmac.new(token.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signature.encode("utf-8", "surrogatepass"), expected.encode())


def parse(callback: dict[str, Any], received_at: datetime) -> Parsed:
    """What a genuine callback means; anything malformed is Ignored with the reason."""
    kind = callback.get("event")
    if kind == "message":
        return _message(callback, received_at)
    if kind == "conversation_started":
        return _opened(callback, received_at)
    if kind == "unsubscribed":
        user_id = identifier(callback.get("user_id"))
        return Left(user_id) if user_id else Ignored("unsubscribed without a user")
    if kind == "failed":
        description = callback.get("desc")
        return Failed(
            message_token=identifier(callback.get("message_token")) or "",
            description=storable(description)[:DESCRIPTION_LIMIT]
            if isinstance(description, str)
            else "",
        )
    known = isinstance(kind, str) and kind in SILENT
    return Ignored(f"event {kind}" if known else f"unknown event {word(kind) or 'unreadable'}")


def _message(callback: dict[str, Any], received_at: datetime) -> Parsed:
    message = mapping(callback.get("message"))
    user_id = identifier(mapping(callback.get("sender")).get("id"))
    event_id = identifier(callback.get("message_token"))
    if user_id is None or event_id is None:
        return Ignored("a message without a sender or a token")
    content, form = message.get("text"), message.get("type")
    text = storable(content)[:TEXT_LIMIT] if isinstance(content, str) else ""
    is_text = form == "text" and bool(text.strip())
    return Received(
        IncomingEvent(
            channel=CHANNEL,
            event_id=event_id,
            user_id=user_id,
            kind=EventKind.TEXT if is_text else EventKind.ATTACHMENT,
            received_at=received_at,
            text=text,
            question=own_id(message.get("tracking_data")),
            attachment=None if is_text else _attachment(form),
        )
    )


def _opened(callback: dict[str, Any], received_at: datetime) -> Parsed:
    user_id = identifier(mapping(callback.get("user")).get("id"))
    event_id = identifier(callback.get("message_token"))
    if user_id is None or event_id is None:
        return Ignored("conversation_started without a user or a token")
    return Opened(
        IncomingEvent(
            channel=CHANNEL,
            event_id=event_id,
            user_id=user_id,
            kind=EventKind.OPENED,
            received_at=received_at,
        )
    )


def _attachment(form: object) -> str:
    """One word for what was sent instead of a text."""
    kind = word(form)
    return "empty" if kind is None or kind == "text" else kind
