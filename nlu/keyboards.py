"""Recognises the wrong keyboard layout and Russian written in Latin letters."""

from __future__ import annotations

import re
from itertools import islice, product
from pathlib import Path

import yaml
from rapidfuzz import process
from rapidfuzz.distance import OSA

from nlu.morphology import Morphology
from nlu.vocabulary import Vocabulary

KEYBOARDS_FILE = Path(__file__).with_name("keyboards.yml")

_LATIN = re.compile(r"[a-z]")
_TOKEN = re.compile(r"\S+")
_EDGE_SIGNS = ".,;:!?'\"()[]"
_ENOUGH_UNDERSTOOD = 0.6
_MOST_SPELLINGS = 48
_LONGEST_CONVERTED = 40
_SURELY_ENGLISH = 4


class Keyboards:
    """Reads Latin letters as the Russian they were meant to be, when that makes words."""

    def __init__(
        self, vocabulary: Vocabulary, morphology: Morphology, path: Path = KEYBOARDS_FILE
    ) -> None:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        latin, cyrillic = (
            content["latin_keys"],
            content["cyrillic_keys"].replace("\u0451", "\u0435"),
        )
        self._to_cyrillic = str.maketrans(latin, cyrillic)
        self._to_latin = str.maketrans(cyrillic, latin)
        self._translit: dict[str, list[str]] = content["translit"]
        self._longest_key = max(map(len, self._translit))
        self._foreign = vocabulary.foreign
        self._forms = vocabulary.forms | vocabulary.glue | vocabulary.colloquial.keys()
        self._choices = sorted(vocabulary.forms)
        self._english = frozenset(content["english"])
        self._abbreviations = vocabulary.abbreviations
        self._morphology = morphology

    def correct(self, text: str) -> str:
        """The text with its Latin words turned into Russian, if most of them then make sense."""
        if not _LATIN.search(text):
            return _TOKEN.sub(lambda found: self._from_russian_keys(found.group()), text)
        tokens = text.split()
        if 2 * sum(token.strip(_EDGE_SIGNS) in self._english for token in tokens) >= len(tokens):
            return text
        readings = [
            [self._own_words(token) for token in tokens],
            [self._by_layout(token) for token in tokens],
            [self._by_translit(token) for token in tokens],
        ]
        scores = [sum(score for _, score in reading) for reading in readings]
        size = sum(_letters(token) for token in tokens if _LATIN.search(token)) or 1
        best = max(range(len(readings)), key=lambda index: scores[index])
        if scores[best] / size < _ENOUGH_UNDERSTOOD:
            return text
        return " ".join(word for word, _ in readings[best])

    def _from_russian_keys(self, token: str) -> str:
        """An English word that was typed on Russian keys, or the token itself."""
        meant = self._foreign.get(token.translate(self._to_latin)) if len(token) > 1 else None
        if meant is None or token in self._forms or self._morphology.is_known(token):
            return token
        return meant

    def _own_words(self, token: str) -> tuple[str, float]:
        core = token.strip(_EDGE_SIGNS)
        meant = self._foreign.get(core)
        if meant is None:
            return token, 0.0
        return token.replace(core, meant), 1.2 * len(core)

    def _by_layout(self, token: str) -> tuple[str, float]:
        if not _LATIN.search(token):
            return token, 0.0
        whole = token.translate(self._to_cyrillic)
        core = token.rstrip(_EDGE_SIGNS)
        trimmed = core.translate(self._to_cyrillic) + token[len(core) :]
        return max(
            ((word, self._sense(word)) for word in (whole, trimmed)), key=lambda pair: pair[1]
        )

    def _by_translit(self, token: str) -> tuple[str, float]:
        if not _LATIN.search(token) or len(token) > _LONGEST_CONVERTED:
            return token, 0.0
        core = token.strip(_EDGE_SIGNS.replace("'", ""))
        if len(core) >= _SURELY_ENGLISH and core in self._foreign:
            return self._own_words(token)
        spellings = islice(product(*self._spellings(core)), _MOST_SPELLINGS)
        candidates = ["".join(spelling) for spelling in spellings]
        best = max(candidates, key=self._sense)
        return token.replace(core, best) if core else token, self._sense(best)

    def _spellings(self, core: str) -> list[list[str]]:
        pieces, position = [], 0
        while position < len(core):
            for length in range(self._longest_key, 0, -1):
                key = core[position : position + length]
                if len(key) == length and key in self._translit:
                    pieces.append(self._translit[key])
                    position += length
                    break
            else:
                pieces.append([core[position]])
                position += 1
        return pieces

    def _sense(self, word: str) -> float:
        """How many letters of the word are understood: all, some or none."""
        core = word.strip(_EDGE_SIGNS)
        if core in self._forms or core in self._abbreviations:
            return 1.1 * len(core)
        if self._morphology.is_known(core):
            return float(len(core))
        if len(core) >= 5 and process.extractOne(
            core, self._choices, scorer=OSA.distance, score_cutoff=1
        ):
            return 0.9 * len(core)
        return 0.0


def _letters(token: str) -> int:
    return sum(character.isalpha() for character in token)
