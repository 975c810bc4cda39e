"""What VK and Viber are sent, by the connectors' own rules, for the designers' page."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Sequence

from backend.delivery.model import Button, Keyboard
from backend.delivery.text import length, shorten, split
from channels.viber import messages as viber
from channels.viber.keyboard import COLUMNS, DEFAULT_COLOR, keyboard_object
from channels.vk import client as vk
from channels.vk.keyboard import keyboard_json
from studio.phones import Bubble, Key, Line, Screen

_LIMITS = {"vk": vk.TEXT_LIMIT, "viber": viber.TEXT_LIMIT}


def screen(channel: str, lines: Sequence[Line], *, opening: bool = False) -> Screen:
    """See studio.phones.Shows. `opening`: the chat has just been opened.

    Raises:
        KeyError: there is no such messenger.
    """
    limit = _LIMITS[channel]
    buttons = next((line.buttons for line in reversed(lines) if line.buttons), ())
    keyboard = Keyboard("0", tuple(Button(*button) for button in buttons))
    if channel == "viber":
        return Screen(_viber_bubbles(lines, limit, opening=opening), _viber_rows(keyboard))
    return Screen([*_parts(lines, limit)], _vk_rows(keyboard))


def _parts(lines: Iterable[Line], limit: int) -> Iterable[Bubble]:
    for place, line in enumerate(lines):
        for number, part in enumerate(split(line.text, limit) or [""]):
            picture = line.picture and number == 0
            if part or picture:
                yield Bubble(place, part, picture)


def _viber_bubbles(lines: Sequence[Line], limit: int, *, opening: bool) -> list[Bubble]:
    parts = list(_parts(lines, limit))
    if opening and parts:
        whole = "\n\n".join(part.text for part in parts if part.text)
        return [Bubble(parts[0].line, shorten(whole, limit))]
    found = []
    for part in parts:
        if part.picture and length(part.text) > viber.PICTURE_TEXT_LIMIT:
            found += [Bubble(part.line, "", picture=True), Bubble(part.line, part.text)]
        else:
            found.append(part)
    return found


def _vk_rows(keyboard: Keyboard) -> list[list[Key]] | None:
    rows = json.loads(keyboard_json(keyboard))["buttons"]
    return [[Key(one["action"]["label"], one["color"]) for one in row] for row in rows] or None


def _viber_rows(keyboard: Keyboard) -> list[list[Key]] | None:
    sent = keyboard_object(keyboard)
    if sent is None:
        return None
    rows: list[list[Key]] = []
    room = 0
    for button in sent["Buttons"]:
        if button["Columns"] > room:
            rows.append([])
            room = COLUMNS
        room -= button["Columns"]
        rows[-1].append(Key(html.unescape(button["Text"]), button.get("BgColor", DEFAULT_COLOR)))
    return rows
