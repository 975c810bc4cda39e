"""Corrects typos and missing spaces, towards the domain's words only."""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nlu.morphology import Morphology
from nlu.vocabulary import Vocabulary

_CACHE_SIZE = 20_000
_SHORTEST_TYPO = 5
_SHORTEST_RUN = 7
_TWO_SLIPS_FROM = 8
_SHORTEST_COMMON_PIECE = 5


class Spelling:
    """Leaves words alone that a dictionary knows; corrects others if a domain word is near."""

    def __init__(self, vocabulary: Vocabulary, morphology: Morphology) -> None:
        self._morphology = morphology
        self._forms = vocabulary.forms
        self._choices = sorted(vocabulary.forms)
        self._negation = vocabulary.negation
        self._pieces = vocabulary.forms | vocabulary.glue | vocabulary.colloquial.keys()
        self._longest = max(map(len, self._pieces))
        self._cached = lru_cache(maxsize=_CACHE_SIZE)(self._correct)

    def correct(self, word: str) -> str:
        """The word itself, the domain word it was meant to be, or the words it was run from."""
        return self._cached(word)

    def _correct(self, word: str) -> str:
        if word in self._pieces or self._morphology.is_known(word):
            return word
        if word.startswith(self._negation) and len(word) >= _SHORTEST_RUN:
            # a lost "not" would turn a refusal into consent
            return f"{self._negation} {self._cached(word[len(self._negation) :])}"
        if len(word) >= _SHORTEST_TYPO:
            nearest = self._nearest(word)
            if nearest is not None:
                return nearest
        if len(word) >= _SHORTEST_RUN:
            return " ".join(self._split(word) or [word])
        return word

    def _nearest(self, word: str) -> str | None:
        slips = 2 if len(word) >= _TWO_SLIPS_FROM else 1
        found = process.extract(word, self._choices, scorer=OSA.distance, score_cutoff=slips)
        return next((near for near, *_ in found if self._starts_alike(word, near)), None)

    def _starts_alike(self, word: str, near: str) -> bool:
        """A lost first letter may be the rest of a "not", which would make consent of a refusal."""
        return not word.startswith(self._negation[0]) or near.startswith(self._negation[0])

    def _split(self, word: str) -> list[str] | None:
        """Fewest pieces that cover the whole run, or None."""
        best: list[list[str] | None] = [[], *([None] * len(word))]
        for end in range(1, len(word) + 1):
            for start in range(max(0, end - self._longest), end):
                head, piece = best[start], word[start:end]
                if head is None or not self._is_piece(piece):
                    continue
                known = best[end]
                if known is None or len(head) + 1 < len(known):
                    best[end] = [*head, piece]
        return best[len(word)]

    def _is_piece(self, piece: str) -> bool:
        return piece in self._pieces or (
            len(piece) >= _SHORTEST_COMMON_PIECE and self._morphology.is_known(piece)
        )
