"""Volumes out of readings: between two readings, and by calendar month.

A volume belongs to the month of the reading that ends it, so that a bar is what the bill says. Of
two readings in one month the earlier, if it came in the first half, ends the month before: somebody
who gives readings on the 2nd and then on the 24th has used one month's and not two months' water.
Where months have no reading, the volume of the whole gap is divided among them evenly and marked as
an estimate, so that the months add up to what the meter counted. A meter that went backwards for
another reason than its dial's end (it was replaced) leaves the months up to that reading unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_DOWN, Decimal
from itertools import pairwise

from backend.billing.model import AcceptedReading
from backend.history.model import MonthVolume, PastReading

SHOWN_MONTHS = 12
# A dial goes over its end only from its last tenth into its first one.
DIAL_END = Decimal("0.9")
MONTHS_IN_YEAR = 12
FIRST_HALF = 15
FINEST = Decimal("0.001")
# Dates outside are slips of somebody's pen; they would be months by the thousand.
FIRST_YEAR, LAST_YEAR = 1990, 2190


def past_readings(
    accepted: Iterable[AcceptedReading], dial: Decimal | None
) -> tuple[PastReading, ...]:
    """The readings of one meter that count, with their volumes; newest first as they came.

    `dial` is the first value that the dial cannot show, None if it is unknown.
    """
    counting = [reading for reading in accepted if reading.counts]
    # Stable: of one day's readings the one that billing names first is the newest.
    counting.sort(key=lambda reading: reading.date, reverse=True)
    earlier: list[AcceptedReading | None] = [*counting[1:], None]
    return tuple(
        PastReading(
            reading.date,
            reading.value,
            None if before is None else volume(before.value, reading.value, dial),
            reading.channel,
        )
        for reading, before in zip(counting, earlier, strict=False)
    )


def volume(before: Decimal, after: Decimal, dial: Decimal | None) -> Decimal | None:
    """What was used between two readings, across the dial's end; None if that can't be known."""
    used = after - before
    if used >= 0:
        return used
    went_over = dial is not None and before >= dial * DIAL_END and after < dial * (1 - DIAL_END)
    return used + dial if went_over and dial is not None else None


def monthly_volumes(readings: Sequence[PastReading]) -> dict[date, MonthVolume]:
    """The volume of every month between the oldest and the newest reading.

    `readings` are newest first. The months' sum is the sum of the readings' volumes.
    """
    found: dict[date, MonthVolume] = {}
    readings = [one for one in readings if FIRST_YEAR <= one.date.year <= LAST_YEAR]
    ended = _months_ended([reading.date for reading in readings])
    for reading, (ends, before) in zip(readings, pairwise(ended), strict=False):
        begins = min(_next(before), ends)
        months = _months(begins, ends)
        for month, part in zip(months, _parts(reading.volume, len(months)), strict=True):
            known = found.get(month)
            found[month] = MonthVolume(
                month,
                _sum(part, known.volume) if known else part,
                len(months) > 1 or bool(known and known.estimated),
            )
    return found


def last_months(
    found: dict[date, MonthVolume], end: date, count: int = SHOWN_MONTHS
) -> tuple[MonthVolume, ...]:
    """The `count` months up to `end`, oldest first; months without a volume are unknown."""
    months = [_month(end)]
    while len(months) < count:
        months.insert(0, _before(months[0]))
    return tuple(found.get(month, MonthVolume(month)) for month in months)


def last_month_shown(newest: Sequence[date], today: date) -> date:
    """Where the shown months end, for meters whose newest readings are these.

    The present month is shown once it has a reading; when all readings are older than the shown
    months, these end with the newest one.
    """
    newest = [day for day in newest if FIRST_YEAR <= day.year <= LAST_YEAR]
    end = _month(today) if any(day >= _month(today) for day in newest) else _before(_month(today))
    oldest_shown = end
    for _ in range(SHOWN_MONTHS - 1):
        oldest_shown = _before(oldest_shown)
    if newest and max(newest) < oldest_shown:
        return _month(max(newest))
    return end


def _months_ended(days: Sequence[date]) -> list[date]:
    """The month that each reading ends; `days` are newest first."""
    months = [_month(day) for day in days]
    for index in range(1, len(months)):
        for moved in _movable(days, months, index):
            months[moved] = _before(months[moved])
    return months


def _movable(days: Sequence[date], months: Sequence[date], index: int) -> Sequence[int]:
    """The readings from `index` on that have to end a month earlier each for one to be free.

    Empty if nothing is in the way, or if one of them came too late in its month for that.
    """
    taken, last = months[index - 1], index
    while last < len(months) and months[last] >= taken:
        if days[last].day > FIRST_HALF or months[last] < _month(days[last]):
            return ()
        taken, last = _before(months[last]), last + 1
    return range(index, last)


def _parts(whole: Decimal | None, count: int) -> list[Decimal | None]:
    """`whole` in `count` even parts whose sum is exactly `whole`."""
    if whole is None:
        return [None] * count
    # Rounded down, so that the rest, which the last month bears, is never negative.
    part = (whole / count).quantize(FINEST, ROUND_DOWN)
    return [*[part] * (count - 1), whole - part * (count - 1)]


def _sum(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other


def _months(first: date, last: date) -> list[date]:
    months = [first]
    while months[-1] < last:
        months.append(_next(months[-1]))
    return months


def _month(day: date) -> date:
    return day.replace(day=1)


def _next(month: date) -> date:
    if month.month == MONTHS_IN_YEAR:
        return date(month.year + 1, 1, 1)
    return month.replace(month=month.month + 1)


def _before(month: date) -> date:
    if month.month == 1:
        return date(month.year - 1, MONTHS_IN_YEAR, 1)
    return month.replace(month=month.month - 1)
