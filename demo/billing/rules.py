"""Whether billing takes a reading: the checks of the contract, one after another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from demo.billing.periods import Period
from demo.billing.seeds import Account, Meter

DAYS_OF_A_MONTH = Decimal("30.44")
HIGHEST_MONTHLY = Decimal(100)
HIGHEST_TIMES_AVERAGE = 20
DIAL_OVER_FROM = Decimal("0.9")


@dataclass(frozen=True)
class Previous:
    """The reading that counts from before this period."""

    value: Decimal
    date: date


class Refused(Exception):
    """A submission is not taken. `facts` fill the sentence of problems.yml that `code` names."""

    def __init__(self, code: str, meter_id: str | None = None, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.meter_id = meter_id
        self.facts = facts


def check_period(period: Period) -> None:
    """Raises Refused if no readings are taken now."""
    if not period.open:
        raise Refused("period_closed", opens=period.opens, closes=period.closes)


def meter_of(account: Account, meter_id: str) -> Meter:
    """The account's meter. Raises Refused if it has none of that id."""
    meter = account.meters.get(meter_id)
    if meter is None:
        raise Refused("meter_not_found", meter_id)
    return meter


def is_expired(meter: Meter, today: date) -> bool:
    """True once the day of the next verification has passed."""
    return meter.verification is not None and meter.verification < today


def check_reading(meter: Meter, value: Decimal, previous: Previous | None, today: date) -> None:
    """Raises Refused unless this value of this meter can be taken today."""
    if meter.refusal:
        raise Refused("meter_closed", meter.id, meter=meter.name, refusal=meter.refusal)
    if is_expired(meter, today):
        raise Refused(
            "verification_expired", meter.id, meter=meter.name, verification=meter.verification
        )
    dial = Decimal(10) ** meter.integer_digits
    if value >= dial or value != round(value, meter.decimal_digits):
        raise Refused(
            "too_many_digits",
            meter.id,
            meter=meter.name,
            integer_digits=meter.integer_digits,
            decimal_digits=meter.decimal_digits,
        )
    if previous is None:
        return
    highest = _highest_volume(meter, (today - previous.date).days)
    volume = value - previous.value
    if volume < 0:
        over_the_dial = dial + volume
        if previous.value >= dial * DIAL_OVER_FROM and over_the_dial <= highest:
            return
        raise Refused(
            "reading_below_previous",
            meter.id,
            meter=meter.name,
            value=value,
            previous=previous.value,
            previous_date=previous.date,
        )
    if volume > highest:
        raise Refused(
            "reading_too_high", meter.id, meter=meter.name, volume=volume, unit=meter.unit
        )


def _highest_volume(meter: Meter, days: int) -> Decimal:
    monthly = max(HIGHEST_TIMES_AVERAGE * (meter.average or Decimal(0)), HIGHEST_MONTHLY)
    return monthly * max(Decimal(1), days / DAYS_OF_A_MONTH)
