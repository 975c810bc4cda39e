"""Ways out of a value below the previous one, and of a meter that has no value today."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest

from tests.actions.action_fakes import (
    BATH,
    KITCHEN,
    MANUAL,
    FakeAccounts,
    FakeBilling,
    FakeSubmissions,
)
from tests.actions.action_talk import DOUBT, Talk, with_meter

BELOW = DOUBT + "below_previous"
AGAIN = '/explain_reading{"reason": "again"}'
REPLACED = '/explain_reading{"reason": "replaced"}'
ROLLOVER = '/explain_reading{"reason": "rollover"}'
SKIP = '/explain_reading{"reason": "skip"}'
PHONE = "+7 (812) 688-32-88"


async def test_a_value_below_the_previous_is_asked_about_with_every_way_out(single: Talk) -> None:
    await single.say("56500")
    question = single.one(BELOW)
    assert "показание 56500 меньше предыдущего (56578)" in question.text
    assert question.buttons == {
        "Ввести ещё раз": AGAIN,
        "Счётчик заменили": REPLACED,
        "Счётчик прошёл через ноль": ROLLOVER,
        "Отмена": "/cancel",
    }
    assert single.asked == "reading"
    assert single.slots["failures"] == 1


@pytest.mark.parametrize(
    ("words", "intent"),
    [(AGAIN, ""), ("нет", "deny"), ("ошибся, введу ещё раз", "nlu_fallback")],
)
async def test_the_value_can_be_entered_again(single: Talk, words: str, intent: str) -> None:
    await single.say("56500")
    await (single.say(words, intent) if intent else single.press(words))
    assert single.responses == ["utter_ask_reading"]
    await single.say("56580")
    assert single.slots["readings"] == {"m-1": "56580"}


async def test_another_value_may_be_typed_at_once(single: Talk) -> None:
    await single.say("56500")
    await single.say("56580")
    assert single.asked == "readings_confirmed"
    assert single.slots["reading_question"] is None


async def test_a_yes_to_several_ways_is_asked_again(single: Talk) -> None:
    await single.say("56500")
    await single.say("да", intent="affirm")
    assert single.responses == ["utter_choose_by_button", BELOW]


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        (REPLACED, ""),
        ("его заменили", "report_meter_problem"),
        ("поменяли счётчик", "report_meter_problem"),
    ],
)
async def test_a_replaced_meter_leads_to_a_person_and_to_the_menu(
    single: Talk, submissions: FakeSubmissions, words: str, intent: str
) -> None:
    await single.say("5")
    await single.press("/deny")
    await (single.say(words, intent) if intent else single.press(words))
    told = single.one("utter_reading_meter_replaced").text
    assert PHONE in told
    assert "56578" in told
    assert single.loop is None
    await single.then("action_submit_readings")
    await single.then("action_continue")
    assert "Исправить" not in single.one("utter_main_menu").buttons
    assert submissions.made == []


async def test_a_replaced_meter_of_several_is_left_out_and_the_others_are_sent(
    three: Talk, submissions: FakeSubmissions
) -> None:
    await three.say("кухня 172,5, ванна 150")
    await three.press(REPLACED)
    assert three.responses == ["utter_reading_meter_replaced", "utter_ask_reading"]
    assert three.heard[-1].variables["meter"] == "Отопление №200001"
    await three.say("ванна 270")
    assert "b" not in three.slots["readings"]
    await three.say("42,1")
    await three.press("/affirm")
    await three.then("action_submit_readings")
    assert submissions.made[0][2] == {"k": D("172.5"), "h": D("42.1")}


@pytest.mark.parametrize(
    ("words", "intent"), [(ROLLOVER, ""), ("прошёл через ноль", "nlu_fallback")]
)
async def test_a_dial_far_from_its_end_cannot_have_gone_over(
    single: Talk, words: str, intent: str
) -> None:
    await single.say("56500")
    await (single.say(words, intent) if intent else single.press(words))
    told = single.one("utter_reading_rollover_unlikely").text
    assert PHONE in told
    assert "56578" in told
    assert "56500" in told
    assert single.responses[-1] == "utter_ask_reading"
    assert not single.slots["readings"]


OVER = replace(MANUAL, last_reading=D("99998"))


@pytest.mark.parametrize(
    ("words", "intent"), [("/affirm", ""), ("да, обнулился", "nlu_fallback"), ("да", "affirm")]
)
async def test_a_dial_that_went_over_is_submitted(
    talk: Talk,
    accounts: FakeAccounts,
    billing: FakeBilling,
    submissions: FakeSubmissions,
    words: str,
    intent: str,
) -> None:
    await with_meter(talk, accounts, billing, OVER)
    await talk.say("2")
    assert list(talk.one(DOUBT + "dial_over").buttons) == ["Да", "Нет", "Счётчик заменили"]
    await (talk.say(words, intent) if intent else talk.press(words))
    assert "составил 4 м³" in talk.one("utter_ask_readings_confirmed").text
    await talk.press("/affirm")
    await talk.then("action_submit_readings")
    assert submissions.made[0][2] == {"m-1": D(2)}


async def test_a_dial_that_seems_gone_over_may_be_a_replaced_meter(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling
) -> None:
    await with_meter(talk, accounts, billing, OVER)
    await talk.say("2")
    await talk.press(REPLACED)
    assert "utter_reading_meter_replaced" in talk.responses
    assert talk.loop is None


async def test_three_values_below_the_previous_name_a_person_and_leave_the_ways_open(
    single: Talk,
) -> None:
    for value in ("56500", "56501", "56502"):
        await single.say(value)
    assert single.responses == ["utter_failed_three_times", BELOW]
    await single.press(AGAIN)
    await single.say("56580")
    assert single.asked == "readings_confirmed"


@pytest.mark.parametrize(
    ("words", "intent"), [(SKIP, ""), ("пропустить", "nlu_fallback"), ("дальше", "affirm")]
)
async def test_a_meter_of_several_can_be_skipped(
    three: Talk, submissions: FakeSubmissions, words: str, intent: str
) -> None:
    await (three.say(words, intent) if intent else three.press(words))
    assert three.responses == ["utter_reading_skipped", "utter_ask_reading"]
    assert three.heard[-1].variables["meter"] == "ГВС №100002, ванна"
    await three.say("270")
    await three.say("42,1")
    await three.press("/affirm")
    await three.then("action_submit_readings")
    assert submissions.made[0][2] == {"b": D(270), "h": D("42.1")}


async def test_all_meters_skipped_submit_nothing(three: Talk, submissions: FakeSubmissions) -> None:
    for _ in range(3):
        await three.press(SKIP)
    assert three.responses[-1] == "utter_readings_none_left"
    assert three.loop is None
    await three.then("action_submit_readings")
    assert submissions.made == []


async def test_the_only_meter_is_not_skipped(single: Talk) -> None:
    assert list(single.heard[-1].buttons) == ["Отмена"]
    await single.say("пропустить", intent="nlu_fallback")
    assert single.loop is not None
    assert single.responses[-1] == "utter_ask_reading"


async def test_one_meter_left_is_corrected_without_a_choice(three: Talk) -> None:
    await three.press(SKIP)
    await three.press(SKIP)
    await three.say("42,1")
    await three.press("/deny")
    assert three.responses == ["utter_ask_reading"]
    assert three.heard[-1].variables["meter"] == "Отопление №200001"


@pytest.mark.parametrize("reason", ["", "drop tables", "AGAIN"])
async def test_an_unknown_reason_does_nothing(single: Talk, reason: str) -> None:
    await single.say("56500")
    before = dict(single.slots)
    await single.press(f'/explain_reading{{"reason": "{reason}"}}')
    assert single.rejected
    assert single.slots == before


@pytest.mark.parametrize("known_to_billing", [True, False])
async def test_expired_meters_are_named_before_anything_is_typed(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling, known_to_billing: bool
) -> None:
    expired = replace(
        KITCHEN,
        next_verification_date=date(2019, 12, 19),
        accepts_readings=not known_to_billing,
        refusal="истёк срок поверки" if known_to_billing else None,
    )
    await with_meter(talk, accounts, billing, expired, BATH)
    told = talk.one("utter_reading_verification_expired").text
    assert "ГВС №100001, кухня истёк 19.12.2019" in told
    assert PHONE in told
    assert talk.one("utter_ask_reading").variables["meter"] == "ГВС №100002"


async def test_only_expired_meters_end_the_form(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling
) -> None:
    await with_meter(
        talk, accounts, billing, replace(MANUAL, next_verification_date=date(2019, 12, 19))
    )
    assert talk.responses == ["utter_reading_verification_expired", "utter_all_meters_closed"]
    assert talk.loop is None
