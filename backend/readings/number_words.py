"""Looks a single word up among the number words, with its usual misspellings."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import lru_cache

from rapidfuzz.distance import OSA

from backend.readings.vocabulary import vocabulary

_SHORTEST_FUZZY = 6
_SHORTEST_TARGET = 5
_LONG_WORD = 9
_LONGEST_WORD = 60


class Kind(Enum):
    """What a word does inside a number."""

    DIGIT = 1
    TEEN = 2
    TEN = 3
    HUNDRED = 4
    TIMES_HUNDRED = 5
    THOUSAND = 6
    MILLION = 7
    ONE_AND_HALF = 8
    HALF = 9
    QUARTER = 10
    WHOLE = 11
    FRACTION = 12
    POINT = 13
    AND = 14
    WITH = 15
    MINUS = 16
    ORDINAL = 17
    FIXED = 18


@dataclass(frozen=True)
class NumberWord:
    """A number word. A fraction's `value` is how many decimals it has (tenths: 1)."""

    kind: Kind
    value: Decimal = Decimal(0)
    typo: bool = False


ADDABLE = frozenset({Kind.DIGIT, Kind.TEEN, Kind.TEN, Kind.HUNDRED})


@lru_cache(maxsize=1)
def _exact() -> dict[str, NumberWord]:
    numbers = vocabulary().at("numbers")
    words: dict[str, NumberWord] = {}

    def add(kind: Kind, value: str | int, forms: list[str]) -> None:
        for form in forms:
            words.setdefault(form, NumberWord(kind, Decimal(value)))

    for group, kind in (
        ("digits", Kind.DIGIT),
        ("teens", Kind.TEEN),
        ("tens", Kind.TEN),
        ("hundreds", Kind.HUNDRED),
        ("ordinals", Kind.ORDINAL),
    ):
        for value, forms in numbers[group].items():
            add(kind, value, forms)
    for group, kind, amount in (
        ("times_hundred", Kind.TIMES_HUNDRED, "100"),
        ("thousand", Kind.THOUSAND, "1000"),
        ("million", Kind.MILLION, "1000000"),
        ("one_and_half", Kind.ONE_AND_HALF, "1.5"),
        ("half_hundred", Kind.FIXED, "50"),
        ("one_and_half_hundred", Kind.FIXED, "150"),
        ("half_thousand", Kind.FIXED, "500"),
        ("half", Kind.HALF, "0.5"),
        ("quarter", Kind.QUARTER, "0.25"),
        ("whole", Kind.WHOLE, "0"),
        ("tenths", Kind.FRACTION, "1"),
        ("hundredths", Kind.FRACTION, "2"),
        ("thousandths", Kind.FRACTION, "3"),
        ("point", Kind.POINT, "0"),
        ("and", Kind.AND, "0"),
        ("with", Kind.WITH, "0"),
        ("minus", Kind.MINUS, "0"),
    ):
        add(kind, amount, numbers[group])
    return words


@lru_cache(maxsize=1)
def _addable_forms() -> tuple[str, ...]:
    """Whole and beginnable words, the longest first, for words that were written together."""
    forms = (word for word, entry in _exact().items() if entry.kind in ADDABLE and len(word) > 2)
    return tuple(sorted(forms, key=len, reverse=True))


def _closest(word: str) -> NumberWord | None:
    """The number word that `word` misspells: exactly one value within the allowed distance.

    The first letter must be right, and the dictionary's words near a number word are excluded.
    """
    weak = vocabulary().words("numbers", "never_alone")
    allowed = 2 if len(word) >= _LONG_WORD else 1
    best = allowed + 1
    found: set[NumberWord] = set()
    for form in _addable_forms():
        if form[0] != word[0] or len(form) < _SHORTEST_TARGET or form in weak:
            continue
        if abs(len(form) - len(word)) > allowed:
            continue
        distance = OSA.distance(word, form, score_cutoff=allowed)
        if distance < best:
            best, found = distance, {_exact()[form]}
        elif distance == best and distance <= allowed:
            found.add(_exact()[form])
    if len(found) != 1:
        return None
    entry = found.pop()
    return NumberWord(entry.kind, entry.value, typo=True)


def _joined(word: str) -> tuple[NumberWord, ...] | None:
    """The number words that `word` consists of when they were written without spaces."""
    exact = _exact()
    thousand = vocabulary().words("numbers", "thousand") - vocabulary().words(
        "numbers", "glued_only"
    )
    rest, found = word, []
    while rest:
        for form in (*sorted(thousand, key=len, reverse=True), *_addable_forms()):
            if rest.startswith(form):
                found.append(exact[form])
                rest = rest[len(form) :]
                break
        else:
            return None
    return tuple(found) if len(found) > 1 and found[0].kind is not Kind.THOUSAND else None


@lru_cache(maxsize=8192)
def number_words(word: str) -> tuple[NumberWord, ...]:
    """The number words in one folded word: usually none or one, several if written together."""
    entry = _exact().get(word)
    if entry is not None:
        return (entry,)
    if not _SHORTEST_FUZZY <= len(word) <= _LONGEST_WORD:
        return ()
    if word in vocabulary().words("numbers", "not_numbers"):
        return ()
    if joined := _joined(word):
        return joined
    closest = _closest(word)
    return (closest,) if closest else ()
