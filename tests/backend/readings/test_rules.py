"""Each rule of the check, with its edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.billing.model import Meter
from backend.readings.numbers import find_numbers
from backend.readings.rules import ReadingLimits, check, high_volume, propose_from_volume, volume
from backend.readings.verdicts import Accepted, Kind, Notice, Question, Refused, Verdict

TODAY = date(2019, 12, 20)
METER = Meter(
    id="m",
    number="1710051",
    service="ГВС",
    unit="м³",
    integer_digits=5,
    decimal_digits=3,
    accepts_readings=True,
    last_reading=D(56578),
    last_reading_date=date(2019, 12, 3),
    next_verification_date=date(2024, 5, 1),
    average_monthly=D("4.2"),
)


def verdict(value: str, *confirmed: str, **changes: Any) -> Verdict:
    limits = changes.pop("limits", ReadingLimits())
    typed = changes.pop("as_typed", None)
    return check(
        replace(METER, **changes),
        D(value),
        today=TODAY,
        limits=limits,
        as_typed=typed,
        confirmed=frozenset(confirmed),
    )


def test_an_ordinary_reading_is_accepted_with_its_volume() -> None:
    assert verdict("56590") == Accepted(D(56590), D(12))


def test_an_equal_reading_is_accepted_with_no_volume_and_a_notice() -> None:
    assert verdict("56578") == Accepted(D(56578), D(0), (Notice(Kind.EQUAL),))


@pytest.mark.parametrize("value", ["-1", "NaN", "Infinity", "-0.001"])
def test_what_is_no_reading_is_refused(value: str) -> None:
    assert verdict(value) == Refused(Kind.NOT_A_NUMBER)


def test_zero_is_a_reading_of_a_new_meter() -> None:
    assert verdict("0", last_reading=D(0)) == Accepted(D(0), D(0), (Notice(Kind.EQUAL),))


def test_more_digits_than_the_dial_has_are_refused() -> None:
    assert verdict("100000", last_reading=None) == Refused(Kind.TOO_MANY_DIGITS, allowed=5)
    assert isinstance(verdict("99999", last_reading=None), Accepted)
    assert verdict("9" * 60) == Refused(Kind.TOO_MANY_DIGITS, allowed=5)


def test_leading_zeros_are_not_digits_too_many() -> None:
    (typed,) = find_numbers("0056590")
    assert isinstance(verdict("56590", as_typed=typed), Accepted)


def test_decimals_too_many_are_cut_only_as_a_proposal() -> None:
    found = verdict("56590.1239")
    assert isinstance(found, Question)
    assert (found.kind, found.proposal, found.volume) == (
        Kind.TOO_MANY_DECIMALS, D("56590.123"), D("12.123"),
    )  # fmt: skip


def test_zeros_beyond_the_decimals_are_no_decimals_too_many() -> None:
    assert isinstance(verdict("56590.0000", decimal_digits=0), Accepted)


def test_a_meter_without_decimals_proposes_the_whole_number() -> None:
    found = verdict("56590,9".replace(",", "."), decimal_digits=0)
    assert isinstance(found, Question)
    assert found.proposal == D(56590)


def test_below_the_previous_is_refused_with_the_previous() -> None:
    assert verdict("56570") == Refused(Kind.BELOW_PREVIOUS, previous=D(56578))


def test_a_dial_that_went_over_is_asked_about_and_then_accepted() -> None:
    found = verdict("3", last_reading=D(99995))
    assert isinstance(found, Question)
    assert (found.kind, found.volume, found.proposal) == (Kind.DIAL_OVER, D(8), None)
    assert verdict("3", "dial_over", last_reading=D(99995)) == Accepted(D(3), D(8))


@pytest.mark.parametrize(
    ("last", "value", "kind"),
    [
        ("90000", "1", Kind.VOLUME_INSTEAD),  # near the end, but 10001 went through
        ("89999", "1", Kind.VOLUME_INSTEAD),  # not yet 90 % of the dial
        ("99990", "5", Kind.DIAL_OVER),  # exactly 15
        ("99990", "6", Kind.VOLUME_INSTEAD),  # 16 is more than the limit
        ("99990", "900", Kind.BELOW_PREVIOUS),
    ],
)
def test_the_edges_of_a_dial_that_went_over(last: str, value: str, kind: Kind) -> None:
    found = verdict(value, last_reading=D(last), last_reading_date=TODAY)
    assert isinstance(found, Question | Refused)
    assert found.kind is kind


def test_a_confirmed_dial_over_does_not_lift_its_own_conditions() -> None:
    assert verdict("56000", "dial_over") == Refused(Kind.BELOW_PREVIOUS, previous=D(56578))


def test_a_volume_instead_of_a_reading_is_added_as_a_proposal() -> None:
    found = verdict("12")
    assert found == Question(Kind.VOLUME_INSTEAD, D(56590), D(12), previous=D(56578))


def test_one_who_insists_on_the_small_value_is_told_it_is_below() -> None:
    assert verdict("12", "volume_instead") == Refused(Kind.BELOW_PREVIOUS, previous=D(56578))


def test_a_value_near_a_small_previous_one_is_no_volume() -> None:
    assert verdict("12", last_reading=D(20)) == Refused(Kind.BELOW_PREVIOUS, previous=D(20))


def test_zero_is_no_volume() -> None:
    assert verdict("0") == Refused(Kind.BELOW_PREVIOUS, previous=D(56578))


def test_unusually_high_is_asked_about_and_then_accepted() -> None:
    found = verdict("56594")
    assert found == Question(Kind.UNUSUALLY_HIGH, volume=D(16), previous=D(56578), limit=D(15))
    assert verdict("56594", "unusually_high") == Accepted(D(56594), D(16))


def test_exactly_the_limit_is_usual() -> None:
    assert isinstance(verdict("56593"), Accepted)


def test_the_limit_is_three_averages_when_that_is_more() -> None:
    assert isinstance(verdict("56608", average_monthly=D(10)), Accepted)
    assert isinstance(verdict("56609", average_monthly=D(10)), Question)


def test_the_limit_grows_with_the_months_without_a_reading() -> None:
    meter = replace(METER, last_reading_date=TODAY - timedelta(days=61))
    assert D(30) < high_volume(meter, today=TODAY) < D(31)


def test_the_limit_without_history_is_one_month() -> None:
    meter = replace(METER, last_reading_date=None, average_monthly=None)
    assert high_volume(meter, today=TODAY) == D(15)


@pytest.mark.parametrize(
    ("unit", "floor"),
    [
        ("м³", "15"),
        ("куб. м", "15"),
        ("Гкал", "5"),
        ("гкал", "5"),
        ("ГДж", "20.934"),
        ("кВт·ч", "5815"),
        ("кВт*ч", "5815"),
        ("МВт⋅ч", "5.815"),
        ("штук", "15"),
        ("", "15"),
    ],
)
def test_heat_has_a_limit_of_its_own_in_whatever_unit(unit: str, floor: str) -> None:
    meter = replace(METER, unit=unit, average_monthly=None)
    assert high_volume(meter, today=TODAY) == D(floor)


def test_a_usual_volume_of_water_is_unusual_for_heat() -> None:
    heat = {"unit": "Гкал", "last_reading": D(40), "average_monthly": D("0.9")}
    assert isinstance(verdict("45", **heat), Accepted)
    found = verdict("45.001", **heat)
    assert isinstance(found, Question)
    assert (found.kind, found.limit) == (Kind.UNUSUALLY_HIGH, D(5))


def test_a_date_in_the_future_does_not_lower_the_limit() -> None:
    meter = replace(METER, last_reading_date=TODAY + timedelta(days=10))
    assert high_volume(meter, today=TODAY) == D(15)


@pytest.mark.parametrize(
    ("last", "value", "proposal"),
    [
        ("56.1", "56578", "56.578"),
        ("56", "56578", "56.578"),
        ("56570", "56.578", "56578"),
        ("12345", "12345678", "12345.678"),
    ],
)
def test_a_lost_or_misplaced_comma_is_noticed(last: str, value: str, proposal: str) -> None:
    found = verdict(value, last_reading=D(last))
    assert isinstance(found, Question)
    assert (found.kind, found.proposal) == (Kind.THOUSANDFOLD_SLIP, D(proposal))


def test_a_value_that_fits_is_no_slip() -> None:
    assert isinstance(verdict("56590", last_reading=D(56580)), Accepted)


def test_a_denied_slip_is_still_unusually_high() -> None:
    found = verdict("56578", "thousandfold_slip", last_reading=D(56))
    assert isinstance(found, Question)
    assert found.kind is Kind.UNUSUALLY_HIGH


def test_the_whole_dial_in_one_row_is_asked_about_when_there_is_no_history() -> None:
    (typed,) = find_numbers("00056578")
    found = verdict("56578", last_reading=None, as_typed=typed)
    assert isinstance(found, Question)
    assert (found.kind, found.proposal, found.volume) == (
        Kind.THOUSANDFOLD_SLIP, D("56.578"), None,
    )  # fmt: skip


def test_an_expired_verification_is_refused_with_its_date() -> None:
    due = TODAY - timedelta(days=1)
    found = verdict("56590", next_verification_date=due)
    assert found == Refused(Kind.VERIFICATION_EXPIRED, when=due)


@pytest.mark.parametrize(("days", "warned"), [(0, True), (90, True), (91, False)])
def test_a_verification_soon_is_a_notice(days: int, warned: bool) -> None:
    found = verdict("56590", next_verification_date=TODAY + timedelta(days=days))
    assert isinstance(found, Accepted)
    assert (Kind.VERIFICATION_SOON in [notice.kind for notice in found.notices]) is warned


@pytest.mark.parametrize(("days", "told"), [(183, False), (184, True)])
def test_a_long_silence_is_a_notice(days: int, told: bool) -> None:
    found = verdict("56590", last_reading_date=TODAY - timedelta(days=days))
    assert isinstance(found, Accepted)
    assert (Kind.LONG_SILENCE in [notice.kind for notice in found.notices]) is told


def test_a_first_reading_is_accepted_without_a_volume() -> None:
    assert verdict("56590", last_reading=None, last_reading_date=None) == Accepted(D(56590), None)


def test_limits_can_be_set() -> None:
    strict = ReadingLimits(high_floor_m3=D(5), high_times_average=D(1))
    assert isinstance(verdict("56590", limits=strict), Question)
    assert isinstance(verdict("56700", limits=ReadingLimits(high_floor_m3=D(500))), Accepted)
    heat = ReadingLimits(high_floor_gcal=D(1))
    assert isinstance(verdict("56593", unit="Гкал", limits=heat), Question)


def test_a_volume_given_on_purpose_becomes_a_proposal() -> None:
    found = propose_from_volume(METER, D(12), today=TODAY)
    assert found == Question(Kind.VOLUME_INSTEAD, D(56590), D(12), previous=D(56578))
    over = propose_from_volume(replace(METER, last_reading=D(99995)), D(12), today=TODAY)
    assert isinstance(over, Question)
    assert over.proposal == D(7)
    first = propose_from_volume(replace(METER, last_reading=None), D(12), today=TODAY)
    assert isinstance(first, Question)
    assert first.proposal is None
    assert isinstance(propose_from_volume(METER, D(-1), today=TODAY), Refused)


def test_volume_counts_across_the_end_of_the_dial() -> None:
    assert volume(replace(METER, last_reading=D(99995)), D("3.5")) == D("8.5")
    assert volume(replace(METER, last_reading=None), D(3)) is None


@given(
    st.decimals(allow_nan=True, allow_infinity=True),
    st.one_of(st.none(), st.decimals(0, 99999, places=3)),
)
@settings(max_examples=200, deadline=None)
def test_any_value_gets_a_verdict_and_nothing_below_the_previous_is_accepted(
    value: D, last: D | None
) -> None:
    found = check(replace(METER, last_reading=last), value, today=TODAY)
    if isinstance(found, Accepted):
        assert found.volume is None or found.volume >= 0
        assert last is None or value >= last
