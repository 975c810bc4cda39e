"""Russian dictionary forms, with a bounded memory of words seen."""

from __future__ import annotations

import re
from functools import lru_cache

import pymorphy3

_CACHE_SIZE = 20_000
_RUSSIAN = re.compile("[\u0430-\u044f-]+")


class Morphology:
    """Looks words up in the dictionary of Russian forms (lower case, any length)."""

    def __init__(self) -> None:
        self._analyser = pymorphy3.MorphAnalyzer(lang="ru")
        self._lemma = lru_cache(maxsize=_CACHE_SIZE)(self._look_up)
        self._known = lru_cache(maxsize=_CACHE_SIZE)(self._is_in_dictionary)

    def lemma(self, word: str) -> str:
        """The dictionary form, or the word itself when it is not Russian."""
        return self._lemma(word)

    def is_known(self, word: str) -> bool:
        """Whether the dictionary holds this very form."""
        return self._known(word)

    def forms(self, lemma: str) -> set[str]:
        """Every inflected form of a dictionary word."""
        parsed = self._analyser.parse(lemma)
        best = [parse for parse in parsed if parse.normal_form == lemma][:2] or parsed[:1]
        return {form.word.replace("\u0451", "\u0435") for parse in best for form in parse.lexeme}

    def _look_up(self, word: str) -> str:
        if not _RUSSIAN.fullmatch(word):
            return word  # the analyser fails on rare scripts
        return str(self._analyser.parse(word)[0].normal_form).replace("\u0451", "\u0435")

    def _is_in_dictionary(self, word: str) -> bool:
        return bool(_RUSSIAN.fullmatch(word) and self._analyser.word_is_known(word))
