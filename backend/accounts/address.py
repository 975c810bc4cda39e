"""An address with all but the street's first letter and the flat hidden.

Enough to tell one's own flats apart, not enough to tell whose account a number is.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

WORDS_FILE = Path(__file__).with_name("address_words.yml")

_WORD = re.compile(r"[\w-]+")
_FLAT_NUMBER = re.compile(r"\d{1,5}\w?")
MOST_CHARACTERS = 300


def masked_address(address: str | None) -> str | None:
    """Street kind, the street's first letter and the flat; None if neither can be told."""
    parts = (address or "")[:MOST_CHARACTERS].split(",")
    street = next(filter(None, map(_street, parts)), None)
    flat = next(filter(None, map(_flat, parts)), None)
    return ", ".join(filter(None, (street, flat))) or None


def _street(part: str) -> str | None:
    words = _WORD.findall(part)
    kind = next((word for word in words if word.casefold() in _words("street")), None)
    name = next((word for word in words if word.casefold() not in _words("street")), None)
    if kind is None or name is None:
        return None
    dot = "." if f"{kind}." in part else ""
    hidden = f"{name[0].upper()}…"
    return (
        f"{kind}{dot} {hidden}" if part.index(kind) < part.index(name) else f"{hidden} {kind}{dot}"
    )


def _flat(part: str) -> str | None:
    words = _WORD.findall(part)
    if len(words) != 2 or words[0].casefold() not in _words("flat"):
        return None
    if not _FLAT_NUMBER.fullmatch(words[1]):
        return None
    return f"{words[0]}{'.' if f'{words[0]}.' in part else ''} {words[1]}"


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(yaml.safe_load(WORDS_FILE.read_text(encoding="utf-8"))[kind])
