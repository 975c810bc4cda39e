"""The bodies of send_message and of the welcome message, within Viber's limits.

https://creators.viber.com/docs/bots-api/api-overview/send-messages
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import structlog

from backend.delivery.model import Keyboard, OutgoingMessage
from backend.delivery.text import length, shorten, storable
from channels.viber.keyboard import keyboard_object

TEXT_LIMIT = 7000
PICTURE_TEXT_LIMIT = 768
REQUEST_LIMIT = 30 * 1024  # bytes of JSON
TEXT_ROOM = 8 * 1024  # bytes that a text gets before buttons do
TRACKING_DATA_LIMIT = 4000
MIN_API_VERSION = 7  # InputFieldState needs 4, pictures in keyboards and sizes need up to 6

log = structlog.get_logger(__name__)


def text_message(
    text: str, keyboard: Keyboard | None, sender: str, *, plain: bool = False
) -> dict[str, Any]:
    """A text message without a receiver.

    `plain` leaves out the API version and the keyboard features that old clients do not know.
    """
    return _message({"type": "text", "text": _text(text, TEXT_LIMIT)}, keyboard, sender, plain)


def picture_message(
    url: str, text: str, keyboard: Keyboard | None, sender: str, *, plain: bool = False
) -> dict[str, Any]:
    """A picture by its public address, with a text below it, without a receiver."""
    content = {"type": "picture", "media": url, "text": _text(text, PICTURE_TEXT_LIMIT)}
    return _message(content, keyboard, sender, plain)


def welcome_message(messages: Sequence[OutgoingMessage], sender: str) -> dict[str, Any] | None:
    """One message made of several: texts joined by blank lines, the last keyboard kept."""
    text = "\n\n".join(message.text.strip() for message in messages if message.text.strip())
    if not text:
        return None
    keyboards = [message.keyboard for message in messages if message.keyboard is not None]
    return text_message(text, keyboards[-1] if keyboards else None, sender)


def encode(message: dict[str, Any]) -> bytes:
    """The message as JSON of at most REQUEST_LIMIT bytes.

    What is too large loses the keyboard's decoration first, then the end of the text, then the
    keyboard: the resident reads something in any case.
    """
    body = _json(message)
    if len(body) <= REQUEST_LIMIT:
        return body
    log.warning("viber.message_too_large", bytes=len(body))
    if "keyboard" in message:
        message = message | {"keyboard": _undecorated(message["keyboard"])}
        body = _json(message)
        if len(body) <= REQUEST_LIMIT:
            return body
    room = REQUEST_LIMIT - len(_json(message | {"text": ""}))
    if room < TEXT_ROOM and "keyboard" in message:
        message = {key: value for key, value in message.items() if key != "keyboard"}
        room = REQUEST_LIMIT - len(_json(message | {"text": ""}))
    return _json(message | {"text": _fitting(message["text"], room)})


def _message(
    content: dict[str, Any], keyboard: Keyboard | None, sender: str, plain: bool
) -> dict[str, Any]:
    message: dict[str, Any] = {"sender": {"name": sender}, **content}
    if not plain:
        message["min_api_version"] = MIN_API_VERSION
    buttons = keyboard_object(keyboard, plain=plain) if keyboard is not None else None
    if keyboard is not None and buttons is not None:
        message["keyboard"] = buttons
        if length(keyboard.question) <= TRACKING_DATA_LIMIT:
            message["tracking_data"] = keyboard.question
    return message


def _text(text: str, limit: int) -> str:
    return shorten(storable(text), limit)


def _undecorated(keyboard: dict[str, Any]) -> dict[str, Any]:
    kept = ("Columns", "Rows", "ActionType", "ActionBody", "Text")
    buttons = [{key: button[key] for key in kept} for button in keyboard["Buttons"]]
    return {"Type": "keyboard", "Buttons": buttons}


def _fitting(text: str, room: int) -> str:
    """The longest beginning of `text` whose JSON needs at most `room` bytes more than none."""
    low, high = 0, length(text)
    while low < high:
        middle = (low + high + 1) // 2
        if len(_json({"": shorten(text, max(middle, 3))})) - len(_json({"": ""})) <= room:
            low = middle
        else:
            high = middle - 1
    return shorten(text, max(low, 3))


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
