"""Finds phrases of other intents that say the same words in another order or form."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from studio.likeness import Normalise
from studio.phrases import Example

_WORD = re.compile(r"\w+")
# Forms of one word hardly ever differ so early; dictionary forms are only looked up after this.
_BEGINNING = 3


@dataclass(frozen=True)
class Near:
    """A phrase and one of another intent that says the same."""

    phrase: str
    example: Example


class SameWords:
    """Compares phrases by the dictionary forms of their words, except those that say little."""

    def __init__(self, normalise: Normalise, small_words: Collection[str]) -> None:
        self._normalise = normalise
        self._small = frozenset(small_words)

    def find(self, intent: str, phrases: Sequence[str], examples: Iterable[Example]) -> list[Near]:
        """For each phrase that has one, the first such example of another intent.

        A few ten thousand examples take a tenth of a second and block.
        """
        begun: dict[frozenset[str], list[Example]] = {}
        for example in examples:
            if example.intent != intent:
                begun.setdefault(self._beginnings(example.phrase), []).append(example)
        found = []
        for phrase in phrases:
            meant = self._words(phrase)
            alike = begun.get(self._beginnings(phrase), []) if meant else []
            same = next((one for one in alike if self._words(one.phrase) == meant), None)
            if same is not None:
                found.append(Near(phrase, same))
        return found

    def _beginnings(self, phrase: str) -> frozenset[str]:
        words = _WORD.findall(phrase.lower().replace("\u0451", "\u0435"))
        return frozenset(one[:_BEGINNING] for one in words if one not in self._small)

    def _words(self, phrase: str) -> frozenset[str]:
        lemmas = _WORD.findall(self._normalise(phrase).lemmas)
        return frozenset(one for one in lemmas if one not in self._small)
