"""VK's Callback API events → what they mean to us. Pure: no network, no clock, no framework.

Format: https://dev.vk.com/ru/api/community-events/json-schema
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.delivery.model import EventKind, IncomingEvent
from backend.delivery.text import storable
from channels.fields import (
    TEXT_LIMIT,
    MalformedBody,
    identifier,
    items,
    mapping,
    number,
    own_id,
    read_object,
    word,
)

CHANNEL = "vk"

# Clients that lack callback buttons wrap the payload, and old ones wrap what is wrapped already.
WRAPPING_DEPTH = 5


@dataclass(frozen=True)
class VkAccount:
    """What identifies the community and proves that an event comes from VK."""

    group_id: int
    secret: str = field(repr=False)
    confirmation: str = field(repr=False)


@dataclass(frozen=True)
class Confirmation:
    """VK asks whether the address is ours."""


@dataclass(frozen=True)
class CallbackPress:
    """A pressed callback button, which spins until it is answered; ids as VK gave them."""

    press_id: str
    user_id: str


@dataclass(frozen=True)
class Received:
    """An event to store, and the button to be answered, if it was a callback button."""

    event: IncomingEvent
    press: CallbackPress | None = None


@dataclass(frozen=True)
class Left:
    """The resident forbade messages."""

    user_id: str


@dataclass(frozen=True)
class Ignored:
    """Nothing to do. `press` may still want its answer."""

    reason: str
    press: CallbackPress | None = None


Parsed = Confirmation | Received | Left | Ignored


def is_genuine(envelope: dict[str, Any], account: VkAccount) -> bool:
    """True if the event carries the community's secret and id; takes the same time either way."""
    secret, group_id = envelope.get("secret"), number(envelope.get("group_id"))
    secret_fits = hmac.compare_digest(_bytes(secret), account.secret.encode())
    group_fits = hmac.compare_digest(str(group_id).encode(), str(account.group_id).encode())
    return isinstance(secret, str) and secret_fits and group_fits


def parse(envelope: dict[str, Any], received_at: datetime) -> Parsed:
    """What a genuine event means; anything malformed is Ignored with the reason."""
    kind, content = envelope.get("type"), mapping(envelope.get("object"))
    if kind == "confirmation":
        return Confirmation()
    if kind == "message_new":
        return _message(envelope, mapping(content.get("message")), received_at)
    if kind == "message_event":
        return _press(envelope, content, received_at)
    if kind == "message_deny":
        user_id = _user_id(content.get("user_id"))
        return Left(user_id) if user_id else Ignored("message_deny without a user")
    return Ignored(f"type {word(kind) or 'unreadable'}")


def _message(envelope: dict[str, Any], message: dict[str, Any], received_at: datetime) -> Parsed:
    if message.get("out") == 1:
        return Ignored("our own message")
    if message.get("action"):
        return Ignored("a service message")
    user_id = _user_id(message.get("from_id"))
    if user_id is None:
        return Ignored("not from a person")
    # In a group chat the peer is 2000000000 + n, in a talk with a community it is negative.
    if _user_id(message.get("peer_id", message.get("from_id"))) != user_id:
        return Ignored("not a private conversation")
    event_id = _event_id(envelope, message, user_id)
    if event_id is None:
        return Ignored("without an id")
    text = message.get("text")
    text = storable(text)[:TEXT_LIMIT] if isinstance(text, str) else ""
    kind, button = _understand(message.get("payload"))
    attachment = None
    if kind is EventKind.TEXT and not text.strip():
        kind, attachment = EventKind.ATTACHMENT, _attachment(message)
    return Received(
        IncomingEvent(
            channel=CHANNEL,
            event_id=event_id,
            user_id=user_id,
            kind=kind,
            received_at=received_at,
            text=text,
            button=button,
            attachment=attachment,
        )
    )


def _press(envelope: dict[str, Any], content: dict[str, Any], received_at: datetime) -> Parsed:
    user_id = _user_id(content.get("user_id"))
    if user_id is None or _user_id(content.get("peer_id", content.get("user_id"))) != user_id:
        return Ignored("a button pressed outside a private conversation")
    press_id = identifier(content.get("event_id"))
    press = CallbackPress(press_id, user_id) if press_id else None
    event_id = _event_id(envelope, content, user_id)
    if event_id is None and press_id:
        event_id = _own_event_id(number(envelope.get("group_id")), "press", user_id, press_id)
    kind, button = _understand(content.get("payload"))
    if kind is EventKind.TEXT or event_id is None:
        return Ignored("a button that is not ours", press)
    event = IncomingEvent(
        channel=CHANNEL,
        event_id=event_id,
        user_id=user_id,
        kind=kind,
        received_at=received_at,
        button=button,
    )
    return Received(event, press)


def _event_id(envelope: dict[str, Any], content: dict[str, Any], user_id: str) -> str | None:
    """The same in every delivery of the event; built from the message's ids if VK gave none."""
    group_id = number(envelope.get("group_id"))
    event_id = identifier(envelope.get("event_id"))
    if event_id:
        return f"{group_id}:{event_id}"
    if envelope.get("type") != "message_new":
        return None
    for key in ("conversation_message_id", "id"):
        message_id = number(content.get(key))
        if message_id:
            return _own_event_id(group_id, key, user_id, message_id)
    return None


def _own_event_id(group_id: object, *parts: object) -> str:
    """An id that does not show the resident: it is kept longer than what they wrote."""
    digest = hashlib.sha256(":".join(map(str, parts)).encode()).hexdigest()
    return f"{group_id}:{digest[:32]}"


def _understand(payload: object) -> tuple[EventKind, str | None]:
    """What a button's payload means; TEXT if there is none or it is not one of ours."""
    for _ in range(WRAPPING_DEPTH + 1):
        content = _payload_object(payload)
        command = content.get("command")
        if command == "start":
            return EventKind.START, None
        if command != "not_supported_button":
            token = own_id(content.get("b"))
            return (EventKind.BUTTON, token) if token else (EventKind.TEXT, None)
        payload = content.get("payload")
    return EventKind.TEXT, None


def _payload_object(payload: object) -> dict[str, Any]:
    if isinstance(payload, str):
        try:
            return read_object(payload)
        except MalformedBody:
            return {}
    return mapping(payload)


def _attachment(message: dict[str, Any]) -> str:
    """One word for what was sent instead of a text."""
    for attachment in items(message.get("attachments")):
        kind = word(mapping(attachment).get("type"))
        if kind:
            return kind
    if message.get("geo"):
        return "geo"
    return "forward" if message.get("fwd_messages") else "empty"


def _user_id(value: object) -> str | None:
    """A person's id; None for a community's (negative) and for anything malformed."""
    person = number(value)
    return str(person) if person is not None and person > 0 else None


def _bytes(value: object) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else b""
