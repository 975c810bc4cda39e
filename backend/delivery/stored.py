"""Events, keyboards and messages as JSON, the way the inbox and the outbox keep them."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from backend.delivery.model import (
    Button,
    EventKind,
    IncomingEvent,
    Keyboard,
    OutgoingMessage,
)


def event_to_json(event: IncomingEvent) -> dict[str, Any]:
    """The event as the inbox stores it."""
    return {
        "channel": event.channel,
        "event_id": event.event_id,
        "user_id": event.user_id,
        "kind": event.kind.value,
        "received_at": event.received_at.isoformat(),
        "text": event.text,
        "button": event.button,
        "question": event.question,
        "attachment": event.attachment,
    }


def event_from_json(stored: dict[str, Any]) -> IncomingEvent:
    """The inverse of `event_to_json`."""
    return IncomingEvent(
        **{
            **stored,
            "kind": EventKind(stored["kind"]),
            "received_at": datetime.fromisoformat(stored["received_at"]),
        }
    )


def keyboard_to_json(keyboard: Keyboard) -> dict[str, Any]:
    """A keyboard as the conversation and the outbox store it."""
    return {
        "question": keyboard.question,
        "buttons": [[button.caption, button.payload] for button in keyboard.buttons],
    }


def keyboard_from_json(stored: dict[str, Any]) -> Keyboard:
    """The inverse of `keyboard_to_json`."""
    return Keyboard(
        stored["question"],
        tuple(Button(caption, payload) for caption, payload in stored["buttons"]),
    )


def message_to_json(message: OutgoingMessage) -> dict[str, Any]:
    """A message as the outbox stores it; the picture travels as base64 and is kept as bytes."""
    stored: dict[str, Any] = {"key": message.key, "text": message.text}
    if message.keyboard is not None:
        stored["keyboard"] = keyboard_to_json(message.keyboard)
    if message.picture is not None:
        stored["picture"] = base64.b64encode(message.picture).decode()
    if message.without_picture is not None:
        stored["without_picture"] = message.without_picture
    return stored
