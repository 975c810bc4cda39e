"""A keyboard as VK wants it, within VK's limits.

https://dev.vk.com/ru/api/bots/development/keyboard
"""

from __future__ import annotations

import json
from typing import Any

import structlog

from backend.delivery.model import Button, Keyboard
from backend.delivery.text import shorten, storable
from channels.rows import rows

# Persistent keyboards («one_time» and «inline» are false).
MAX_ROWS = 10
MAX_COLUMNS = 5
MAX_BUTTONS = 40
MAX_LABEL = 40
MAX_PAYLOAD = 255

DEFAULT_COLOR = "primary"
COLORS = {
    "affirm": "positive",
    "deny": "negative",
    "cancel": "secondary",
    "back": "secondary",
    "go_back": "secondary",
    "main_menu": "secondary",
    "help": "secondary",
}

log = structlog.get_logger(__name__)


def keyboard_json(keyboard: Keyboard) -> str:
    """The value of the parameter `keyboard`; one without buttons hides the present keyboard."""
    layout = [
        [_button(keyboard.buttons[index], keyboard.token(index)) for index in row]
        for row in rows(keyboard, MAX_ROWS)
    ]
    return _json({"one_time": False, "inline": False, "buttons": layout})


def _button(button: Button, token: str) -> dict[str, Any]:
    action = {"type": "text", "label": shorten(storable(button.caption).strip(), MAX_LABEL)}
    payload = _json({"b": token})
    # VK counts either bytes or characters: stay below both.
    if len(payload.encode()) <= MAX_PAYLOAD:
        action["payload"] = payload
    else:
        log.error("vk.keyboard.payload_too_long", length=len(payload))
    return {"action": action, "color": COLORS.get(button.intent, DEFAULT_COLOR)}


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
