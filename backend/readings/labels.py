"""Recognises the words that name a place, a service or what a number is about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from rapidfuzz.distance import OSA

from backend.readings.number_words import number_words
from backend.readings.tokens import Token, TokenKind, read
from backend.readings.vocabulary import vocabulary

_SHORTEST_FUZZY = 6
_ELECTRICITY = "electricity"


class LabelKind(Enum):
    """What a label says about the number beside it."""

    PLACE = "place"
    SERVICE = "service"
    SUM = "sum"
    VOLUME = "volume"
    PREVIOUS = "previous"
    CURRENT = "current"


@dataclass(frozen=True)
class Label:
    """A word or abbreviation of a message; `start` and `end` are in the folded text."""

    kind: LabelKind
    name: str
    start: int = 0
    end: int = 0


_PLAIN_KINDS = {
    LabelKind.SUM: "sum",
    LabelKind.VOLUME: "volume",
    LabelKind.PREVIOUS: "previous",
    LabelKind.CURRENT: "current",
}


@lru_cache(maxsize=1)
def _forms() -> dict[str, tuple[LabelKind, str]]:
    forms: dict[str, tuple[LabelKind, str]] = {}
    for kind, key in ((LabelKind.PLACE, "places"), (LabelKind.SERVICE, "services")):
        for name, entry in vocabulary().at("labels", key).items():
            for form in entry["forms"]:
                forms.setdefault(form, (kind, name))
    for kind, key in _PLAIN_KINDS.items():
        for form in vocabulary().at("labels", key):
            forms.setdefault(form, (kind, key))
    return forms


@lru_cache(maxsize=1)
def _stems() -> tuple[tuple[str, LabelKind, str], ...]:
    return tuple(
        (stem, kind, name)
        for kind, key in ((LabelKind.PLACE, "places"), (LabelKind.SERVICE, "services"))
        for name, entry in vocabulary().at("labels", key).items()
        for stem in entry["stems"]
    )


@lru_cache(maxsize=8192)
def word_label(word: str) -> tuple[LabelKind, str] | None:
    """The kind and name of the label that a folded word is, misspellings included."""
    if word in _forms():
        return _forms()[word]
    for stem, kind, name in _stems():
        if word.startswith(stem):
            return kind, name
    if len(word) < _SHORTEST_FUZZY or number_words(word):
        return None
    if word in vocabulary().words("labels", "not_labels"):
        return None
    found = {
        (kind, name)
        for stem, kind, name in _stems()
        if len(stem) >= _SHORTEST_FUZZY
        and stem[0] == word[0]
        and name in vocabulary().words("labels", "misspelt")
        and OSA.distance(word[: len(stem)], stem, score_cutoff=1) <= 1
    }
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=1)
def _marked_pattern() -> tuple[re.Pattern[str], dict[str, tuple[LabelKind, str]]]:
    places = vocabulary().at("labels", "places")
    spellings = {
        spelling: (LabelKind.PLACE if name in places else LabelKind.SERVICE, name)
        for name, group in vocabulary().at("labels", "marked").items()
        for spelling in group
    }
    ordered = sorted(spellings, key=len, reverse=True)
    pattern = "|".join(re.escape(spelling).replace("\\.", r"\.\s?") for spelling in ordered)
    return re.compile(rf"(?<![^\W\d_])(?:{pattern})(?![^\W\d_])"), spellings


@lru_cache(maxsize=1)
def _volume_pattern() -> re.Pattern[str]:
    spans = vocabulary().at("labels", "volume_spans")
    pattern = "|".join(re.escape(span).replace("\\ ", r"\s+") for span in spans)
    return re.compile(rf"(?<![^\W\d_])(?:{pattern})(?![^\W\d_])")


def labels_in(text: str, tokens: Sequence[Token]) -> list[Label]:
    """Every label of a folded message, in order."""
    found: list[Label] = []
    pattern, spellings = _marked_pattern()
    for match in pattern.finditer(text):
        kind, name = spellings[re.sub(r"\s", "", match.group())]
        found.append(Label(kind, name, *match.span()))
    for match in _volume_pattern().finditer(text):
        found.append(Label(LabelKind.VOLUME, "volume", *match.span()))
    words = [token for token in tokens if token.kind is TokenKind.WORD]
    farewells = vocabulary().words("labels", "not_sum_before")
    for index, token in enumerate(words):
        if any(label.start < token.end and token.start < label.end for label in found):
            continue
        following = words[index + 1].text if index + 1 < len(words) else ""
        label = word_label(token.text)
        if label and not (label[0] is LabelKind.SUM and following in farewells):
            found.append(Label(*label, token.start, token.end))
    found += _rates(words, found)
    return sorted(found, key=lambda label: label.start)


def _rates(words: Sequence[Token], labels: Sequence[Label]) -> list[Label]:
    """«Day» and «night» as rates of electricity, not as a greeting or a time."""
    day = vocabulary().words("labels", "day_rates")
    night = vocabulary().words("labels", "night_rates")
    named = any(label.name == _ELECTRICITY for label in labels)
    said = {word.text for word in words}
    if not named and not (said & day and said & night):
        return []
    return [
        Label(LabelKind.SERVICE, _ELECTRICITY, word.start, word.end)
        for word in words
        if word.text in day or word.text in night
    ]


@lru_cache(maxsize=1024)
def names_in(text: str) -> frozenset[tuple[LabelKind, str]]:
    """The places and services that billing's own words («GVS m3», «kitchen») name."""
    message = read(text)
    return frozenset(
        (label.kind, label.name)
        for label in labels_in(message.folded.text, message.tokens)
        if label.kind in (LabelKind.PLACE, LabelKind.SERVICE)
    )
