"""When a resident is due a reminder, and about what: pure rules over what billing says.

Each period has at most two reminders, one in its first days and one in its last. A period so short
that they would meet has the last one only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from backend.billing.model import Account, Meter, Period

# The second reminder comes this many days before the last day of the period.
CLOSING_DAYS = 2
# Waves take their time and processes may be down: the first reminder still makes sense this late.
OPENED_DAYS = 3
# Billing may move its dates: an account is looked at again after so many days at the latest.
LONGEST_PAUSE = 7


class Kind(str, Enum):
    """Which of a period's two reminders."""

    OPENED = "opened"
    CLOSING = "closing"


@dataclass(frozen=True)
class Daytime:
    """The hours in which residents are written to, in the utility's zone: `first` to `last`."""

    zone: ZoneInfo
    first: int
    last: int

    def includes(self, now: datetime) -> bool:
        """True if residents may be written to now."""
        return self.first <= now.astimezone(self.zone).hour < self.last

    def day(self, now: datetime) -> date:
        """The utility's day at `now`."""
        return now.astimezone(self.zone).date()

    def begins(self, day: date) -> datetime:
        """When the daytime of `day` begins."""
        return datetime.combine(day, time(self.first), self.zone)

    def ends(self, day: date) -> datetime:
        """When the daytime of `day` ends."""
        midnight = datetime.combine(day, time(), self.zone)
        return midnight.replace(hour=self.last) if self.last < 24 else midnight + timedelta(days=1)

    def next(self, now: datetime) -> datetime:
        """The next beginning of a daytime after `now`."""
        today = self.day(now)
        begins = self.begins(today)
        return begins if now < begins else self.begins(today + timedelta(days=1))


@dataclass(frozen=True)
class Missing:
    """An account whose period is open and the meters that have no reading in it."""

    account: Account
    meters: tuple[Meter, ...]


@dataclass(frozen=True)
class Plan:
    """What to say now: the (period, kind) pairs that are due, and everything that is missing."""

    due: tuple[tuple[str, Kind], ...]
    missing: tuple[Missing, ...]
    next_day: date

    @property
    def kind(self) -> Kind:
        """The more urgent of the kinds that are due."""
        closing = any(kind is Kind.CLOSING for _, kind in self.due)
        return Kind.CLOSING if closing else Kind.OPENED


def make_plan(
    accounts: Iterable[Account],
    given: Collection[tuple[str, str, str]],
    *,
    today: date,
    since: date,
) -> Plan:
    """What a resident who asked for reminders on `since` is due today.

    `given` holds (account, period, meter id) of readings known apart from billing's last dates.
    """
    due: dict[tuple[str, Kind], None] = {}
    missing: list[Missing] = []
    days: list[date] = []
    for account in accounts:
        period = account.period
        without = tuple(
            meter
            for meter in account.open_meters
            if not _has_reading(meter, period)
            and (account.number, period.month, meter.id) not in given
        )
        days.append(_next_day(period, today, is_missing=bool(without)))
        if not period.open or not without:
            continue
        missing.append(Missing(account, without))
        kind = kind_on(period, today=today, since=since)
        if kind is not None:
            due[period.month, kind] = None
    tomorrow = today + timedelta(days=1)
    return Plan(tuple(due), tuple(missing), min(days, default=tomorrow))


def kind_on(period: Period, *, today: date, since: date) -> Kind | None:
    """The reminder of `period` that is due today; none on the day on which it was asked for."""
    if not period.open or since >= today or (period.closes and today > period.closes):
        return None
    if period.closes and today >= period.closes - timedelta(days=CLOSING_DAYS):
        return Kind.CLOSING
    if period.opens is None:
        # Without a date it cannot be told whether it has just opened: once, if asked for before.
        return Kind.OPENED if f"{since:%Y-%m}" < period.month else None
    just_opened = today <= period.opens + timedelta(days=OPENED_DAYS)
    return Kind.OPENED if just_opened and since < period.opens else None


def _has_reading(meter: Meter, period: Period) -> bool:
    last = meter.last_reading_date
    if last is None:
        return False
    return last >= period.opens if period.opens else f"{last:%Y-%m}" >= period.month


def _next_day(period: Period, today: date, *, is_missing: bool) -> date:
    """The next day on which the account may be due something; billing is not asked before."""
    tomorrow = today + timedelta(days=1)
    wanted = tomorrow
    if not period.open and period.opens:
        wanted = period.opens
    elif period.open and not is_missing and period.closes:
        wanted = period.closes + timedelta(days=1)
    return min(max(wanted, tomorrow), today + timedelta(days=LONGEST_PAUSE))
