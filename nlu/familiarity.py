"""Measures how much of a message consists of words that residents' wishes are made of."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
from scipy.sparse import csr_matrix

from nlu.normaliser import NormalisedText

OUT_OF_SCOPE = "out_of_scope"

_WORD = re.compile(r"[^\W\d_]{2,}")
_RARE = 2
_MANY_WORDS = 12
_MANY_STRANGE = 4
_FEW_LETTERS = 3


class Familiarity:
    """Counts, per dictionary form, the wishes it occurs in; out-of-scope phrases do not count."""

    columns = 5

    def __init__(self, wishes_per_lemma: dict[str, int]) -> None:
        self._wishes = wishes_per_lemma

    @classmethod
    def learn(cls, messages: list[NormalisedText], intents: list[str]) -> Familiarity:
        """Counts up to the number that is still called rare, plus the message's own occurrence."""
        counts: Counter[str] = Counter()
        for message, intent in zip(messages, intents, strict=True):
            if intent != OUT_OF_SCOPE:
                counts.update(set(message.lemmas.split()))
        return cls({lemma: min(count, _RARE + 2) for lemma, count in counts.items()})

    @property
    def wishes_per_lemma(self) -> dict[str, int]:
        """What is known, as it is stored."""
        return self._wishes

    def rows(self, messages: list[NormalisedText], intents: list[str] | None = None) -> csr_matrix:
        """Shares and counts of unknown and rare words, and the length, each between 0 and 1.

        With intents (in training) a message's own occurrence is not counted as familiarity.
        """
        own = [
            int(intents is not None and intents[at] != OUT_OF_SCOPE) for at in range(len(messages))
        ]
        table = [self._row(message, mine) for message, mine in zip(messages, own, strict=True)]
        return csr_matrix(np.array(table, dtype=np.float64).reshape(len(messages), self.columns))

    def is_mash(self, message: NormalisedText) -> bool:
        """One letter, or a few that are no word of any wish: a slip of the hand."""
        letters = sum(character.isalpha() for character in message.text)
        lemmas = message.lemmas.split()
        if letters <= 1:
            return letters == 1
        return letters <= _FEW_LETTERS and not any(map(self._wishes.get, lemmas))

    def _row(self, message: NormalisedText, own: int) -> list[float]:
        seen = [
            self._wishes.get(lemma, 0) - own
            for lemma in message.lemmas.split()
            if _WORD.match(lemma)
        ]
        words = max(1, len(seen))
        unknown = sum(count <= 0 for count in seen)
        rare = sum(count <= _RARE for count in seen)
        return [
            unknown / words,
            min(unknown, _MANY_STRANGE) / _MANY_STRANGE,
            rare / words,
            min(rare, _MANY_STRANGE) / _MANY_STRANGE,
            min(len(seen), _MANY_WORDS) / _MANY_WORDS,
        ]
