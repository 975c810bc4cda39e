"""A keyboard as Viber wants it, within Viber's limits.

https://developers.viber.com/docs/tools/keyboards/
"""

from __future__ import annotations

import html
from typing import Any

from backend.delivery.model import Button, Keyboard
from backend.delivery.text import length, shorten, storable
from channels.rows import rows

COLUMNS = 6
MAX_ROWS = 12  # in portrait, by Viber's FAQ
MAX_TEXT = 250

BACKGROUND = "#FFFFFF"
DEFAULT_COLOR = "#E3ECF5"
COLORS = {
    "affirm": "#DCEFE3",
    "deny": "#F5E1DD",
    "cancel": "#F0F1F3",
    "back": "#F0F1F3",
    "go_back": "#F0F1F3",
    "main_menu": "#F0F1F3",
    "help": "#F0F1F3",
}


def keyboard_object(keyboard: Keyboard, *, plain: bool = False) -> dict[str, Any] | None:
    """The value of `keyboard`, or None without buttons: Viber has no empty keyboard.

    `plain` leaves out everything that old clients do not know.
    """
    buttons = [
        _button(keyboard.buttons[index], COLUMNS // len(row), plain)
        for row in rows(keyboard, MAX_ROWS)
        for index in row
    ]
    if not buttons:
        return None
    result: dict[str, Any] = {"Type": "keyboard", "Buttons": buttons}
    if not plain:
        result |= {"DefaultHeight": False, "InputFieldState": "regular", "BgColor": BACKGROUND}
    return result


def _button(button: Button, columns: int, plain: bool) -> dict[str, Any]:
    caption = storable(button.caption).strip()
    result: dict[str, Any] = {
        "Columns": columns,
        "Rows": 1,
        "ActionType": "reply",
        # Comes back as the resident's message and is read by them: never a payload.
        "ActionBody": caption,
        "Text": _escaped(caption),
    }
    if not plain:
        result |= {"TextSize": "regular", "BgColor": COLORS.get(button.intent, DEFAULT_COLOR)}
    return result


def _escaped(caption: str) -> str:
    """The caption as HTML within MAX_TEXT, never cut inside a character reference."""
    room = MAX_TEXT
    while length(escaped := html.escape(shorten(caption, room))) > MAX_TEXT:
        room -= 1
    return escaped
