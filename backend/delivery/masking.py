"""Hides account numbers in logs."""

from __future__ import annotations

import re
from typing import Any

# Digits as residents group them in an account number: «7060 012-345», «706.001.2345».
_LONG_NUMBER = re.compile(r"\d(?:[ \u00a0]?[-./()]?[ \u00a0]?\d){4,}")


def mask(text: str) -> str:
    """Hides all but the last two digits of every number of five digits or more."""
    return _LONG_NUMBER.sub(lambda found: "•••" + found.group()[-2:], text)


_DIGIT = re.compile(r"\d")
_PHONE_DIGITS = 11


def shapes(text: str) -> list[str]:
    """How each number looks that `mask` hides, in order: «7060 012-345» is «0000 000-000».

    Of a phone («8(921)…») the first digit stays, which is everybody's.
    """
    return [_shape(found.group()) for found in _LONG_NUMBER.finditer(text)]


def _shape(number: str) -> str:
    hidden = _DIGIT.sub("0", number)
    is_phone = len(_DIGIT.findall(number)) == _PHONE_DIGITS and number[0] in "78"
    return number[0] + hidden[1:] if is_phone else hidden


# Shorter ids than this are no messenger's and would hide every figure.
_SHORTEST_ID = 5


def mask_for(user_id: str, text: str) -> str:
    """The same, and the resident's own id in the messenger, which need not be a number."""
    if len(user_id) >= _SHORTEST_ID:
        text = text.replace(user_id, "•••")
    return mask(text)


def masked_texts(events: Any) -> Any:
    """Events as JSON, with the long numbers in everything that is called `text` hidden."""
    if isinstance(events, list):
        return [masked_texts(one) for one in events]
    if isinstance(events, dict):
        return {
            key: mask(value) if key == "text" and isinstance(value, str) else masked_texts(value)
            for key, value in events.items()
        }
    return events
