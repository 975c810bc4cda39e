"""The meters of an open form, kept in a slot as billing described them when the form began."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from rasa_sdk import Tracker

from backend.billing.model import Meter

_DECIMALS = ("last_reading", "average_monthly")
_DATES = ("last_reading_date", "next_verification_date")


def to_slot(meters: tuple[Meter, ...]) -> list[dict[str, Any]]:
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
    """«ГВС №1710051»; the place is added where the account has more than one meter."""
    name = f"{meter.service} №{meter.number}"
    return f"{name}, {meter.place}" if meter.place and len(meters) > 1 else name


def given(tracker: Tracker) -> dict[str, Decimal]:
    """The values given so far, by meter id."""
    return {key: Decimal(value) for key, value in (tracker.get_slot("readings") or {}).items()}


def next_meter(meters: list[Meter], values: dict[str, Decimal]) -> Meter | None:
    """The first meter without a value, or None when all have one."""
    return next((meter for meter in meters if meter.id not in values), None)
