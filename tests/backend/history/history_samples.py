"""Readings to make histories of."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from backend.billing.model import AcceptedReading


def accepted(
    value: str,
    day: str,
    *,
    meter: str = "m-1",
    counts: bool = True,
    channel: str | None = None,
) -> AcceptedReading:
    """A reading of billing's history."""
    number = f"17100{meter[-1]}"
    return AcceptedReading(meter, number, Decimal(value), date.fromisoformat(day), counts, channel)
