"""How values, dates and meters are written for a resident."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from backend.billing.model import Meter


def reading_text(value: Decimal) -> str:
    """«56578», «56578,4»: a comma, no exponent, no zeros at the end of the decimals."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text == "-0":
        text = "0"
    return text.replace(".", ",")


def volume_text(value: Decimal, unit: str = "") -> str:
    """«12,5», or «12,5 m³» with a unit."""
    return f"{reading_text(value)} {unit}" if unit else reading_text(value)


def date_text(day: date) -> str:
    """«03.12.2019»."""
    return day.strftime("%d.%m.%Y")


def meter_label(meter: Meter) -> str:
    """The service, the meter's number and, if billing knows it, the place."""
    label = f"{meter.service} №{meter.number}"
    return f"{label}, {meter.place}" if meter.place else label
