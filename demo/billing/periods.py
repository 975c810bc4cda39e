"""When readings are taken: the billing month of a day and whether it is open."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Rule:
    """Days of the month on which readings are taken; `closes` None is the month's last day."""

    opens: int = 1
    closes: int | None = 25
    never: bool = False


@dataclass(frozen=True)
class Period:
    """One billing month, «YYYY-MM», with its first and last day for readings."""

    month: str
    opens: date
    closes: date
    open: bool


def period_on(today: date, rule: Rule) -> Period:
    """The period that is open on `today`, or else the next one to open."""
    this = _period(today.replace(day=1), rule)
    if rule.never or today > this.closes:
        this = _period(next_month(today), rule)
    return Period(
        this.month, this.opens, this.closes, not rule.never and this.opens <= today <= this.closes
    )


def next_month(day: date) -> date:
    """The first day of the month after `day`'s."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def months_before(day: date, months: int) -> date:
    """The same day of the month `months` months earlier, or that month's last day."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _period(first: date, rule: Rule) -> Period:
    last = monthrange(first.year, first.month)[1]
    return Period(
        month=f"{first:%Y-%m}",
        opens=first.replace(day=min(rule.opens, last)),
        closes=first.replace(day=min(rule.closes or last, last)),
        open=False,
    )
