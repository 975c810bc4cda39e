"""Finds an account number in a message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from backend.readings.composing import Composer
from backend.readings.items import items_of
from backend.readings.number_match import Role
from backend.readings.roles import Roles
from backend.readings.tokens import TokenKind, read

SHORTEST = 5
LONGEST = 12
_GLUE = re.compile(r"[ ]?[-./]?[ ]?|[ ]?[()][ ]?")
_NOT_ACCOUNTS = frozenset({Role.DATE, Role.ADDRESS, Role.MONEY, Role.COUNT})


class AccountProblem(str, Enum):
    """Why a message holds no account number."""

    MISSING = "missing"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    SEVERAL = "several"


@dataclass(frozen=True)
class AccountNumber:
    """The digits of an account number with leading zeros, or the problem; exactly one is set."""

    number: str | None = None
    problem: AccountProblem | None = None


@dataclass(frozen=True)
class _Run:
    pieces: tuple[str, ...]
    labelled: bool

    @property
    def digits(self) -> str:
        return "".join(self.pieces)


def parse_account_number(text: str) -> AccountNumber:
    """The account number of `text`: 5-12 digits, typed in any grouping or spelled out."""
    runs = _runs(text)
    if not runs:
        return AccountNumber(problem=AccountProblem.MISSING)
    if labelled := [run for run in runs if run.labelled]:
        runs = labelled
    fitting: dict[str, None] = {}
    for run in runs:
        if SHORTEST <= len(run.digits) <= LONGEST:
            fitting[run.digits] = None
        elif len(run.digits) > LONGEST:
            whole = [piece for piece in run.pieces if SHORTEST <= len(piece) <= LONGEST]
            if len(whole) == len(run.pieces):
                fitting.update(dict.fromkeys(whole))
    if len(fitting) == 1:
        return AccountNumber(number=next(iter(fitting)))
    if fitting:
        return AccountNumber(problem=AccountProblem.SEVERAL)
    too_long = any(len(run.digits) > LONGEST for run in runs)
    return AccountNumber(problem=AccountProblem.TOO_LONG if too_long else AccountProblem.TOO_SHORT)


def _runs(text: str) -> list[_Run]:
    """Runs of digits that only a space, a dash, a dot or a slash divides."""
    message = read(text)
    plain = "".join(token.text for token in message.tokens)
    numbers = Composer(items_of(message.tokens)).compose()
    spans: list[tuple[int, int, str, Role]] = []
    for number, role in Roles(message, numbers).decide():
        if number.typed:
            pieces = re.finditer(r"\d+", plain[number.start : number.end])
            spans += [
                (number.start + piece.start(), number.start + piece.end(), piece.group(), role)
                for piece in pieces
            ]
        else:
            spans.append((number.start, number.end, number.integer_text, role))
    for token in message.tokens:
        if token.kind is TokenKind.SET_ASIDE and token.role is Role.PHONE:
            digits = "".join(filter(str.isdigit, token.text))
            role = Role.READING if "+" not in token.text and "(" not in token.text else Role.PHONE
            spans.append((token.start, token.end, digits, role))
    runs: list[_Run] = []
    last_end = -1
    for start, end, digits, role in sorted(spans):
        if role in _NOT_ACCOUNTS or role is Role.PHONE:
            last_end = -1
            continue
        labelled = role is Role.ACCOUNT
        if runs and last_end >= 0 and _GLUE.fullmatch(plain[last_end:start]):
            run = runs.pop()
            runs.append(_Run((*run.pieces, digits), run.labelled or labelled))
        else:
            runs.append(_Run((digits,), labelled))
        last_end = end
    return runs
