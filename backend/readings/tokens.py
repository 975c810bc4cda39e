"""Cuts a folded message into words, typed numbers and marks, and sets aside what is no reading."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from backend.readings.folding import Folded, fold
from backend.readings.number_match import Role
from backend.readings.vocabulary import vocabulary

# Never over the end of a line: «8900» and a meter's number below it are no phone.
_PHONE = re.compile(
    r"(?<![\d.,])(?:"
    r"\+[ \t]?\d[ \t(-]*\d{3}[ \t)-]*\d{3}[ \t-]*\d{2}[ \t-]*\d{2}"
    r"|[78][ \t(-]*(?:9\d\d|812|800|495|499|813)[ \t)-]*\d{3}[ \t-]*\d{2}[ \t-]*\d{2}"
    r"|\(\d{3,4}\)[ \t-]*\d{2,3}-?\d{2}-?\d{2}"
    r"|\d{3}-\d{2}-\d{2}"
    r")(?!\d)"
)
_FULL_DATE = re.compile(
    r"(?<![\d.,/-])(?:"
    r"(?P<day>\d{1,2})(?P<mark>[./-])(?P<month>\d{1,2})(?P=mark)(?P<year>\d{4}|\d\d)"
    r"|(?P<iso_year>(?:19|20)\d\d)-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)"
    r")(?![\d]|[.,/-]\d)"
)
_MONTH_AND_YEAR = re.compile(r"(?<![\d.,/-])(?:0\d|1[0-2])[./]20[0-3]\d(?![\d]|[.,]\d)")
_TIME = re.compile(r"(?<![\d.,:])(?:[01]?\d|2[0-3]):[0-5]\d(?![\d:])")
_TOKEN = re.compile(
    r"(?P<number>(?:(?<!\S)[.,])?\d+(?:[.,'`]\d+)*)"
    r"|(?P<word>[^\W\d_]+)|(?P<space>[ ]+)|(?P<mark>[\s\S])"
)
_ALL_ZERO_LETTERS = 3
_LONGEST_HOUSE_NUMBER = 3


class TokenKind(Enum):
    """What a token is."""

    NUMBER = 1
    WORD = 2
    SPACE = 3
    MARK = 4
    UNIT = 5
    SET_ASIDE = 6  # a date, a phone, a time: `role` says which


@dataclass(frozen=True)
class Token:
    """A piece of the folded text; `guessed` is True when letters were read as digits."""

    kind: TokenKind
    text: str
    start: int
    end: int
    role: Role | None = None
    guessed: bool = False


@lru_cache(maxsize=1)
def _unit_pattern() -> re.Pattern[str]:
    spellings = sorted(vocabulary().at("units", "with_digit"), key=len, reverse=True)
    pattern = "|".join(re.escape(spelling) for spelling in spellings)
    return re.compile(rf"(?<![^\W\d_])(?:{pattern})(?![^\W_])")


@lru_cache(maxsize=1)
def _lookalike_pattern() -> re.Pattern[str]:
    letters = "".join(re.escape(letter) for letter in vocabulary().at("digit_lookalikes"))
    return re.compile(rf"(?<![^\W_|])[\d{letters}]{{2,}}(?![^\W_|])")


def _is_date(found: re.Match[str]) -> bool:
    day = int(found["day"] or found["iso_day"])
    month = int(found["month"] or found["iso_month"])
    year = found["year"] or found["iso_year"]
    if found["mark"] == "-" and len(year) == 2:
        return False
    return 1 <= day <= 31 and 1 <= month <= 12


def _digits_for(run: str) -> str | None:
    """The digits that a run of digits and look-alike letters stands for, if it is a number."""
    digits = sum(character.isdigit() for character in run)
    letters = len(run) - digits
    if not digits or not letters:
        return None
    zeros = vocabulary().words("zero_lookalikes")
    table = vocabulary().at("digit_lookalikes")
    if all(character.isdigit() or character in zeros for character in run):
        trusted = len(run) >= _ALL_ZERO_LETTERS
    else:
        trusted = digits >= 2 and digits > letters
    house = run[-1] in vocabulary().words("house_letters") and digits <= _LONGEST_HOUSE_NUMBER
    if not trusted or (house and letters == 1):
        return None
    return "".join(table.get(character, character) for character in run)


def _set_aside(text: str) -> list[Token]:
    """The spans whose meaning is plain from their form, in order and without overlaps."""
    found: list[Token] = []
    taken = bytearray(len(text))

    def take(match: re.Match[str], kind: TokenKind, role: Role | None) -> None:
        start, end = match.span()
        if not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            found.append(Token(kind, match.group(), start, end, role))

    for match in _unit_pattern().finditer(text):
        take(match, TokenKind.UNIT, None)
    for match in _PHONE.finditer(text):
        take(match, TokenKind.SET_ASIDE, Role.PHONE)
    for match in _FULL_DATE.finditer(text):
        if _is_date(match):
            take(match, TokenKind.SET_ASIDE, Role.DATE)
    for pattern in (_MONTH_AND_YEAR, _TIME):
        for match in pattern.finditer(text):
            take(match, TokenKind.SET_ASIDE, Role.DATE)
    return sorted(found, key=lambda token: token.start)


@dataclass(frozen=True)
class Message:
    """A message cut into tokens."""

    folded: Folded
    tokens: tuple[Token, ...]


@lru_cache(maxsize=64)
def read(text: str) -> Message:
    """Folds and cuts `text`. The last few messages are remembered: one turn asks several times."""
    folded = fold(text)
    plain = folded.text
    aside = _set_aside(plain)
    guessed = bytearray(len(plain))

    def digits(match: re.Match[str]) -> str:
        replaced = _digits_for(match.group())
        if replaced is None:
            return match.group()
        guessed[match.start() : match.end()] = b"\x01" * len(replaced)
        return replaced

    plain = _lookalike_pattern().sub(digits, plain)
    tokens: list[Token] = []
    position = 0
    for stop in (*aside, None):
        limit = stop.start if stop else len(plain)
        while position < limit:
            match = _TOKEN.match(plain, position, limit)
            assert match is not None
            kind = TokenKind[str(match.lastgroup).upper()]
            start, end = match.span()
            tokens.append(Token(kind, match.group(), start, end, guessed=any(guessed[start:end])))
            position = end
        if stop:
            tokens.append(stop)
            position = stop.end
    return Message(folded, tuple(tokens))
