"""The history of one account as a resident is shown it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from backend.billing.model import Meter
from backend.readings.outcomes import ConfirmedReading


@dataclass(frozen=True)
class PastReading:
    """A reading that counts. `volume` is what was used since the one before it, if known.

    `channel` is the way it came, in billing's own word.
    """

    date: date
    value: Decimal
    volume: Decimal | None = None
    channel: str | None = None


@dataclass(frozen=True)
class MonthVolume:
    """What was used in a month, in the meter's unit. `month` is its first day.

    `volume` None: unknown. `estimated`: no reading ended this month, its part is an even share.
    """

    month: date
    volume: Decimal | None = None
    estimated: bool = False


@dataclass(frozen=True)
class MeterHistory:
    """One meter: its readings, newest first, and its last months, oldest first.

    `meter` None: billing does not name the meter any more, only its readings.
    """

    number: str
    meter: Meter | None = None
    readings: tuple[PastReading, ...] = ()
    months: tuple[MonthVolume, ...] = ()

    @property
    def unit(self) -> str:
        """The unit of its volumes, empty if it is unknown."""
        return self.meter.unit if self.meter is not None else ""

    @property
    def is_drawable(self) -> bool:
        """True if at least one month's volume is known."""
        return any(month.volume is not None for month in self.months)


class Standing(str, Enum):
    """What became of a confirmed submission."""

    ACCEPTED = "accepted"
    REPLACED = "replaced"  # accepted; later ones of the same period count instead
    WAITING = "waiting"
    REFUSED = "refused"


@dataclass(frozen=True)
class SubmissionRecord:
    """A submission that the resident confirmed. `at` is billing's time once it is accepted.

    `receipt` is set for accepted and replaced ones, `reason` for refused ones if billing gave one.
    """

    standing: Standing
    at: datetime
    readings: tuple[ConfirmedReading, ...]
    receipt: str | None = None
    reason: str | None = None


class Trouble(str, Enum):
    """Why billing's part of the history is missing."""

    NOT_FOUND = "not_found"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class AccountHistory:
    """One account: its meters in billing's order, and this resident's own submissions."""

    meters: tuple[MeterHistory, ...] = ()
    submissions: tuple[SubmissionRecord, ...] = ()
    trouble: Trouble | None = None
