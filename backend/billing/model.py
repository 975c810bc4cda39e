"""Billing's objects as the bot sees them: readings are `Decimal`, dates are the utility's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class Meter:
    """One meter of an account. `number` is the serial number printed on it."""

    id: str
    number: str
    service: str
    unit: str
    integer_digits: int
    decimal_digits: int
    accepts_readings: bool
    place: str | None = None
    last_reading: Decimal | None = None
    last_reading_date: date | None = None
    next_verification_date: date | None = None
    average_monthly: Decimal | None = None
    refusal: str | None = None


@dataclass(frozen=True)
class Period:
    """The month readings count in. `open` False: they count in the next one or are refused."""

    month: str
    open: bool
    opens: date | None = None
    closes: date | None = None


@dataclass(frozen=True)
class Account:
    """One account with its meters, in billing's order."""

    number: str
    period: Period
    meters: tuple[Meter, ...] = ()
    address: str | None = None

    @property
    def open_meters(self) -> tuple[Meter, ...]:
        """The meters that accept a reading now."""
        return tuple(meter for meter in self.meters if meter.accepts_readings)


@dataclass(frozen=True)
class Reading:
    """A value for one meter, to be submitted."""

    meter_id: str
    value: Decimal


@dataclass(frozen=True)
class Submission:
    """Readings of one account that a resident confirmed. `channel` is one of billing's channels."""

    account: str
    channel: str
    submitted_at: datetime
    readings: tuple[Reading, ...]
    idempotency_key: str = field(repr=False)


@dataclass(frozen=True)
class Receipt:
    """Billing's proof that a submission arrived."""

    receipt_id: str
    accepted_at: datetime
    period: str


@dataclass(frozen=True)
class AcceptedReading:
    """A reading in billing's history. `counts` False: a later one of the period replaced it."""

    meter_id: str
    meter_number: str
    value: Decimal
    date: date
    counts: bool
    channel: str | None = None


@dataclass(frozen=True)
class Balance:
    """What is owed (positive) or overpaid (negative), in roubles."""

    amount: Decimal
    as_of: date
    pay_url: str | None = None
