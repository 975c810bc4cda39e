"""Values, dates and meters are written as a resident reads them."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from backend.billing.model import Meter
from backend.readings.format import (
    date_text,
    meter_label,
    moment_text,
    reading_text,
    short_volume_text,
    volume_text,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("56578", "56578"),
        ("56578.000", "56578"),
        ("56578.40", "56578,4"),
        ("0.050", "0,05"),
        ("0", "0"),
        ("0.000", "0"),
        ("1E+3", "1000"),
        ("5E-7", "0,0000005"),
        ("-0.00", "0"),
        ("100", "100"),
    ],
)
def test_a_reading_has_a_comma_and_no_idle_zeros(value: str, text: str) -> None:
    assert reading_text(Decimal(value)) == text


def test_a_volume_may_carry_its_unit() -> None:
    assert volume_text(Decimal("12.50")) == "12,5"
    assert volume_text(Decimal(12), "м³") == "12 м³"


def test_a_date_is_written_with_dots() -> None:
    assert date_text(date(2019, 12, 3)) == "03.12.2019"


@pytest.mark.parametrize(
    ("place", "text"), [(None, "ГВС №1710051"), ("кухня", "ГВС №1710051, кухня")]
)
def test_a_meter_is_named_by_service_number_and_place(place: str | None, text: str) -> None:
    assert meter_label(Meter("m", "1710051", "ГВС", "м³", 5, 3, True, place)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("0.000", "0"),
        ("0.004", "0,004"),
        ("0.18", "0,18"),
        ("4.25", "4,25"),
        ("4.256", "4,26"),
        ("12.75", "12,8"),
        ("128.4", "128"),
        ("999999999.999", "1000000000"),
    ],
)
def test_a_short_volume_has_few_digits(value: str, text: str) -> None:
    assert short_volume_text(Decimal(value)) == text


def test_a_moment_is_told_in_the_utility_s_time() -> None:
    moment = datetime(2019, 12, 31, 21, 26, 5, tzinfo=timezone.utc)
    assert moment_text(moment, ZoneInfo("Europe/Moscow")) == "01.01.2020 00:26"
