"""The values a resident types: placed on meters, refused, or doubted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest

from backend.billing.model import Meter
from tests.actions.action_fakes import (
    MANUAL,
    FakeAccounts,
    FakeBilling,
)
from tests.actions.action_talk import DOUBT, Talk, with_meter


@pytest.mark.parametrize(
    ("changes", "response"),
    [
        ({"last_reading": None, "last_reading_date": None}, "utter_ask_reading_first"),
        ({"last_reading_date": None}, "utter_ask_reading_undated"),
    ],
)
async def test_a_meter_without_a_previous_reading_is_asked_without_one(
    talk: Talk,
    accounts: FakeAccounts,
    billing: FakeBilling,
    changes: dict[str, None],
    response: str,
) -> None:
    await with_meter(talk, accounts, billing, replace(MANUAL, **changes))
    assert talk.responses == [response]


async def test_a_first_reading_is_summed_up_without_a_volume(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling
) -> None:
    await with_meter(talk, accounts, billing, replace(MANUAL, last_reading=None))
    await talk.say("12")
    assert talk.heard[-1].text == "Первые показания по счётчику ГВС №1710051: 12"


async def test_several_meters_are_asked_one_by_one(three: Talk) -> None:
    asked = [three.heard[-1].variables["meter"]]
    for value in ("172,5", "270"):
        await three.say(value)
        asked.append(three.heard[-1].variables["meter"])
    assert asked == ["ГВС №100001, кухня", "ГВС №100002, ванна", "Отопление №200001"]
    await three.say("42,1")
    assert three.asked == "readings_confirmed"
    assert three.heard[-1].text.splitlines() == [
        "Объем потребления по счётчику ГВС №100001, кухня составил 5,25 м³",
        "Объем потребления по счётчику ГВС №100002, ванна составил 4,2 м³",
        "Объем потребления по счётчику Отопление №200001 составил 0,78 Гкал",
    ]


@pytest.mark.parametrize(
    "words",
    [
        "172,5 270 42,1",
        "ванна 270, кухня 172,5, отопление 42,1",
        "100002 - 270\n100001 - 172,5\n200001 - 42,1",
    ],
)
async def test_several_readings_in_one_message_find_their_meters(three: Talk, words: str) -> None:
    await three.say(words)
    assert {key: D(value) for key, value in three.slots["readings"].items()} == {
        "k": D("172.5"),
        "b": D(270),
        "h": D("42.1"),
    }
    assert three.asked == "readings_confirmed"


async def test_a_named_meter_is_taken_out_of_turn(three: Talk) -> None:
    await three.say("ванна 270")
    assert three.slots["readings"] == {"b": "270"}
    assert three.heard[-1].variables["meter"] == "ГВС №100001, кухня"


async def test_one_wrong_value_of_several_does_not_lose_the_others(three: Talk) -> None:
    await three.say("кухня 172,5, ванна 150, отопление 42,1")
    assert set(three.slots["readings"]) == {"k", "h"}
    assert three.responses == [DOUBT + "below_previous"]
    assert three.heard[-1].variables["meter"] == "ГВС №100002, ванна"


async def test_cold_water_is_told_to_be_not_ours(single: Talk) -> None:
    await single.say("хвс 120")
    assert "utter_reading_not_ours" in single.responses
    assert single.asked == "reading"
    assert not single.slots["readings"]


async def test_words_without_a_number_are_asked_again(single: Talk) -> None:
    await single.say("сейчас посмотрю", intent="nlu_fallback")
    assert single.responses == ["utter_reading_not_a_number", "utter_ask_reading"]


async def test_three_failures_tell_what_is_known_and_a_phone_and_leave_the_way_on(
    three: Talk,
) -> None:
    await three.say("кухня 172,5")
    for _ in range(3):
        await three.say("ой", intent="nlu_fallback")
    assert three.responses[-3:] == [
        "utter_readings_so_far",
        "utter_failed_three_times",
        "utter_ask_reading",
    ]
    assert "ГВС №100001, кухня — 172,5" in three.one("utter_readings_so_far").text
    assert "688-32-88" in three.one("utter_failed_three_times").text
    assert list(three.heard[-1].buttons) == ["Отмена", "Пропустить"]
    assert three.slots["readings"] == {"k": "172.5"}


async def test_three_answers_without_a_number_name_a_person(single: Talk) -> None:
    for _ in range(3):
        await single.say("ой", intent="nlu_fallback")
    assert single.responses == [
        "utter_reading_not_a_number",
        "utter_failed_three_times",
        "utter_ask_reading",
    ]


async def test_a_value_after_failures_starts_the_count_afresh(single: Talk) -> None:
    await single.say("ой", intent="nlu_fallback")
    await single.say("ой", intent="nlu_fallback")
    await single.say("56580")
    assert single.slots["failures"] is None


async def test_too_many_digits_are_refused(single: Talk) -> None:
    await single.say("565781")
    assert "у счётчика до запятой 5" in single.one("utter_reading_too_many_digits").text


SLIP = replace(MANUAL, last_reading=D("56.500"))
OVER = replace(MANUAL, last_reading=D("99998"))


@pytest.mark.parametrize(
    ("meter", "typed", "kind", "taken"),
    [
        (SLIP, "56578", "thousandfold_slip", "56.578"),
        (MANUAL, "57000", "unusually_high", "57000"),
        (OVER, "2", "dial_over", "2"),
        (MANUAL, "5", "volume_instead", "56583"),
        (MANUAL, "56580,12345", "too_many_decimals", "56580.123"),
    ],
)
async def test_a_doubtful_value_is_taken_after_a_yes(
    talk: Talk,
    accounts: FakeAccounts,
    billing: FakeBilling,
    meter: Meter,
    typed: str,
    kind: str,
    taken: str,
) -> None:
    await with_meter(talk, accounts, billing, meter)
    await talk.say(typed)
    assert talk.responses == [DOUBT + kind]
    assert list(talk.heard[-1].buttons.values())[:2] == ["/affirm", "/deny"]
    assert not talk.slots["readings"]
    await talk.press("/affirm")
    assert talk.slots["readings"] == {"m-1": taken}
    assert talk.asked == "readings_confirmed"


@pytest.mark.parametrize(
    ("meter", "typed"), [(MANUAL, "57000"), (OVER, "2"), (MANUAL, "56580,12345")]
)
async def test_a_no_to_a_doubt_asks_for_the_meter_again(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling, meter: Meter, typed: str
) -> None:
    await with_meter(talk, accounts, billing, meter)
    await talk.say(typed)
    await talk.say("нет", intent="deny")
    assert talk.responses == ["utter_ask_reading"]
    assert not talk.slots["readings"]
    assert talk.slots["reading_question"] is None


@pytest.mark.parametrize(
    ("meter", "typed", "kind"),
    [(SLIP, "56578", "unusually_high"), (MANUAL, "5", "below_previous")],
)
async def test_a_no_to_another_value_means_the_typed_one_which_is_checked_further(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling, meter: Meter, typed: str, kind: str
) -> None:
    await with_meter(talk, accounts, billing, meter)
    await talk.say(typed)
    await talk.say("нет", intent="deny")
    assert talk.responses == [DOUBT + kind]
    assert talk.one(DOUBT + kind).variables["value"] == typed
    assert not talk.slots["readings"]


async def test_a_no_to_a_consumption_in_words_asks_for_the_reading(single: Talk) -> None:
    await single.say("нагорело 12")
    await single.press("/deny")
    assert single.responses == ["utter_ask_reading"]
    assert single.slots["reading_question"] is None


async def test_an_unusual_volume_is_told_with_what_is_usual(single: Talk) -> None:
    await single.say("57000")
    words = single.one(DOUBT + "unusually_high").text
    assert "422 м³, обычно до 15 м³" in words
    assert "57000" in words


async def test_heat_is_unusual_long_before_as_much_water_would_be(three: Talk) -> None:
    await three.say("отопление 55")
    assert "13,68 Гкал, обычно до 13 Гкал" in three.one(DOUBT + "unusually_high").text


async def test_a_value_at_a_doubt_belongs_to_the_doubted_meter(three: Talk) -> None:
    await three.say("ванна 900")
    await three.say("270")
    assert three.slots["readings"] == {"b": "270"}


async def test_another_number_instead_of_yes_or_no_is_taken_as_the_answer(single: Talk) -> None:
    await single.say("57000")
    await single.say("56580")
    assert single.slots["readings"] == {"m-1": "56580"}
    assert single.slots["reading_question"] is None
    assert single.asked == "readings_confirmed"


async def test_unclear_words_at_a_doubt_ask_the_doubt_again(single: Talk) -> None:
    await single.say("57000")
    await single.say("эээ", intent="nlu_fallback")
    assert single.responses == ["utter_choose_by_button", DOUBT + "unusually_high"]


async def test_a_consumption_in_words_is_offered_as_a_reading(single: Talk) -> None:
    await single.say("нагорело 12")
    assert single.one(DOUBT + "volume_instead").variables["proposal"] == "56590"
    await single.press("/affirm")
    assert single.slots["readings"] == {"m-1": "56590"}


async def test_a_consumption_on_a_meter_without_readings_is_not_taken_as_one(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling
) -> None:
    await with_meter(
        talk, accounts, billing, replace(MANUAL, last_reading=None, last_reading_date=None)
    )
    await talk.say("нагорело 12")
    assert not talk.slots["readings"]
    assert talk.asked == "reading"
    # Silence would leave the resident without a word on what was wrong.
    assert talk.responses[-1] == "utter_ask_reading_first"
    assert len(talk.responses) > 1


async def test_doubts_follow_one_another(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling
) -> None:
    await with_meter(talk, accounts, billing, MANUAL)
    await talk.say("57000,12345")
    first = talk.responses
    await talk.press("/affirm")
    assert first == [DOUBT + "too_many_decimals"]
    assert talk.responses == [DOUBT + "unusually_high"]
    await talk.press("/affirm")
    assert talk.slots["readings"] == {"m-1": "57000.123"}


async def test_doubts_of_several_values_in_one_message_are_all_asked(three: Talk) -> None:
    await three.say("кухня 900, ванна 270, отопление 800")
    assert three.slots["readings"] == {"b": "270"}
    assert three.responses == [DOUBT + "unusually_high"]
    await three.press("/affirm")
    assert set(three.slots["readings"]) == {"k", "b"}
    assert three.responses in (["utter_ask_reading"], [DOUBT + "unusually_high"])
    assert three.asked == "reading"


async def test_notices_follow_the_volumes(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling
) -> None:
    soon = replace(
        MANUAL,
        next_verification_date=date(2020, 1, 15),
        last_reading_date=date(2019, 5, 1),
    )
    await with_meter(talk, accounts, billing, soon)
    await talk.say("56580")
    lines = talk.heard[-1].text.splitlines()
    assert "поверка до 15.01.2020" in lines[1]
    assert "не было с 01.05.2019" in lines[2]
