"""What becomes of confirmed readings, and what the resident is told."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from backend.readings.outcomes import Refused, Waiting
from tests.actions.action_fakes import (
    ONE,
    FakeSubmissions,
)
from tests.actions.action_talk import Talk


async def test_the_manuals_dialogue_word_for_word(
    single: Talk, submissions: FakeSubmissions
) -> None:
    assert single.heard[-1].text == (
        "Укажите показания по счётчику ГВС №1710051 (предыдущие показания: 56578 от 03.12.2019)"
    )
    await single.say("56578")
    assert single.heard[-1].text == ("Объем потребления по счётчику ГВС №1710051 составил 0 м³")
    assert list(single.heard[-1].buttons) == ["Подтверждаю", "Не подтверждаю"]
    await single.press("/affirm")
    await single.then("action_submit_readings")
    assert single.responses == ["utter_readings_accepted"]
    assert submissions.made == [("vk:1", ONE, {"m-1": D(56578)}, "e-3")]


async def test_a_submission_leaves_nothing_behind(single: Talk) -> None:
    await single.say("56580")
    await single.press("/affirm")
    await single.then("action_submit_readings")
    await single.then("action_continue")
    left = {
        name: value
        for name, value in single.slots.items()
        if value is not None and name != "has_linked_account"
    }
    assert left == {}


async def test_the_receipt_and_each_value_are_shown(three: Talk) -> None:
    await three.say("172,5 270 42,1")
    await three.press("/affirm")
    await three.then("action_submit_readings")
    accepted = three.one("utter_readings_accepted")
    assert accepted.variables["receipt"] == "R-77"
    assert accepted.variables["readings"].splitlines() == [
        "ГВС №100001, кухня — 172,5",
        "ГВС №100002, ванна — 270",
        "Отопление №200001 — 42,1",
    ]


async def test_readings_billing_cannot_take_now_are_kept(
    single: Talk, submissions: FakeSubmissions
) -> None:
    submissions.outcome = Waiting()
    await single.say("56580")
    await single.press("/affirm")
    await single.then("action_submit_readings")
    assert single.responses == ["utter_readings_waiting"]


@pytest.mark.parametrize(
    ("detail", "reason"),
    [("Счётчик снят.", "Счётчик снят."), (None, "расчётная система их отклонила.")],
)
async def test_a_refusal_gives_billings_reason_or_says_that_there_is_none(
    single: Talk, submissions: FakeSubmissions, detail: str | None, reason: str
) -> None:
    submissions.outcome = Refused("meter_closed", detail)
    await single.say("56580")
    await single.press("/affirm")
    await single.then("action_submit_readings")
    assert single.one("utter_readings_refused").variables["reason"] == reason


async def test_a_closed_period_is_refused_without_asking_to_check_the_value(
    single: Talk, submissions: FakeSubmissions
) -> None:
    submissions.outcome = Refused("period_closed", "Приём закрыт до 1 января.")
    await single.say("56580")
    await single.press("/affirm")
    await single.then("action_submit_readings")
    assert "Приём закрыт до 1 января." in single.one("utter_readings_refused_period_closed").text
