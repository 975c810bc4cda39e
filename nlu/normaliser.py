"""Brings what residents really type into one plain spelling before it is classified."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from nlu.keyboards import Keyboards
from nlu.morphology import Morphology
from nlu.spelling import Spelling
from nlu.vocabulary import Vocabulary

MAX_LENGTH = 600
"""Longer messages are cut: a wish never needs more and the cost stays bounded."""

_CACHE_SIZE = 4096
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_NUMBER = re.compile(r"\d")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_REPEATED_SIGN = re.compile(r"([^\w\s])\1+")
_SPACES = re.compile(r"\s+")
_NUMERO = "\u2116"
_KEPT_NUMERO = "\ue000"  # a private character carries the numero sign through NFKC
_UNSPOKEN = ("So", "Sk", "Mn", "Cf", "Me")  # pictures, modifiers and joiners without a word
_YO, _YE = "\u0451", "\u0435"


@dataclass(frozen=True)
class NormalisedText:
    """One message in plain spelling and the same message as dictionary forms."""

    text: str
    lemmas: str


class TextNormaliser:
    """Turns layout slips, translit, abbreviations, emoji and typos into plain Russian words.

    Digits become zeros of the same count, so that the shape of a number is seen and not its value.
    """

    def __init__(self, vocabulary: Vocabulary, morphology: Morphology) -> None:
        self._vocabulary = vocabulary
        self._morphology = morphology
        self._keyboards = Keyboards(vocabulary, morphology)
        self._spelling = Spelling(vocabulary, morphology)
        self._abbreviations = _literal_pattern(vocabulary.abbreviations)
        self._cached = lru_cache(maxsize=_CACHE_SIZE)(self._normalise)

    @classmethod
    def default(cls) -> TextNormaliser:
        """A normaliser with the project's own vocabulary."""
        morphology = Morphology()
        return cls(Vocabulary.load(morphology), morphology)

    def normalise(self, text: str) -> NormalisedText:
        """Plain spelling of any text; never raises, an empty text stays empty."""
        return self._cached(text[:MAX_LENGTH])

    def _normalise(self, text: str) -> NormalisedText:
        plain = self._emoji_to_words(_one_form(text))
        plain = self._keyboards.correct(plain)
        plain = self._abbreviations.sub(
            lambda found: f" {self._vocabulary.abbreviations[found.group()]} ", plain
        )
        plain = _REPEATED_SIGN.sub(r"\1", _REPEATED.sub(r"\1", plain))
        plain = _WORD.sub(lambda found: self._word(found.group()), plain)
        plain = _SPACES.sub(" ", _NUMBER.sub("0", plain)).strip()
        lemmas = " ".join(self._lemma_tokens(plain))
        return NormalisedText(plain, lemmas)

    def _word(self, word: str) -> str:
        colloquial = self._vocabulary.colloquial.get(word)
        return colloquial if colloquial is not None else self._spelling.correct(word)

    def _lemma_tokens(self, plain: str) -> list[str]:
        return [
            token if token[0].isdigit() else self._morphology.lemma(token)
            for token in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*|\d+|[?!+]", plain)
        ]

    def _emoji_to_words(self, text: str) -> str:
        pieces = []
        for character in text:
            word = self._vocabulary.emoji.get(character)
            if word is not None:
                pieces.append(f" {word} ")
            elif character != _NUMERO and unicodedata.category(character) in _UNSPOKEN:
                pieces.append(" ")
            else:
                pieces.append(character)
        return "".join(pieces)


def _one_form(text: str) -> str:
    kept = text.replace(_NUMERO, _KEPT_NUMERO)
    folded = unicodedata.normalize("NFKC", kept).replace(_KEPT_NUMERO, f" {_NUMERO} ")
    visible = "".join(
        " " if unicodedata.category(character) in ("Cc", "Zl", "Zp", "Zs") else character
        for character in folded
    )
    return visible.lower().replace(_YO, _YE)


def _literal_pattern(words: dict[str, str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    body = "|".join(re.escape(word) for word in longest_first)
    return re.compile(rf"(?<![\w]){'(?:' + body + ')'}(?![\w])")
