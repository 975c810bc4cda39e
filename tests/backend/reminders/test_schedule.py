"""Which reminder is due on which day, and what it names."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.billing.model import Account, Meter, Period
from backend.reminders.schedule import Daytime, Kind, kind_on, make_plan

MOSCOW = ZoneInfo("Europe/Moscow")
NOVEMBER = Period("2026-11", open=True, opens=date(2026, 11, 1), closes=date(2026, 11, 25))
LONG_AGO = date(2026, 1, 1)
METER = Meter("m-1", "1710051", "ГВС", "м³", 5, 3, accepts_readings=True)


def account(number: str = "7060012345", *meters: Meter, period: Period = NOVEMBER) -> Account:
    return Account(number, period, meters or (METER,))


def day(number: int) -> date:
    return date(2026, 11, number)


@pytest.mark.parametrize(
    ("today", "kind"),
    [
        (1, Kind.OPENED),
        (4, Kind.OPENED),
        (5, None),
        (22, None),
        (23, Kind.CLOSING),
        (25, Kind.CLOSING),
        (26, None),
    ],
)
def test_the_first_days_and_the_last_have_a_reminder(today: int, kind: Kind | None) -> None:
    assert kind_on(NOVEMBER, today=day(today), since=LONG_AGO) is kind


@pytest.mark.parametrize("length", [0, 1, 2])
def test_a_short_period_has_only_the_last_one(length: int) -> None:
    short = replace(NOVEMBER, opens=day(20), closes=day(20 + length))
    kinds = {kind_on(short, today=day(20 + late), since=LONG_AGO) for late in range(length + 1)}
    assert kinds == {Kind.CLOSING}


def test_a_closed_period_has_none() -> None:
    shut = replace(NOVEMBER, open=False)
    assert {kind_on(shut, today=day(one), since=LONG_AGO) for one in range(1, 31)} == {None}


def test_a_close_that_moved_nearer_moves_the_reminder() -> None:
    moved = replace(NOVEMBER, closes=day(15))
    assert kind_on(moved, today=day(13), since=LONG_AGO) is Kind.CLOSING


def test_nothing_comes_on_the_day_on_which_it_was_asked_for() -> None:
    assert kind_on(NOVEMBER, today=day(24), since=day(24)) is None
    assert kind_on(NOVEMBER, today=day(25), since=day(24)) is Kind.CLOSING


def test_a_period_that_was_open_already_is_not_announced() -> None:
    assert kind_on(NOVEMBER, today=day(2), since=day(1)) is None
    assert kind_on(NOVEMBER, today=day(2), since=date(2026, 10, 31)) is Kind.OPENED


def test_a_period_without_dates_is_announced_once_it_is_open() -> None:
    undated = Period("2026-11", open=True)
    assert kind_on(undated, today=day(9), since=date(2026, 10, 31)) is Kind.OPENED
    assert kind_on(undated, today=day(9), since=day(1)) is None


@settings(max_examples=200, deadline=None)
@given(
    opens=st.integers(1, 28),
    length=st.integers(0, 27),
    today=st.dates(date(2026, 10, 25), date(2026, 12, 5)),
    since=st.dates(date(2026, 9, 1), date(2026, 12, 5)),
)
def test_a_reminder_is_always_within_the_period_and_later_than_the_wish(
    opens: int, length: int, today: date, since: date
) -> None:
    first = day(opens)
    period = Period("2026-11", open=True, opens=first, closes=first + timedelta(days=length))
    kind = kind_on(period, today=today, since=since)
    if kind is not None:
        assert since < today <= first + timedelta(days=length)
    if kind is Kind.OPENED:
        assert since < first


@pytest.mark.parametrize(
    ("last", "is_missing"),
    [(None, True), (date(2026, 10, 31), True), (day(1), False), (day(20), False)],
)
def test_a_reading_of_this_period_is_enough(last: date | None, is_missing: bool) -> None:
    plan = make_plan(
        [account("7060012345", replace(METER, last_reading_date=last))],
        set(),
        today=day(23),
        since=LONG_AGO,
    )
    assert bool(plan.missing) is is_missing
    assert bool(plan.due) is is_missing


def test_a_reading_given_before_the_opening_counts_if_it_went_into_this_period() -> None:
    early = account("7060012345", replace(METER, last_reading_date=date(2026, 10, 28)))
    known = {("7060012345", "2026-11", "m-1")}
    assert not make_plan([early], known, today=day(1), since=LONG_AGO).due
    other = {("7060012345", "2026-10", "m-1")}
    assert make_plan([early], other, today=day(1), since=LONG_AGO).due


def test_a_meter_that_takes_no_readings_is_not_missing() -> None:
    closed = replace(METER, accepts_readings=False)
    assert not make_plan([account("1", closed)], set(), today=day(23), since=LONG_AGO).missing


def test_several_accounts_make_one_plan_that_names_only_what_is_missing() -> None:
    done = replace(METER, id="m-2", last_reading_date=day(5))
    plan = make_plan(
        [account("1"), account("2", done), account("3", done, METER)],
        set(),
        today=day(23),
        since=LONG_AGO,
    )
    assert plan.due == (("2026-11", Kind.CLOSING),)
    assert [(one.account.number, [meter.id for meter in one.meters]) for one in plan.missing] == [
        ("1", ["m-1"]),
        ("3", ["m-1"]),
    ]


def test_the_more_urgent_kind_gives_the_words() -> None:
    late = replace(NOVEMBER, opens=day(23), closes=day(30))
    accounts = [account("1", period=late), account("2")]
    plan = make_plan(accounts, set(), today=day(23), since=LONG_AGO)
    assert len(plan.due) == 2
    assert plan.kind is Kind.CLOSING


@pytest.mark.parametrize(
    ("period", "last", "looks"),
    [
        (NOVEMBER, None, day(11)),  # a close may move: every day
        (replace(NOVEMBER, closes=day(13)), day(5), day(14)),
        (NOVEMBER, day(5), day(17)),  # given; billing may move the dates: a week at most
        (Period("2026-11", open=False, opens=day(15)), None, day(15)),
        (Period("2026-11", open=False), None, day(11)),
    ],
)
def test_billing_is_asked_only_when_something_may_be_due(
    period: Period, last: date | None, looks: date
) -> None:
    one = account("1", replace(METER, last_reading_date=last), period=period)
    assert make_plan([one], set(), today=day(10), since=LONG_AGO).next_day == looks


@pytest.mark.parametrize(
    ("utc", "is_day"),
    [("06:59", False), ("07:00", True), ("15:59", True), ("16:00", False), ("21:30", False)],
)
def test_daytime_is_moscows(utc: str, is_day: bool) -> None:
    now = datetime.fromisoformat(f"2026-11-24T{utc}").replace(tzinfo=timezone.utc)
    assert Daytime(MOSCOW, 10, 19).includes(now) is is_day


def test_the_day_is_moscows() -> None:
    late = datetime(2026, 11, 24, 21, 30, tzinfo=timezone.utc)
    daytime = Daytime(MOSCOW, 10, 19)
    assert daytime.day(late) == day(25)
    assert daytime.next(late) == datetime(2026, 11, 25, 10, tzinfo=MOSCOW)


@pytest.mark.parametrize("last", [19, 24])
def test_the_daytime_ends_on_its_day_or_at_midnight(last: int) -> None:
    ends = Daytime(MOSCOW, 10, last).ends(day(24))
    assert ends == datetime(2026, 11, 24, tzinfo=MOSCOW) + timedelta(hours=last)


def test_a_day_with_a_shifted_clock_begins_at_the_same_hour() -> None:
    berlin = Daytime(ZoneInfo("Europe/Berlin"), 10, 19)
    # Clocks go back on 25 October 2026, between the two beginnings.
    before = datetime(2026, 10, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    assert berlin.next(before).hour == 10
