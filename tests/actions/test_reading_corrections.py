"""Readings given again in the same period: corrected on purpose, or simply given twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest

from backend.billing.model import AcceptedReading, Meter
from backend.readings.outcomes import Waiting
from tests.actions.action_fakes import (
    BATH,
    HEATING,
    KITCHEN,
    MANUAL,
    ONE,
    OPEN,
    THREE,
    FakeAccounts,
    FakeBilling,
    FakeSubmissions,
)
from tests.actions.action_talk import DOUBT, FORM, Talk

NOW, BEFORE = date(2019, 12, 18), date(2019, 11, 20)
CORRECT = f'/correct_readings{{"account": "{ONE}"}}'
ALREADY = "utter_readings_already_given"


def row(meter: str, value: str, day: date, *, counts: bool = True) -> AcceptedReading:
    return AcceptedReading(meter, "1", D(value), day, counts)


def given_now(meter: Meter, value: str) -> Meter:
    return replace(meter, last_reading=D(value), last_reading_date=NOW)


@pytest.fixture
def given_once(billing: FakeBilling, accounts: FakeAccounts) -> None:
    """56590 was accepted in this period; 56578 is what the period before ended with."""
    billing.put(ONE, given_now(MANUAL, "56590"))
    billing.histories[ONE] = (row("m-1", "56590", NOW), row("m-1", "56578", BEFORE))
    accounts.linked["vk:1"] = [ONE]


@pytest.fixture
def three_given(billing: FakeBilling, accounts: FakeAccounts) -> None:
    """All three meters have a reading of this period."""
    values = ((KITCHEN, "172.5", "167.250"), (BATH, "270", "265.800"), (HEATING, "42.1", "41.320"))
    billing.put(THREE, *(given_now(meter, now) for meter, now, _ in values))
    billing.histories[THREE] = (
        *(row(meter.id, now, NOW) for meter, now, _ in values),
        row("k", "999", NOW, counts=False),
        *(row(meter.id, before, BEFORE) for meter, _, before in values),
    )
    accounts.linked["vk:1"] = [THREE]


async def confirm(talk: Talk) -> Talk:
    await talk.press("/affirm")
    return await talk.then("action_submit_readings")


async def correct(talk: Talk, payload: str = CORRECT) -> Talk:
    """The button «Исправить»."""
    return await talk.press_to_open(FORM, payload)


@pytest.mark.usefixtures("given_once")
async def test_a_second_reading_says_what_counts_before_it_is_typed(talk: Talk) -> None:
    await talk.open(FORM)
    assert talk.responses == [ALREADY, "utter_ask_reading"]
    assert "ГВС №1710051 — 56590" in talk.one(ALREADY).text
    assert "предыдущие показания: 56578 от 20.11.2019" in talk.heard[-1].text


@pytest.mark.usefixtures("given_once")
async def test_a_second_reading_may_be_lower_and_says_which_value_counts(
    talk: Talk, submissions: FakeSubmissions
) -> None:
    await talk.open(FORM)
    await talk.say("56580")
    assert talk.heard[-1].text.splitlines() == [
        "Объем потребления по счётчику ГВС №1710051 составил 2 м³",
        "ГВС №1710051: вместо переданного 56590 будет считаться 56580.",
    ]
    await confirm(talk)
    assert "ГВС №1710051 — 56580 (считается вместо 56590)" in talk.heard[0].text
    (readings,) = submissions.readings
    assert (readings[0].value, readings[0].replaces) == (D(56580), D(56590))


@pytest.mark.usefixtures("given_once")
async def test_a_second_reading_below_the_period_before_is_still_refused(talk: Talk) -> None:
    await talk.open(FORM)
    await talk.say("56577")
    assert talk.responses == [DOUBT + "below_previous"]


@pytest.mark.usefixtures("given_once")
async def test_the_same_reading_given_again_on_purpose_is_submitted(
    talk: Talk, submissions: FakeSubmissions
) -> None:
    await talk.open(FORM)
    await talk.say("56590")
    await confirm(talk)
    (readings,) = submissions.readings
    assert readings[0].replaces is None
    assert "вместо" not in talk.one("utter_readings_accepted").text


@pytest.mark.usefixtures("given_once")
async def test_the_button_opens_the_same_account_again(
    talk: Talk, accounts: FakeAccounts, submissions: FakeSubmissions
) -> None:
    accounts.linked["vk:1"] = [THREE, ONE]
    await correct(talk)
    assert talk.responses == [ALREADY, "utter_ask_reading"]
    await talk.say("56580")
    await confirm(talk)
    assert submissions.made[0][1:3] == (ONE, {"m-1": D(56580)})


@pytest.mark.parametrize("number", [THREE, "7060000001", "", "0"])
async def test_the_button_of_an_account_that_is_not_linked_opens_nothing(
    talk: Talk, accounts: FakeAccounts, number: str
) -> None:
    accounts.linked["vk:1"] = [ONE, "7060000002"]
    await correct(talk, f'/correct_readings{{"account": "{number}"}}')
    assert talk.responses[-1] == "utter_ask_submission_account"
    assert not talk.slots["meters"]


@pytest.mark.usefixtures("given_once")
@pytest.mark.parametrize(
    "words", ["исправить показания", "ошибся в показаниях", "неверно передала"]
)
async def test_the_wish_may_be_typed(talk: Talk, words: str) -> None:
    await talk.open(FORM, words)
    assert talk.responses == [ALREADY, "utter_ask_reading"]
    assert talk.slots["correction"] is True


@pytest.mark.usefixtures("given_once")
async def test_the_right_value_may_come_with_the_wish(talk: Talk) -> None:
    await talk.open(FORM, "ошибся, правильно 56580", "submit_readings")
    assert talk.responses == [ALREADY, "utter_ask_readings_confirmed"]
    assert "будет считаться 56580" in talk.heard[-1].text


@pytest.mark.usefixtures("given_once")
async def test_a_right_value_without_the_wish_in_words_of_one_opens_the_correction(
    talk: Talk,
) -> None:
    await talk.act("action_offer_number", "ошибся, правильно 56580", "provide_number")
    assert talk.followup == FORM
    await talk.open(FORM, "ошибся, правильно 56580", "provide_number")
    assert "будет считаться 56580" in talk.one("utter_ask_readings_confirmed").text


@pytest.mark.usefixtures("given_once")
async def test_a_right_value_that_was_taken_for_a_no_opens_the_correction(talk: Talk) -> None:
    await talk.act("action_question_closed", "ошибся, правильно 56580", "deny")
    assert talk.followup == FORM
    assert talk.responses == []
    await talk.open(FORM, "ошибся, правильно 56580", "deny")
    assert "будет считаться 56580" in talk.one("utter_ask_readings_confirmed").text
    assert talk.slots["offered_number"] is None


async def test_a_right_value_that_was_taken_for_a_no_changes_the_summary(single: Talk) -> None:
    await single.say("56590")
    await single.say("нет, ошибся, правильно 56580", "deny")
    assert single.slots["readings"] == {"m-1": "56580"}
    assert single.asked == "readings_confirmed"


async def test_a_right_value_that_was_taken_for_a_no_answers_a_doubt(single: Talk) -> None:
    await single.say("57000")
    await single.say("нет, ошибся, правильно 56580", "deny")
    assert single.slots["readings"] == {"m-1": "56580"}


@pytest.mark.usefixtures("three_given")
async def test_of_several_readings_the_wrong_one_is_chosen_and_only_it_is_submitted(
    talk: Talk, submissions: FakeSubmissions
) -> None:
    await talk.open(FORM, "исправить показания")
    assert talk.responses == ["utter_ask_meter_to_correct"]
    assert list(talk.heard[-1].buttons) == [
        "ГВС №100001, кухня: 172,5",
        "ГВС №100002, ванна: 270",
        "Отопление №200001: 42,1",
        "Все показания",
        "Отмена",
    ]
    await talk.press('/select_meter{"meter": "b"}')
    assert "предыдущие показания: 265,8 от 20.11.2019" in talk.heard[-1].text
    await talk.say("268")
    assert "ванна: вместо переданного 270 будет считаться 268." in talk.heard[-1].text
    await confirm(talk)
    assert submissions.made[0][2] == {"b": D(268)}


@pytest.mark.usefixtures("three_given")
async def test_a_named_value_with_the_wish_corrects_that_meter(
    talk: Talk, submissions: FakeSubmissions
) -> None:
    await talk.open(FORM, "исправить показания ванна 268")
    assert talk.responses == ["utter_ask_readings_confirmed"]
    await confirm(talk)
    assert submissions.made[0][2] == {"b": D(268)}


@pytest.mark.usefixtures("three_given")
async def test_a_value_without_a_meter_is_asked_about(talk: Talk) -> None:
    await talk.open(FORM, "ошиблась, правильно 268")
    assert talk.responses == ["utter_reading_which_meter", "utter_ask_meter_to_correct"]


@pytest.mark.usefixtures("three_given")
async def test_nothing_changed_submits_nothing(talk: Talk, submissions: FakeSubmissions) -> None:
    await talk.open(FORM, "исправить показания")
    await talk.press('/select_meter{"meter": "b"}')
    await talk.say("270")
    await confirm(talk)
    assert talk.responses == ["utter_readings_unchanged"]
    assert "ванна — 270" in talk.heard[0].text
    assert submissions.made == []


async def test_only_what_was_given_can_be_corrected(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling
) -> None:
    billing.put(THREE, given_now(KITCHEN, "172.5"), BATH)
    billing.histories[THREE] = (row("k", "172.5", NOW), row("k", "167.25", BEFORE))
    accounts.linked["vk:1"] = [THREE]
    await talk.open(FORM, "исправить показания")
    assert talk.responses == [ALREADY, "utter_ask_reading"]
    assert talk.heard[-1].variables["meter"] == "ГВС №100001, кухня"
    await talk.say("170")
    assert talk.asked == "readings_confirmed"


async def test_nothing_to_correct_becomes_giving_readings(
    talk: Talk, accounts: FakeAccounts
) -> None:
    accounts.linked["vk:1"] = [ONE]
    await talk.open(FORM, "исправить показания")
    assert talk.responses == ["utter_nothing_to_correct", "utter_ask_reading"]
    await talk.say("56580")
    await confirm(talk)
    assert talk.responses == ["utter_readings_accepted"]


async def test_what_waits_for_billing_can_be_corrected(
    talk: Talk, accounts: FakeAccounts, submissions: FakeSubmissions
) -> None:
    accounts.linked["vk:1"] = [ONE]
    submissions.waiting[ONE] = {"m-1": D(56590)}
    submissions.outcome = Waiting()
    await correct(talk)
    assert "56590" in talk.one(ALREADY).text
    await talk.say("56580")
    await confirm(talk)
    assert talk.responses == ["utter_readings_waiting"]
    assert submissions.readings[0][0].replaces == D(56590)


@pytest.mark.parametrize(
    ("opens", "response"),
    [
        (date(2020, 1, 1), "utter_correction_closed"),
        (None, "utter_correction_closed_undated"),
    ],
)
async def test_after_closing_it_is_explained_with_a_phone(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling, opens: date | None, response: str
) -> None:
    billing.put(ONE, MANUAL, period=replace(OPEN, open=False, opens=opens))
    accounts.linked["vk:1"] = [ONE]
    await correct(talk)
    assert talk.responses == [response]
    assert "688-32-88" in talk.heard[0].text
    assert talk.loop is None


async def test_without_a_history_the_readings_are_taken_as_usual(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling
) -> None:
    billing.put(ONE, given_now(MANUAL, "56590"))
    billing.history_is_away = True
    accounts.linked["vk:1"] = [ONE]
    await talk.open(FORM)
    assert talk.responses == ["utter_ask_reading"]


@pytest.mark.usefixtures("given_once")
@pytest.mark.parametrize("intent", ["cancel", "main_menu", "list_accounts"])
async def test_leaving_a_correction_says_that_the_reading_stays(talk: Talk, intent: str) -> None:
    await correct(talk)
    await talk.act("action_leave_form", intent=intent)
    assert talk.responses == ["utter_nothing_corrected"]
    assert talk.slots["correction"] is None
    assert talk.slots["counting"] is None


@pytest.mark.usefixtures("given_once")
async def test_a_correction_leaves_nothing_behind(talk: Talk) -> None:
    await correct(talk)
    await talk.say("56580")
    await confirm(talk)
    await talk.then("action_continue")
    left = {name for name, value in talk.slots.items() if value is not None}
    assert left <= {"has_linked_account"}
