"""Folds a message to plain lower-case characters and remembers where each of them stood."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LONGEST_MESSAGE = 4000

_REPLACED = {
    "\u0451": "\u0435",  # the letter yo is rarely typed
    "\u2019": "'",
    "\u2018": "'",
    "\u02bc": "'",
    "\u00b4": "'",
    "\u2032": "'",
    "\u2010": "-",
    "\u2011": "-",
    "\u2012": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2015": "-",
    "\u2212": "-",
    "\u2022": ";",
    "\u00b7": ";",
    "\uff0c": ",",
    "\uff0e": ".",
    "\u066b": ",",
    "\u066c": "'",
    "\u2028": "\n",
    "\u2029": "\n",
    "\r": "\n",
    "\v": "\n",
    "\f": "\n",
}
_DROPPED_CATEGORIES = frozenset({"Cf", "Mn", "Me"})  # zero-width characters, accents, keycaps
_SHORT_I = "\u0439"  # decomposed it would lose its mark


@dataclass(frozen=True)
class Folded:
    """`text` is what the parsers see; `origin[i]` is where its i-th character stood."""

    text: str
    origin: tuple[int, ...]
    source: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open range of the source for a non-empty range of the folded text."""
        return self.origin[start], self.origin[end - 1] + 1


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    if character in _REPLACED:
        return _REPLACED[character]
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    category = unicodedata.category(character)
    if category in _DROPPED_CATEGORIES:
        return ""
    if category == "Zs" or character == "\t":
        return " "
    lower = character.lower()
    if len(lower) != 1:
        return character
    return _REPLACED.get(lower, lower)


def fold(text: str) -> Folded:
    """Folds the first `LONGEST_MESSAGE` characters of `text`."""
    text = text[:LONGEST_MESSAGE]
    characters: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(text):
        folded = _fold_character(character)
        if folded:
            characters.append(folded)
            origin.append(index)
        elif character == "\u0306" and characters and characters[-1] == "\u0438":
            characters[-1] = _SHORT_I
    return Folded("".join(characters), tuple(origin), text)
