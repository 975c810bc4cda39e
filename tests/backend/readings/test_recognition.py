"""A whole message is understood: whose reading each number is, and what must be asked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from backend.billing.model import Meter
from backend.readings.recognised import How, Problem
from backend.readings.recognition import recognise


def load(name: str) -> list[Any]:
    groups = YAML(typ="safe").load(Path(__file__).with_name(name)).values()
    return [
        pytest.param([meter(*row) for row in group["meters"]], case, id=repr(case["say"]))
        for group in groups
        for case in group["cases"]
    ]


def meter(id: str, number: str, place: str | None, last: str | None, service: str = "ГВС") -> Meter:
    previous = Decimal(last) if last else None
    return Meter(id, number, service, "м³", 5, 3, True, place, previous)


CASES = load("message_cases.yml")
FLAT = [meter("k", "1710051", "кухня", "160"), meter("v", "1710052", "ванная", "260")]


@pytest.mark.parametrize(("meters", "case"), CASES)
def test_a_message_is_understood(meters: list[Meter], case: dict[str, Any]) -> None:
    asked = next((item for item in meters if item.id == case.get("asked")), None)
    found = recognise(case["say"], meters, asked)
    assert found.values == {key: Decimal(value) for key, value in case["values"].items()}
    if "how" in case:
        assert [item.how.value for item in found.assigned] == case["how"]
    if "problems" in case:
        assert [item.value for item in found.problems] == case["problems"]
    if "foreign" in case:
        assert [item.service for item in found.not_ours] == case["foreign"]
    if "left" in case:
        assert [item.text for item in found.leftovers] == case["left"]
    hints = [[item.meter_id, format(item.value, "f")] for item in found.volume_hints]
    assert hints == case.get("volume", [])
    agrees = found.control_sum.agrees if found.control_sum else None
    assert agrees == case.get("sum")


def test_there_are_enough_messages() -> None:
    assert len(CASES) >= 80


def test_two_readings_that_may_be_one_number_are_asked_about() -> None:
    meters = [replace(item, last_reading=None, integer_digits=8) for item in FLAT]
    found = recognise("167 265", meters[:1])
    assert found.values == {"k": Decimal(167265)}
    assert recognise("167 265", meters).values == {"k": Decimal(167), "v": Decimal(265)}


def test_a_closed_meter_takes_no_reading() -> None:
    meters = [FLAT[0], replace(FLAT[1], accepts_readings=False)]
    found = recognise("кухня 167 ванна 265", meters)
    assert found.values == {"k": Decimal(167)}
    assert found.problems == (Problem.METER_CLOSED,)


def test_order_counts_only_open_meters() -> None:
    meters = [replace(FLAT[0], accepts_readings=False), FLAT[1]]
    (item,) = recognise("265", meters).assigned
    assert (item.meter_id, item.how) == ("v", How.ASKED)


def test_an_ambiguous_number_is_settled_by_the_history_of_the_meter() -> None:
    near = replace(FLAT[0], last_reading=Decimal("56.1"))
    far = replace(FLAT[0], last_reading=Decimal("56570"))
    unknown = replace(FLAT[0], last_reading=None)
    assert recognise("56.578", [near]).values == {"k": Decimal("56.578")}
    assert recognise("56.578", [far]).values == {"k": Decimal(56578)}
    found = recognise("56.578", [unknown])
    assert found.values == {}
    assert found.ambiguous[0].options == (Decimal("56.578"), Decimal(56578))


def test_nothing_is_placed_without_meters() -> None:
    found = recognise("кухня 167", [])
    assert (found.values, found.problems) == ({}, (Problem.NO_SUCH_METER,))


def test_a_clear_message_says_so() -> None:
    assert recognise("кухня 167 ванна 265", FLAT).is_clear
    assert not recognise("167", FLAT).is_clear


@given(st.text(alphabet="кухня ванагвсхо1234567890.,-:;\n()№итого", max_size=80))
@settings(max_examples=200, deadline=None)
def test_what_is_recognised_stands_in_the_message_and_no_meter_comes_twice(text: str) -> None:
    found = recognise(text, FLAT)
    assert len(found.values) == len(found.assigned)
    for item in found.assigned:
        assert text[item.match.start : item.match.end] == item.match.text
        assert item.match.integer_text not in {"1710051", "1710052"}


@given(st.integers(160, 900), st.integers(260, 900), st.permutations(["кухня", "ванна"]))
@settings(max_examples=60, deadline=None)
def test_the_order_of_named_lines_does_not_matter(a: int, b: int, order: list[str]) -> None:
    values = {"кухня": a, "ванна": b}
    text = "\n".join(f"{place}: {values[place]}" for place in order)
    assert recognise(text, FLAT).values == {"k": Decimal(a), "v": Decimal(b)}
