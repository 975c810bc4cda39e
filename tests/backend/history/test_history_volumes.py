"""Volumes add up to what the meter counted, and what is not known is not made up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.history.model import MonthVolume, PastReading
from backend.history.volumes import (
    SHOWN_MONTHS,
    last_month_shown,
    last_months,
    monthly_volumes,
    past_readings,
    volume,
)
from tests.backend.history.history_samples import accepted

DIAL = D(100000)


def months(*given: tuple[str, str]) -> dict[str, tuple[D | None, bool]]:
    """By «2026-11» the volume and whether it is an estimate; readings are given newest first."""
    past = past_readings([accepted(value, day) for value, day in given], DIAL)
    return {
        f"{month:%Y-%m}": (one.volume, one.estimated)
        for month, one in monthly_volumes(past).items()
    }


def test_a_volume_belongs_to_the_month_of_the_reading_that_ends_it() -> None:
    found = months(("108", "2026-11-20"), ("104.5", "2026-10-22"), ("100", "2026-09-25"))
    assert found == {"2026-11": (D("3.5"), False), "2026-10": (D("4.5"), False)}


def test_two_readings_in_a_month_are_added() -> None:
    found = months(("108", "2026-11-27"), ("105", "2026-11-20"), ("100", "2026-10-20"))
    assert found == {"2026-11": (D(8), False)}


def test_a_reading_at_the_beginning_ends_the_month_before_if_another_ends_this_one() -> None:
    found = months(
        ("107", "2026-11-24"), ("104", "2026-11-02"), ("100", "2026-10-02"), ("97", "2026-09-02")
    )
    assert found == {
        "2026-11": (D(3), False),
        "2026-10": (D(4), False),
        "2026-09": (D(3), False),
    }


def test_with_one_reading_a_month_each_ends_its_own_month_however_early() -> None:
    found = months(("107", "2026-11-02"), ("104", "2026-10-02"), ("100", "2026-09-02"))
    assert found == {"2026-11": (D(3), False), "2026-10": (D(4), False)}


def test_no_reading_moves_to_a_month_that_has_one_of_its_own() -> None:
    found = months(
        ("108", "2026-11-24"), ("105", "2026-11-02"), ("104", "2026-10-20"), ("100", "2026-09-20")
    )
    assert found == {"2026-11": (D(4), False), "2026-10": (D(4), False)}


def test_a_reading_moves_by_one_month_at_most() -> None:
    found = months(
        ("108", "2026-11-24"), ("105", "2026-11-10"), ("103", "2026-11-02"), ("100", "2026-08-20")
    )
    assert sum(one for one, _ in found.values() if one is not None) == 8
    assert found["2026-11"] == (D(3), False)


def test_months_without_a_reading_share_the_volume_evenly_and_say_so() -> None:
    found = months(("112", "2026-11-20"), ("100", "2026-07-20"))
    assert found == {f"2026-{month:02}": (D(3), True) for month in (8, 9, 10, 11)}


def test_shares_that_do_not_divide_evenly_still_add_up() -> None:
    found = months(("100.007", "2026-11-20"), ("100", "2025-11-20"))
    volumes = [one for one, _ in found.values()]
    assert len(volumes) == 12
    assert all(one is not None and one >= 0 for one in volumes)
    assert sum(one for one in volumes if one is not None) == D("0.007")


def test_a_gap_across_the_new_year_is_shared_too() -> None:
    found = months(("106", "2026-01-20"), ("100", "2025-10-20"))
    assert list(found) == ["2025-11", "2025-12", "2026-01"]


def test_a_month_with_an_exact_and_an_estimated_part_is_an_estimate() -> None:
    found = months(("110", "2026-11-25"), ("108", "2026-11-16"), ("100", "2026-09-05"))
    assert found == {"2026-11": (D(6), True), "2026-10": (D(4), True)}


def test_a_dial_that_went_over_its_end_counts_on() -> None:
    assert volume(D("99987.4"), D("3.1"), DIAL) == D("15.7")
    assert months(("3.1", "2026-11-20"), ("99987.4", "2026-10-20")) == {
        "2026-11": (D("15.7"), False)
    }


@pytest.mark.parametrize(
    ("before", "after", "dial"),
    [("500", "3", DIAL), ("99987", "50000", DIAL), ("99987", "3", None)],
)
def test_a_replaced_meter_s_volume_is_unknown(before: str, after: str, dial: D | None) -> None:
    assert volume(D(before), D(after), dial) is None


def test_an_unknown_part_makes_the_month_unknown() -> None:
    found = months(("7", "2026-11-25"), ("3", "2026-11-16"), ("500", "2026-10-05"))
    assert found == {"2026-11": (None, False)}


@pytest.mark.parametrize("given", [(), (("100", "2026-11-20"),)])
def test_no_reading_or_one_makes_no_volume(given: tuple[tuple[str, str], ...]) -> None:
    assert months(*given) == {}


def test_a_replaced_version_of_a_reading_does_not_count() -> None:
    past = past_readings(
        [
            accepted("108", "2026-11-20", channel="vk"),
            accepted("180", "2026-11-20", counts=False),
            accepted("100", "2026-10-20"),
        ],
        DIAL,
    )
    assert past == (
        PastReading(date(2026, 11, 20), D(108), D(8), "vk"),
        PastReading(date(2026, 10, 20), D(100)),
    )


def test_billing_s_order_decides_within_a_day_and_dates_otherwise() -> None:
    past = past_readings(
        [
            accepted("100", "2026-10-20"),
            accepted("109", "2026-11-20"),
            accepted("108", "2026-11-20"),
        ],
        DIAL,
    )
    assert [one.value for one in past] == [D(109), D(108), D(100)]
    assert [one.volume for one in past] == [D(1), D(8), None]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_an_impossible_date_neither_fails_nor_makes_thousands_of_months(day: str) -> None:
    past = past_readings([accepted("108", "2026-11-20"), accepted("100", day)], DIAL)
    assert monthly_volumes(past) == {}
    assert last_month_shown([one.date for one in past], date(2026, 11, 24)) == date(2026, 11, 1)


def test_the_last_months_are_a_year_and_unknown_where_nothing_is_known() -> None:
    known = MonthVolume(date(2026, 10, 1), D(4))
    shown = last_months({known.month: known}, date(2026, 11, 17))
    assert len(shown) == SHOWN_MONTHS
    assert (shown[0].month, shown[-1].month) == (date(2025, 12, 1), date(2026, 11, 1))
    assert shown[-2] == known
    assert shown[-1] == MonthVolume(date(2026, 11, 1))


@pytest.mark.parametrize(
    ("newest", "end"),
    [
        (["2026-11-03"], "2026-11-01"),  # this month has a reading
        (["2026-10-20"], "2026-10-01"),  # it has none yet
        (["2026-04-20"], "2026-10-01"),  # the months since then are shown empty
        (["2019-12-03"], "2019-12-01"),  # nothing at all would be shown otherwise
        (["2019-12-03", "2026-11-03"], "2026-11-01"),
        ([], "2026-10-01"),
    ],
)
def test_the_shown_months_end_where_something_is_to_be_seen(newest: list[str], end: str) -> None:
    days = [date.fromisoformat(day) for day in newest]
    assert last_month_shown(days, date(2026, 11, 24)) == date.fromisoformat(end)


days = st.dates(date(2015, 1, 1), date(2027, 1, 1))
volumes = st.decimals(0, 300, places=3)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(days, volumes), min_size=2, max_size=30))
def test_the_months_always_add_up_to_what_the_meter_counted(steps: list[tuple[date, D]]) -> None:
    value, readings = D(0), []
    for day, used in sorted(steps, key=lambda step: step[0]):
        value += used
        readings.insert(0, accepted(str(value), day.isoformat()))
    found = monthly_volumes(past_readings(readings, DIAL))
    parts = [one.volume for one in found.values()]
    assert all(part is not None and part >= 0 for part in parts)
    assert sum((part for part in parts if part is not None), D(0)) == (
        readings[0].value - readings[-1].value
    )
    assert all(one.month == month and month.day == 1 for month, one in found.items())
    ordered = sorted(found)
    assert all((later - earlier) <= timedelta(days=31) for earlier, later in pairwise(ordered))
