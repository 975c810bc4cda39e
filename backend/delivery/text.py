"""Splits a text that is longer than a messenger takes, and masks account numbers in logs."""

from __future__ import annotations

import re

_BREAKS = ("\n\n", "\n", ". ", " ")
# Digits as residents group them in an account number: «7060 012-345», «706.001.2345».
_LONG_NUMBER = re.compile(r"\d(?:[ \u00a0]?[-./()]?[ \u00a0]?\d){4,}")


def split(text: str, limit: int) -> list[str]:
    """Cuts `text` into parts of at most `limit` characters, at a paragraph, line or word."""
    parts = []
    rest = text
    while len(rest) > limit:
        for mark in _BREAKS:
            at = rest.rfind(mark, limit // 2, limit)
            if at > 0:
                cut = at + len(mark)
                break
        else:
            cut = limit
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    parts.append(rest)
    # Messengers refuse empty messages; only a picture's caption may be one.
    return [part for part in parts if part] or [""]


def mask(text: str) -> str:
    """Hides all but the last two digits of every number of five digits or more."""
    return _LONG_NUMBER.sub(lambda found: "•••" + found.group()[-2:], text)
