"""What was given in this period already, and what the next reading is measured from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest

from backend.billing.model import AcceptedReading, Account, Meter, Period
from backend.readings.standing import Standing, has_given, in_period, may_have_given, standing

OPEN = Period("2019-12", open=True, opens=date(2019, 12, 15), closes=date(2019, 12, 25))
SHUT = replace(OPEN, open=False)
METER = Meter("m", "1", "ГВС", "м³", 5, 3, True, None, D(110), date(2019, 12, 18))
OTHER = replace(METER, id="n", last_reading=D(40), last_reading_date=date(2019, 11, 20))
ACCOUNT = Account("7060012345", OPEN, (METER, OTHER))


def row(value: int, day: date, *, counts: bool = True, meter: str = "m") -> AcceptedReading:
    return AcceptedReading(meter, "1", D(value), day, counts)


HISTORY = (
    row(110, date(2019, 12, 18)),
    row(120, date(2019, 12, 16), counts=False),
    row(40, date(2019, 11, 20), meter="n"),
    row(100, date(2019, 11, 20)),
)


@pytest.mark.parametrize(
    ("day", "period", "wanted"),
    [
        (date(2019, 12, 15), OPEN, True),
        (date(2019, 12, 14), OPEN, False),
        (None, OPEN, False),
        (date(2019, 12, 18), SHUT, False),
        (date(2019, 12, 1), replace(OPEN, opens=None), True),
        (date(2019, 11, 30), replace(OPEN, opens=None), False),
    ],
)
def test_a_day_is_in_the_open_period_from_its_opening_on(
    day: date | None, period: Period, wanted: bool
) -> None:
    assert in_period(day, period) is wanted


def test_a_meter_read_in_this_period_is_measured_from_the_period_before() -> None:
    found = standing(ACCOUNT, HISTORY)
    first, second = found.account.meters
    assert (first.last_reading, first.last_reading_date) == (D(100), date(2019, 11, 20))
    assert second == OTHER
    assert found.counting == {"m": D(110)}


def test_a_first_reading_that_was_given_in_this_period_has_nothing_before_it() -> None:
    (first, _) = standing(ACCOUNT, HISTORY[:2]).account.meters
    assert (first.last_reading, first.last_reading_date) == (None, None)


def test_what_lies_further_back_than_billing_was_asked_is_not_called_missing() -> None:
    (first, _) = standing(ACCOUNT, HISTORY[:2], is_whole=False).account.meters
    assert first == METER


def test_what_waits_for_billing_will_count_instead_of_what_counts_now() -> None:
    found = standing(ACCOUNT, HISTORY, {"m": D(115), "n": D(44), "gone": D(1)})
    assert found.counting == {"m": D(115), "n": D(44)}


def test_without_a_history_the_account_stays_as_billing_gave_it() -> None:
    assert standing(ACCOUNT) == Standing(ACCOUNT, {})


def test_outside_the_period_nothing_counts_yet() -> None:
    shut = replace(ACCOUNT, period=SHUT)
    assert standing(shut, HISTORY) == Standing(shut, {})


def test_an_account_has_given_when_every_meter_that_takes_readings_has_one() -> None:
    assert not has_given(ACCOUNT)
    assert may_have_given(ACCOUNT)
    closed = replace(OTHER, accepts_readings=False)
    assert has_given(replace(ACCOUNT, meters=(METER, closed)))
    assert not may_have_given(replace(ACCOUNT, meters=(OTHER,)))
