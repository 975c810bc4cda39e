"""How values, dates and meters are written for a resident."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
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


def short_volume_text(value: Decimal) -> str:
    """«4,25», «12,8», «128», «0,004»: few digits, for places where every one must be readable."""
    for least, step in ((100, "1"), (10, "0.1"), (Decimal("0.01"), "0.01")):
        if value >= least:
            return reading_text(value.quantize(Decimal(step)))
    return reading_text(value.quantize(Decimal("0.001")))


def date_text(day: date) -> str:
    """«03.12.2019»."""
    return day.strftime("%d.%m.%Y")


def moment_text(moment: datetime, zone: tzinfo | None) -> str:
    """«03.12.2019 16:26» in the time of `zone`."""
    return moment.astimezone(zone).strftime("%d.%m.%Y %H:%M")


def meter_label(meter: Meter) -> str:
    """The service, the meter's number and, if billing knows it, the place."""
    label = f"{meter.service} №{meter.number}"
    return f"{label}, {meter.place}" if meter.place else label
