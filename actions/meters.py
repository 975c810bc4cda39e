"""The meters of an open form, kept in a slot as billing described them when the form began."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from rasa_sdk import Tracker

from actions.texts import line
from backend.billing.model import Meter
from backend.readings.format import reading_text
from backend.readings.labels import names_in

# The answer to «which reading is wrong?» that means all of them.
ALL_METERS = "all"
_DECIMALS = ("last_reading", "average_monthly")
_DATES = ("last_reading_date", "next_verification_date")
# Shorter numbers are positions in the list of meters.
_DIGITS_OF_A_NUMBER = 3
# More words than these are a sentence about something else.
_MOST_WORDS = 4


def to_slot(meters: Iterable[Meter]) -> list[dict[str, Any]]:
    """Meters as JSON."""
    stored = []
    for meter in meters:
        fields = dict(vars(meter))
        for name in (*_DECIMALS, *_DATES):
            if fields[name] is not None:
                fields[name] = str(fields[name])
        stored.append(fields)
    return stored


def from_slot(tracker: Tracker) -> list[Meter]:
    """The meters of the open form, in billing's order."""
    meters = []
    for stored in tracker.get_slot("meters") or []:
        fields = dict(stored)
        for name in _DECIMALS:
            if fields[name] is not None:
                fields[name] = Decimal(fields[name])
        for name in _DATES:
            if fields[name] is not None:
                fields[name] = date.fromisoformat(fields[name])
        meters.append(Meter(**fields))
    return meters


def label(meter: Meter, meters: list[Meter]) -> str:
    """The meter's service and number, with its place where the account has more than one."""
    name = f"{meter.service} №{meter.number}"
    return f"{name}, {meter.place}" if meter.place and len(meters) > 1 else name


def named_meter(words: str, meters: list[Meter]) -> Meter | None:
    """The one meter that is named by its id, number, position in the list, place or service."""
    exact = [meter for meter in meters if words in (meter.id, meter.number)]
    if exact:
        return exact[0]
    position = words.strip().rstrip(".)")
    if position.isdecimal() and len(position) < _DIGITS_OF_A_NUMBER:
        return meters[int(position) - 1] if 1 <= int(position) <= len(meters) else None
    wanted = _words(words)
    if not wanted or len(wanted) > _MOST_WORDS:
        return None
    found = [meter for meter in meters if wanted <= _words(label(meter, meters))]
    names = names_in(words)
    if len(found) != 1 and names:
        found = [meter for meter in meters if names <= names_in(label(meter, meters))]
    return found[0] if len(found) == 1 else None


def all_named(words: str, domain: dict[str, Any]) -> bool:
    """True if the words are those of the button for all meters, or some of them."""
    wanted = _words(words)
    return bool(wanted) and wanted <= _words(line(domain, "utter_button_all_meters"))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold().replace("\u0451", "\u0435")))


def given(tracker: Tracker) -> dict[str, Decimal]:
    """The values given so far, by meter id."""
    return {key: Decimal(value) for key, value in (tracker.get_slot("readings") or {}).items()}


def counting(tracker: Tracker) -> dict[str, Decimal]:
    """The values of this period that count already or wait for billing, by meter id."""
    return {key: Decimal(value) for key, value in (tracker.get_slot("counting") or {}).items()}


def asked_about(meters: list[Meter]) -> list[Meter]:
    """The meters that the form asks about: those that are not left out."""
    return [meter for meter in meters if meter.accepts_readings]


def next_meter(meters: list[Meter], values: dict[str, Decimal]) -> Meter | None:
    """The first meter without a value, or None when all that are not left out have one."""
    return next((meter for meter in asked_about(meters) if meter.id not in values), None)


def reading_lines(
    meters: list[Meter], values: Mapping[str, Decimal], domain: dict[str, Any]
) -> str:
    """A line for each meter that has a value."""
    return "\n".join(
        line(
            domain,
            "utter_reading_line",
            meter=label(meter, meters),
            value=reading_text(values[meter.id]),
        )
        for meter in meters
        if meter.id in values
    )
