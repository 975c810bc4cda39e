"""How buttons share rows, the same in every messenger: two short captions side by side."""

from __future__ import annotations

import structlog

from backend.delivery.model import Keyboard
from backend.delivery.text import length, storable

SHORT_CAPTION = 18
PER_ROW = 2

# Intents of buttons that lead away from the question: below the answers, on their own row.
LEAVING = frozenset({"back", "go_back", "cancel", "main_menu"})

log = structlog.get_logger(__name__)


def rows(keyboard: Keyboard, max_rows: int) -> list[list[int]]:
    """Rows of indexes into `keyboard.buttons`, at most `max_rows`, in the keyboard's order.

    Buttons that lead away come last and survive when there are too many rows. A button without
    a visible caption is left out: no messenger takes one.
    """
    visible = [index for index, button in enumerate(keyboard.buttons) if _visible(button.caption)]
    leaving = [index for index in visible if keyboard.buttons[index].intent in LEAVING]
    answers = [index for index in visible if index not in leaving]
    upper, lower = _pair(keyboard, answers), _pair(keyboard, leaving)[:max_rows]
    shown = upper[: max_rows - len(lower)] + lower
    dropped = len(keyboard.buttons) - sum(map(len, shown))
    if dropped:
        log.warning("keyboard.truncated", question=keyboard.question, dropped=dropped)
    return shown


def _pair(keyboard: Keyboard, indexes: list[int]) -> list[list[int]]:
    result: list[list[int]] = []
    room = False
    for index in indexes:
        short = length(_visible(keyboard.buttons[index].caption)) <= SHORT_CAPTION
        if short and room and len(result[-1]) < PER_ROW:
            result[-1].append(index)
        else:
            result.append([index])
        room = short
    return result


def _visible(caption: str) -> str:
    return storable(caption).strip()
