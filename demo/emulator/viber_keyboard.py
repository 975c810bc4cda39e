"""Viber's keyboards: their documented limits, and how they look."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from typing import Any

from demo.emulator.views import ButtonView, KeyboardView

MAX_BUTTON_TEXT = 250
MAX_ROWS = 12
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_ACTIONS = ("reply", "open-url", "location-picker", "share-phone", "none")
_ENUMS = {
    "TextSize": ("small", "regular", "large"),
    "TextVAlign": ("top", "middle", "bottom"),
    "TextHAlign": ("left", "center", "right"),
    "OpenURLType": ("internal", "external"),
    "ActionType": _ACTIONS,
}
# Which min_api_version a field needs: https://creators.viber.com/docs/bots-api/keyboards
_SINCE = {
    "CustomDefaultHeight": 3,
    "InputFieldState": 4,
    "ButtonsGroupColumns": 4,
    "ButtonsGroupRows": 4,
    "HeightScale": 3,
}
_RANGES = {
    "ButtonsGroupColumns": (1, 6),
    "ButtonsGroupRows": (1, 7),
    "CustomDefaultHeight": (40, 70),
}
Refuse = Callable[..., Exception]


def check_keyboard(keyboard: object, min_api_version: int, refuse: Refuse) -> None:
    """Checks a keyboard; raises `refuse(reason)` or, for the API version, `refuse(reason, 14)`."""
    if not isinstance(keyboard, dict):
        raise refuse("keyboard must be an object")
    if keyboard.get("Type") != "keyboard":
        raise refuse("keyboard.Type must be keyboard")
    for field, since in _SINCE.items():
        if field in keyboard and min_api_version < since:
            raise refuse(f"keyboard.{field} needs min_api_version {since}", 14)
    for field, (low, high) in _RANGES.items():
        _in_range(keyboard, field, low, high, "keyboard", refuse)
    if keyboard.get("InputFieldState", "regular") not in ("regular", "minimized", "hidden"):
        raise refuse("keyboard.InputFieldState is unknown")
    _colour(keyboard, "BgColor", "keyboard", refuse)
    if not isinstance(keyboard.get("DefaultHeight", False), bool):
        raise refuse("keyboard.DefaultHeight must be true or false")
    buttons = keyboard.get("Buttons")
    if not isinstance(buttons, list) or not buttons:
        raise refuse("keyboard.Buttons must be a list with buttons")
    for number, button in enumerate(buttons):
        _check_button(button, f"keyboard.Buttons[{number}]", refuse)
    if (rows := _height(buttons)) > MAX_ROWS:
        raise refuse(f"the keyboard has {rows} rows of {MAX_ROWS}")


def _check_button(button: object, name: str, refuse: Refuse) -> None:
    if not isinstance(button, dict):
        raise refuse(f"{name} must be an object")
    _in_range(button, "Columns", 1, 6, name, refuse)
    _in_range(button, "Rows", 1, 2, name, refuse)
    for field, allowed in _ENUMS.items():
        if field in button and button[field] not in allowed:
            raise refuse(f"{name}.{field} is unknown")
    body = button.get("ActionBody")
    if not isinstance(body, str) or not body:
        raise refuse(f"{name}.ActionBody is required")
    text = button.get("Text", "")
    if not isinstance(text, str) or len(text) > MAX_BUTTON_TEXT:
        raise refuse(f"{name}.Text must be text of at most {MAX_BUTTON_TEXT} characters")
    if not any(button.get(field) for field in ("Text", "BgMedia", "Image", "BgColor")):
        raise refuse(f"{name} needs Text, BgMedia, Image or BgColor")
    _colour(button, "BgColor", name, refuse)
    if not isinstance(button.get("Silent", False), bool):
        raise refuse(f"{name}.Silent must be true or false")


def _in_range(
    fields: Mapping[str, Any], field: str, low: int, high: int, name: str, refuse: Refuse
) -> None:
    value = fields.get(field, low)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise refuse(f"{name}.{field} must be a number from {low} to {high}")


def _colour(fields: Mapping[str, Any], field: str, name: str, refuse: Refuse) -> None:
    value = fields.get(field)
    if value is not None and not (isinstance(value, str) and _COLOUR.fullmatch(value)):
        raise refuse(f"{name}.{field} must be a colour like #FFFFFF")


def _height(buttons: list[dict[str, Any]]) -> int:
    """Rows that the flow of six columns takes."""
    rows, used, tallest = 0, 0, 0
    for button in buttons:
        columns = button.get("Columns", 6)
        if used + columns > 6:
            rows += tallest
            used, tallest = 0, 0
        used += columns
        tallest = max(tallest, button.get("Rows", 1))
    return rows + tallest


def keyboard_view(keyboard: Mapping[str, Any]) -> KeyboardView:
    """How a keyboard that was checked looks."""
    buttons = tuple(_button_view(button) for button in keyboard["Buttons"])
    return KeyboardView(
        rows=(buttons,),
        input_hidden=keyboard.get("InputFieldState") == "hidden",
        colour=keyboard.get("BgColor"),
    )


def _button_view(button: Mapping[str, Any]) -> ButtonView:
    text = _ButtonText(button.get("Text", ""))
    return ButtonView(
        caption=text.plain,
        action=button.get("ActionType", "reply"),
        value=button["ActionBody"],
        colour=button.get("BgColor"),
        text_colour=text.colour,
        text_size=button.get("TextSize", "regular"),
        columns=button.get("Columns", 6),
        rows=button.get("Rows", 1),
        silent=button.get("Silent", False),
    )


class _ButtonText(HTMLParser):
    """Reads the HTML that Viber allows in a button as plain text and at most one colour."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self.colour: str | None = None
        self.feed(html)
        self.close()

    @property
    def plain(self) -> str:
        """The text without tags, entities decoded."""
        return "".join(self._parts).strip()

    def handle_data(self, data: str) -> None:
        self._parts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._parts.append("\n")
        colour = dict(attrs).get("color") if tag == "font" else None
        if colour and _COLOUR.fullmatch(colour):
            self.colour = colour
