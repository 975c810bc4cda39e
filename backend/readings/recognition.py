"""Understands a whole message: which number is the reading of which meter, and what to ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from backend.billing.model import Meter
from backend.readings.attempt import Attempt
from backend.readings.number_match import NumberMatch, Role
from backend.readings.numbers import find_numbers
from backend.readings.placing import (
    plausible,
)
from backend.readings.recognised import (
    Ambiguity,
    Problem,
    Recognition,
)

__all__ = ["recognise"]


def recognise(text: str, meters: Sequence[Meter], asked: Meter | None = None) -> Recognition:
    """Places the numbers of `text` on `meters` (in the order the bot lists them).

    `asked` is the meter the bot's last question was about. Nothing is guessed: what is not plain
    is in `leftovers`, `ambiguous` and `problems`. Never raises.
    """
    matches = find_numbers(text, every_role=True)
    whole = Attempt(text, meters, asked, matches).result()
    if not any(match.parts for match in matches if match.role is Role.READING):
        return whole
    split = Attempt(text, meters, asked, _divided(matches), divided=True).result()
    clear_whole, clear_split = _is_good(whole, meters), _is_good(split, meters)
    if clear_split and not clear_whole:
        return split
    if clear_split and clear_whole and asked is None:
        return _either(whole, split)
    if not whole.is_clear and meters and _beyond_every_dial(matches, meters):
        return split
    return whole


def _beyond_every_dial(matches: Sequence[NumberMatch], meters: Sequence[Meter]) -> bool:
    """True if a number that may be several is too long for any meter."""
    longest = max(meter.integer_digits for meter in meters)
    return any(match.parts and match.value >= Decimal(10) ** longest for match in matches)


def _divided(matches: Sequence[NumberMatch]) -> list[NumberMatch]:
    return [
        part
        for match in matches
        for part in (match.parts if match.role is Role.READING and match.parts else (match,))
    ]


def _is_good(recognition: Recognition, meters: Sequence[Meter]) -> bool:
    by_id = {meter.id: meter for meter in meters}
    return recognition.is_clear and all(
        plausible(by_id[item.meter_id], item.value) for item in recognition.assigned
    )


def _either(whole: Recognition, split: Recognition) -> Recognition:
    """Both as one number and as several the message makes sense: it must be asked about."""
    if whole.values == split.values:
        return whole
    unclear = tuple(
        Ambiguity(Problem.AMBIGUOUS_NUMBER, item.match, item.match.options, (item.meter_id,))
        for item in whole.assigned
        if item.match.parts
    )
    kept = tuple(item for item in whole.assigned if not item.match.parts)
    return replace(
        whole,
        assigned=kept,
        ambiguous=(*whole.ambiguous, *unclear),
        leftovers=(*whole.leftovers, *(item.match for item in unclear)),
        problems=(*whole.problems, Problem.AMBIGUOUS_NUMBER),
    )
