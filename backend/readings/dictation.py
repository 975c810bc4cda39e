"""Joins digits, or groups of digits, that were dictated one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from backend.readings.composed import Composed

_DIGITS_SURELY_DICTATED = 4
_DIGITS_DICTATED = 3


def _is_digit(number: Composed) -> bool:
    return len(number.integer_text) == 1


def joined(run: list[Composed]) -> list[Composed]:
    """One number if `run` was dictated digit by digit or in groups, else the numbers of `run`."""
    if len(run) == 1:
        return run
    zeros = 0
    while zeros < len(run) and run[zeros].integer_text.strip("0") == "":
        zeros += 1
    rest = run[zeros:]
    if all(number.typed for number in run):
        dictated = all(map(_is_digit, run)) and len(run) >= _DIGITS_DICTATED
        return [_concatenated(run, len(run) >= _DIGITS_SURELY_DICTATED)] if dictated else run
    if all(map(_is_digit, run)):
        sure = len(run) >= _DIGITS_DICTATED or zeros > 0
        return [_concatenated(run, sure)]
    if len(rest) == 1 and zeros:
        return [_concatenated(run, rest[0].certain)]
    two_groups = len(rest) == 2 and rest[0].value < 1000 and len(rest[1].integer_text) == 3
    spoken = not all(number.typed for number in rest)
    if two_groups and spoken and all(not number.parts for number in rest):
        return [_concatenated(run, False)]
    return run


def _concatenated(run: Sequence[Composed], certain: bool) -> Composed:
    digits = "".join(number.integer_text for number in run)
    last = run[-1]
    fraction = last.value - int(last.value)
    return Composed(
        Decimal(int(digits)) + fraction,
        digits,
        run[0].first,
        last.stop,
        run[0].start,
        last.end,
        all(number.typed for number in run),
        certain,
        parts=tuple(replace(number, parts=()) for number in run),
        negative=run[0].negative,
    )
