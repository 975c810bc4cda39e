"""Which words the training phrases hardly ever use: whoever shares one speaks of the same thing."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable

SHORTEST = 4
# Of a thousand phrases a rare word stands in less than this many.
MOST_IN_THOUSAND = 1.0
_LAST = "\uffff"


class Rarity:
    """Counts words by their beginnings, which is enough to know a rare one, in any form."""

    def __init__(self, phrases: Iterable[str]) -> None:
        """`phrases` are in lower case, without signs."""
        words: Counter[str] = Counter()
        number = 0
        for phrase in phrases:
            number += 1
            words.update(set(phrase.split()))
        self._words = sorted(words)
        self._sums = [0]
        for word in self._words:
            self._sums.append(self._sums[-1] + words[word])
        self._most = number * MOST_IN_THOUSAND / 1000
        self._known: dict[str, bool] = {}

    def __call__(self, lemma: str) -> bool:
        """True for the dictionary form of a rare word."""
        if lemma not in self._known:
            self._known[lemma] = self._is_rare(lemma)
        return self._known[lemma]

    def _is_rare(self, lemma: str) -> bool:
        if len(lemma) < SHORTEST or not lemma.isalpha():
            return False
        beginning = lemma[: -2 if len(lemma) > SHORTEST + 1 else -1]
        first = bisect_left(self._words, beginning)
        last = bisect_left(self._words, beginning + _LAST)
        return self._sums[last] - self._sums[first] < self._most
