"""Finds the numbers of a message: typed, in words or mixed, and tells readings from the rest."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from backend.readings.account_numbers import AccountNumber, AccountProblem, parse_account_number
from backend.readings.composed import Composed
from backend.readings.composing import Composer
from backend.readings.items import items_of
from backend.readings.labels import LabelKind, labels_in
from backend.readings.number_match import NumberMatch, Role
from backend.readings.roles import Roles
from backend.readings.tokens import Message, TokenKind, read
from backend.readings.vocabulary import vocabulary

__all__ = [
    "AccountNumber",
    "AccountProblem",
    "NumberMatch",
    "Role",
    "find_numbers",
    "is_only_numbers",
    "parse_account_number",
]

_MINUS = re.compile(r"(?:^|[\n(;=])\s*-$")


def find_numbers(text: str, *, every_role: bool = False) -> list[NumberMatch]:
    """The numbers of `text` that may be readings, in order; with `every_role` all numbers.

    Never raises; only the first 4000 characters are looked at.
    """
    found = _find(text)
    return [match for match in found if every_role or match.role is Role.READING]


@lru_cache(maxsize=64)
def _find(text: str) -> tuple[NumberMatch, ...]:
    message = read(text)
    numbers = Composer(items_of(message.tokens)).compose()
    placed = Roles(message, numbers).decide()
    found = [_match(message, number, role) for number, role in placed]
    for token in message.tokens:
        if token.kind is TokenKind.SET_ASIDE and token.role:
            start, end = message.folded.span(token.start, token.end)
            digits = "".join(filter(str.isdigit, token.text))
            found.append(
                NumberMatch(Decimal(digits), start, end, text[start:end], True, digits,
                            role=token.role)
            )  # fmt: skip
    return tuple(sorted(found, key=lambda match: match.start))


def _match(message: Message, number: Composed, role: Role) -> NumberMatch:
    folded = message.folded
    first, value = number.start, number.value
    if number.negative or _MINUS.search(folded.text[:first]):
        value = -value
        if not number.negative:
            first = folded.text.rindex("-", 0, first)
    start, end = folded.span(first, number.end)
    return NumberMatch(
        value=value,
        start=start,
        end=end,
        text=folded.source[start:end],
        digits_typed=number.typed,
        integer_text=number.integer_text,
        alternatives=number.alternatives,
        parts=tuple(_match(message, part, role) for part in number.parts),
        certain=number.certain,
        role=role,
    )


def is_only_numbers(text: str) -> bool:
    """True if `text` holds a reading and beside it only marks, units and names of meters."""
    found = _find(text)
    if not any(match.role is Role.READING for match in found):
        return False
    if any(match.role not in (Role.READING, Role.ORDINAL) for match in found):
        return False
    message = read(text)
    plain = message.folded.text
    if any(mark in plain for mark in vocabulary().words("only_numbers", "marks_refused")):
        return False
    allowed = vocabulary().words("only_numbers", "connectives") | vocabulary().words(
        "units", "words"
    )
    water = vocabulary().words("labels", "water")
    labels = labels_in(plain, message.tokens)
    named = [
        label
        for label in labels
        if label.kind in (LabelKind.PLACE, LabelKind.SERVICE, LabelKind.SUM)
    ]
    for token in message.tokens:
        if token.kind is not TokenKind.WORD or token.text in allowed or token.text in water:
            continue
        start, end = message.folded.span(token.start, token.end)
        inside = any(match.start <= start and end <= match.end for match in found)
        if not inside and not any(label.start <= token.start < label.end for label in named):
            return False
    return True
