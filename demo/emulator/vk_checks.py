"""VK's error codes, and the documented limits of keyboards.

https://dev.vk.com/ru/api/bots/development/keyboard
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from demo.emulator.views import ButtonView, KeyboardView

MAX_TEXT = 4096
MAX_LABEL = 40
MAX_PAYLOAD = 255
MAX_COLUMNS = 5
MAX_ROWS = 10
MAX_BUTTONS = 40
MAX_INLINE_ROWS = 6
MAX_INLINE_BUTTONS = 10
COLOURS = ("primary", "secondary", "negative", "positive")
_WHOLE_ROW = ("location", "vkpay", "open_app")
_WITH_LABEL = ("text", "callback", "open_link", "open_app")
_KNOWN = (*_WITH_LABEL, "location", "vkpay")
_MESSAGES = {
    1: "Unknown error occurred",
    3: "Unknown method passed",
    5: "User authorization failed",
    6: "Too many requests per second",
    7: "Permission to perform this action is denied",
    8: "Invalid request",
    9: "Flood control",
    10: "Internal server error",
    12: "Unable to compile code",
    13: "Runtime error occurred during code invocation",
    14: "Captcha needed",
    15: "Access denied",
    18: "User was deleted or banned",
    27: "Group authorization failed",
    29: "Rate limit reached",
    100: "One of the parameters specified was missing or invalid",
    900: "Can't send messages for users from blacklist",
    901: "Can't send messages for users without permission",
    902: "Can't send messages to this user due to their privacy settings",
    911: "Keyboard format is invalid",
    912: "This is a chat bot feature, change this status in settings",
    914: "Message is too long",
}


class VkError(Exception):
    """VK refuses a call with this code."""

    def __init__(self, code: int, reason: str = "") -> None:
        text = _MESSAGES.get(code, "Error")
        super().__init__(f"{text}: {reason}" if reason else text)
        self.code = code

    def to_json(self, method: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        """VK's answer; like VK's it repeats the call's parameters, but not the token."""
        shown = {"method": method, **parameters}
        shown.pop("access_token", None)
        request = [{"key": key, "value": value} for key, value in shown.items()]
        return {
            "error": {"error_code": self.code, "error_msg": str(self), "request_params": request}
        }


def read_keyboard(text: str) -> KeyboardView:
    """Checks a keyboard's JSON and says how it looks.

    Raises:
        VkError: 911, naming the button.
    """
    try:
        keyboard = json.loads(text)
    except ValueError:
        raise VkError(911, "is not JSON") from None
    if not isinstance(keyboard, dict) or not isinstance(keyboard.get("buttons"), list):
        raise VkError(911, "buttons must be an array")
    for flag in ("inline", "one_time"):
        if not isinstance(keyboard.get(flag, False), bool):
            raise VkError(911, f"{flag} must be boolean")
    inline = bool(keyboard.get("inline", False))
    rows = keyboard["buttons"]
    _check_size(rows, inline)
    return KeyboardView(
        rows=tuple(
            tuple(_button(button, f"button[{r}][{c}]") for c, button in enumerate(row))
            for r, row in enumerate(rows)
        ),
        inline=inline,
        one_time=bool(keyboard.get("one_time", False)) and not inline,
    )


def _check_size(rows: list[Any], inline: bool) -> None:
    max_rows = MAX_INLINE_ROWS if inline else MAX_ROWS
    max_buttons = MAX_INLINE_BUTTONS if inline else MAX_BUTTONS
    if len(rows) > max_rows:
        raise VkError(911, f"there are {len(rows)} rows of {max_rows}")
    for r, row in enumerate(rows):
        if not isinstance(row, list) or not row:
            raise VkError(911, f"row {r} must be an array with buttons")
        if len(row) > MAX_COLUMNS:
            raise VkError(911, f"row {r} has {len(row)} columns of {MAX_COLUMNS}")
        for c, button in enumerate(row):
            kind = _action(button).get("type")
            if kind in _WHOLE_ROW and len(row) > 1:
                raise VkError(911, f"button[{r}][{c}] of type {kind} needs a row of its own")
    if sum(len(row) for row in rows) > max_buttons:
        raise VkError(911, f"there are more than {max_buttons} buttons")


def _action(button: object) -> Mapping[str, Any]:
    action = button.get("action") if isinstance(button, dict) else None
    return action if isinstance(action, dict) else {}


def _button(button: Any, name: str) -> ButtonView:
    action = _action(button)
    if not action:
        raise VkError(911, f"{name} has no action")
    kind = action.get("type")
    if kind not in _KNOWN:
        raise VkError(911, f"{name}.action.type {kind!r} is unknown")
    label = action.get("label", "")
    if kind in _WITH_LABEL and not (isinstance(label, str) and 1 <= len(label) <= MAX_LABEL):
        raise VkError(911, f"{name}.action.label must have 1 to {MAX_LABEL} symbols")
    if "payload" in action:
        _check_payload(action["payload"], name)
    colour = button.get("color")
    if colour is not None and kind not in ("text", "callback"):
        raise VkError(911, f"{name}.color is for text and callback buttons")
    if colour is not None and colour not in COLOURS:
        raise VkError(911, f"{name}.color {colour!r} is unknown")
    link = action.get("link", "")
    if kind == "open_link" and not (isinstance(link, str) and link.startswith("http")):
        raise VkError(911, f"{name}.action.link is required")
    payload = action.get("payload", "")
    return ButtonView(
        caption=label or str(kind),
        action=str(kind),
        value=link if kind == "open_link" else payload,
        colour=colour or "secondary",
    )


def _check_payload(payload: object, name: str) -> None:
    if not isinstance(payload, str):
        raise VkError(911, f"{name}.action.payload must be a JSON string")
    if len(payload) > MAX_PAYLOAD:
        raise VkError(911, f"{name}.action.payload is longer than {MAX_PAYLOAD} symbols")
    try:
        is_object = isinstance(json.loads(payload), dict)
    except ValueError:
        is_object = False
    if not is_object:
        raise VkError(911, f"{name}.action.payload must be a JSON object")
