"""The summary: confirmed, not confirmed, or corrected by what is typed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D

import pytest

from tests.actions.action_fakes import (
    BATH,
    HEATING,
    KITCHEN,
    FakeAccounts,
    FakeBilling,
    FakeSubmissions,
)
from tests.actions.action_talk import Talk, with_meter


async def test_not_confirmed_asks_the_only_meter_again(single: Talk) -> None:
    await single.say("56580")
    await single.press("/deny")
    assert single.responses == ["utter_ask_reading"]
    assert single.slots["readings"] == {}
    await single.say("56581")
    await single.press("/affirm")
    assert single.slots["readings"] == {"m-1": "56581"}


async def test_not_confirmed_asks_which_of_several_is_wrong(three: Talk) -> None:
    await three.say("172,5 270 42,1")
    await three.press("/deny")
    question = three.one("utter_ask_meter_to_correct")
    assert list(question.buttons.values()) == [
        '/select_meter{"meter": "k"}',
        '/select_meter{"meter": "b"}',
        '/select_meter{"meter": "h"}',
        '/select_meter{"meter": "all"}',
        "/cancel",
    ]
    values = ("172,5", "270", "42,1")
    assert all(value in caption for value, caption in zip(values, question.buttons, strict=False))
    await three.press('/select_meter{"meter": "b"}')
    assert three.heard[-1].variables["meter"] == "ГВС №100002, ванна"
    assert set(three.slots["readings"]) == {"k", "h"}
    await three.say("271")
    assert three.asked == "readings_confirmed"
    await three.press("/affirm")
    assert three.slots["readings"]["b"] == "271"


async def test_all_readings_can_be_given_again(three: Talk) -> None:
    await three.say("172,5 270 42,1")
    await three.press("/deny")
    await three.press('/select_meter{"meter": "all"}')
    assert three.slots["readings"] == {}
    assert three.heard[-1].variables["meter"] == "ГВС №100001, кухня"


async def test_a_meter_that_is_not_there_cannot_be_corrected(three: Talk) -> None:
    await three.say("172,5 270 42,1")
    await three.press("/deny")
    await three.press('/select_meter{"meter": "zzz"}')
    assert three.responses == ["utter_choose_by_button", "utter_ask_meter_to_correct"]


async def test_an_unclear_confirmation_is_asked_again(
    single: Talk, submissions: FakeSubmissions
) -> None:
    await single.say("56580")
    await single.say("ну ладно наверное", intent="nlu_fallback")
    assert single.responses == ["utter_choose_by_button", "utter_ask_readings_confirmed"]
    assert submissions.made == []


async def test_every_meters_caption_fits_a_button(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling
) -> None:
    long = [replace(meter, number="123456789012") for meter in (KITCHEN, BATH, HEATING)]
    long = [replace(meter, id=str(index)) for index, meter in enumerate(long)]
    await with_meter(talk, accounts, billing, *long)
    await talk.say("172,567 270,567 42,123")
    await talk.press("/deny")
    assert max(map(len, talk.heard[-1].buttons)) <= 40


async def test_a_number_at_the_summary_corrects_the_only_reading(single: Talk) -> None:
    await single.say("56580")
    await single.say("56581")
    assert single.responses == ["utter_ask_readings_confirmed"]
    assert single.slots["readings"] == {"m-1": "56581"}


async def test_a_named_value_at_the_summary_corrects_that_meter(three: Talk) -> None:
    await three.say("172,5 270 42,1")
    await three.say("ванна 271")
    assert three.asked == "readings_confirmed"
    assert {key: D(value) for key, value in three.slots["readings"].items()} == {
        "k": D("172.5"),
        "b": D(271),
        "h": D("42.1"),
    }


async def test_a_wrong_number_at_the_summary_does_not_lose_the_reading(
    single: Talk, submissions: FakeSubmissions
) -> None:
    await single.say("56580")
    await single.say("56500")
    assert "utter_reading_below_previous" in single.responses
    assert single.asked == "readings_confirmed"
    assert single.slots["readings"] == {"m-1": "56580"}
    assert submissions.made == []


@pytest.mark.parametrize("words", ["100002", "2", "ванна", "в ванной", "ГВС №100002, ванна"])
async def test_the_wrong_meter_can_be_typed(three: Talk, words: str) -> None:
    await three.say("172,5 270 42,1")
    await three.press("/deny")
    await three.say(words)
    assert set(three.slots["readings"]) == {"k", "h"}
    assert three.heard[-1].variables["meter"] == "ГВС №100002, ванна"


@pytest.mark.parametrize("words", ["все", "все показания"])
async def test_all_meters_can_be_typed(three: Talk, words: str) -> None:
    await three.say("172,5 270 42,1")
    await three.press("/deny")
    await three.say(words, intent="nlu_fallback")
    assert three.slots["readings"] == {}


async def test_three_unclear_answers_to_the_summary_name_a_person_and_keep_the_readings(
    single: Talk,
) -> None:
    await single.say("56580")
    for _ in range(3):
        await single.say("ну наверное", intent="nlu_fallback")
    assert single.responses == [
        "utter_choose_by_button",
        "utter_failed_three_times",
        "utter_ask_readings_confirmed",
    ]
    assert single.slots["readings"] == {"m-1": "56580"}


async def test_three_unclear_choices_of_the_wrong_meter_name_a_person(three: Talk) -> None:
    await three.say("172,5 270 42,1")
    await three.press("/deny")
    for _ in range(3):
        await three.say("тот самый", intent="nlu_fallback")
    assert "utter_failed_three_times" in three.responses
    assert three.asked == "meter_to_correct"
