"""Sets that were written after the parsers were finished, and what they taught."""

from __future__ import annotations

from typing import Any

import pytest

from backend.billing.model import Meter
from tests.backend.readings.test_numbers import YAML, Path, find_numbers, same, shown
from tests.backend.readings.test_recognition import load
from tests.backend.readings.test_recognition import (
    test_a_message_is_understood as check_message,
)

NUMBERS = YAML(typ="safe").load(Path(__file__).with_name("fresh_numbers.yml"))["fresh"]


@pytest.mark.parametrize(("text", "expected"), NUMBERS.items(), ids=repr)
def test_fresh_numbers(text: str, expected: list[str]) -> None:
    found = [shown(match) for match in find_numbers(text)]
    assert len(found) == len(expected), found
    assert all(map(same, found, expected)), found


@pytest.mark.parametrize(("meters", "case"), load("fresh_messages.yml"))
def test_fresh_messages(meters: list[Meter], case: dict[str, Any]) -> None:
    check_message(meters, case)


@pytest.mark.parametrize(("meters", "case"), load("fresh_second.yml"))
def test_a_second_set_of_fresh_messages(meters: list[Meter], case: dict[str, Any]) -> None:
    check_message(meters, case)


@pytest.mark.parametrize(("meters", "case"), load("fresh_third.yml"))
def test_a_third_set_of_fresh_messages(meters: list[Meter], case: dict[str, Any]) -> None:
    check_message(meters, case)
