"""Giving readings: accounts, values, doubts, corrections, and what becomes of a submission."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest
from action_fakes import (
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
from action_talk import Talk

from backend.billing.model import Meter
from backend.readings.submissions import Refused, Waiting

FORM = "submit_readings_form"
DOUBT = "utter_reading_question_"


@pytest.fixture
async def single(talk: Talk, accounts: FakeAccounts) -> Talk:
    """The manual's account: one meter, 56578 on 3 December 2019."""
    accounts.linked["vk:1"] = [ONE]
    return await talk.open(FORM)


@pytest.fixture
async def three(talk: Talk, accounts: FakeAccounts) -> Talk:
    """One account with three meters."""
    accounts.linked["vk:1"] = [THREE]
    return await talk.open(FORM)


async def with_meter(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling, *meters: Meter
) -> Talk:
    """A form over these meters."""
    billing.put(ONE, *meters)
    accounts.linked["vk:1"] = [ONE]
    return await talk.open(FORM)


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


# --- the account


async def test_of_several_accounts_one_is_chosen_by_its_button(
    talk: Talk, accounts: FakeAccounts
) -> None:
    accounts.linked["vk:1"] = [ONE, THREE]
    await talk.open(FORM)
    assert list(talk.one("utter_ask_submission_account").buttons) == [ONE, THREE, "Отмена"]
    await talk.press(f'/select_account{{"account": "{THREE}"}}')
    assert talk.one("utter_ask_reading").variables["meter"] == "ГВС №100001, кухня"


async def test_an_account_of_somebody_else_cannot_be_chosen(
    talk: Talk, accounts: FakeAccounts
) -> None:
    accounts.linked["vk:1"] = [ONE, THREE]
    accounts.linked["vk:2"] = ["7060000001"]
    await talk.open(FORM)
    await talk.press('/select_account{"account": "7060000001"}')
    assert talk.responses == ["utter_account_not_linked", "utter_ask_submission_account"]


async def test_readings_given_with_the_wish_wait_for_the_account(
    talk: Talk, accounts: FakeAccounts
) -> None:
    accounts.linked["vk:1"] = [ONE, THREE]
    await talk.open(FORM, "передаю показания 56580")
    assert talk.asked == "submission_account"
    await talk.press(f'/select_account{{"account": "{ONE}"}}')
    assert talk.asked == "readings_confirmed"
    assert talk.slots["readings"] == {"m-1": "56580"}


async def test_readings_given_with_the_wish_are_taken_at_once(
    talk: Talk, accounts: FakeAccounts
) -> None:
    accounts.linked["vk:1"] = [ONE]
    await talk.open(FORM, "передаю показания 56580")
    assert talk.responses == ["utter_ask_readings_confirmed"]
    assert talk.slots["offered_number"] is None


async def test_a_number_that_was_offered_before_is_taken_as_the_reading(
    talk: Talk, accounts: FakeAccounts
) -> None:
    accounts.linked["vk:1"] = [ONE]
    await talk.act("action_offer_number", "56580", "provide_number")
    assert talk.one("utter_offer_number").variables == {"number": "56580"}
    await talk.open(FORM)
    assert talk.slots["readings"] == {"m-1": "56580"}
    assert talk.slots["offered_number"] is None


async def test_billing_away_ends_the_form_without_a_submission(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling, submissions: FakeSubmissions
) -> None:
    accounts.linked["vk:1"], billing.down = [ONE], True
    await talk.open(FORM)
    assert talk.responses == ["utter_billing_unavailable"]
    assert talk.loop is None
    await talk.then("action_submit_readings")
    assert talk.responses == []
    assert submissions.made == []


async def test_an_account_that_billing_has_dropped_ends_the_form(
    talk: Talk, accounts: FakeAccounts
) -> None:
    accounts.linked["vk:1"] = ["7060000001"]
    await talk.open(FORM)
    assert talk.responses == ["utter_account_no_longer_found"]
    assert talk.loop is None


async def test_an_account_without_meters_ends_the_form(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling
) -> None:
    await with_meter(talk, accounts, billing)
    assert talk.responses == ["utter_account_without_meters"]
    assert talk.loop is None


async def test_a_closed_meter_is_named_with_its_reason_and_the_others_are_asked(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling
) -> None:
    closed = replace(BATH, accepts_readings=False, refusal="Счётчик снят.")
    await with_meter(talk, accounts, billing, KITCHEN, closed)
    assert talk.one("utter_meter_closed").variables == {
        "meter": "ГВС №100002, ванна",
        "reason": "Счётчик снят.",
    }
    await talk.say("172")
    assert talk.asked == "readings_confirmed"


async def test_only_closed_meters_end_the_form(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling
) -> None:
    await with_meter(talk, accounts, billing, replace(MANUAL, accepts_readings=False))
    assert talk.responses == ["utter_meter_closed", "utter_all_meters_closed"]
    assert talk.loop is None


@pytest.mark.parametrize(
    ("opens", "response"),
    [
        (date(2020, 1, 1), "utter_period_closed"),
        (None, "utter_period_closed_undated"),
    ],
)
async def test_a_closed_period_is_told_before_the_first_question(
    talk: Talk,
    accounts: FakeAccounts,
    billing: FakeBilling,
    opens: date | None,
    response: str,
) -> None:
    billing.put(ONE, MANUAL, period=replace(OPEN, open=False, opens=opens))
    accounts.linked["vk:1"] = [ONE]
    await talk.open(FORM)
    assert talk.responses == [response, "utter_ask_reading"]


# --- questions


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
    assert three.responses == ["utter_reading_below_previous", "utter_ask_reading"]
    assert three.heard[-1].variables["meter"] == "ГВС №100002, ванна"


async def test_cold_water_is_told_to_be_not_ours(single: Talk) -> None:
    await single.say("хвс 120")
    assert "utter_reading_not_ours" in single.responses
    assert single.asked == "reading"
    assert not single.slots["readings"]


# --- refusals and doubts


async def test_words_without_a_number_are_asked_again(single: Talk) -> None:
    await single.say("сейчас посмотрю", intent="nlu_fallback")
    assert single.responses == ["utter_reading_not_a_number", "utter_ask_reading"]


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


async def test_a_value_below_the_previous_is_refused(single: Talk) -> None:
    await single.say("56500")
    refused = single.one("utter_reading_below_previous")
    assert "Показание 56500 меньше предыдущего (56578)" in refused.text
    assert single.asked == "reading"
    assert single.slots["failures"] == 1


async def test_too_many_digits_are_refused(single: Talk) -> None:
    await single.say("565781")
    assert "у счётчика до запятой 5" in single.one("utter_reading_too_many_digits").text


async def test_an_expired_verification_is_refused(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling
) -> None:
    expired = replace(MANUAL, next_verification_date=date(2019, 12, 1))
    await with_meter(talk, accounts, billing, expired)
    await talk.say("56580")
    assert "utter_reading_verification_expired" in talk.responses


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
    ("meter", "typed"), [(SLIP, "56578"), (MANUAL, "57000"), (OVER, "2"), (MANUAL, "5")]
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


# --- the confirmation


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


async def test_a_closed_period_is_refused_without_asking_to_check_the_value(
    single: Talk, submissions: FakeSubmissions
) -> None:
    submissions.outcome = Refused("period_closed", "Приём закрыт до 1 января.")
    await single.say("56580")
    await single.press("/affirm")
    await single.then("action_submit_readings")
    assert "Приём закрыт до 1 января." in single.one("utter_readings_refused_period_closed").text


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


async def test_a_number_offered_before_several_accounts_survives_a_wrong_choice(
    talk: Talk, accounts: FakeAccounts
) -> None:
    accounts.linked["vk:1"] = [ONE, THREE]
    await talk.open(FORM, "передаю показания 56580")
    await talk.say("какой-то", intent="nlu_fallback")
    assert talk.asked == "submission_account"
    await talk.say("1")
    assert talk.slots["submission_account"] == ONE
    assert talk.slots["readings"] == {"m-1": "56580"}


# --- what is no answer


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("привет", "greet"),
        ("спасибо", "thank"),
        ("меню", "main_menu"),
        ("отмена", "cancel"),
        ("мои счета", "list_accounts"),
        ("где номер счётчика", "ask_where_meter_number"),
        ("до 25 числа принимаете?", "ask_submission_period"),
        ("да", "affirm"),
        ("нет", "deny"),
        ("/stale_button", "stale_button"),
        ("/unsupported_message", "unsupported_message"),
    ],
)
async def test_wishes_and_questions_at_a_reading_are_left_to_the_rules(
    single: Talk, words: str, intent: str
) -> None:
    before = dict(single.slots)
    await single.say(words, intent)
    assert single.rejected
    assert single.responses == []
    assert single.slots == before


@pytest.mark.parametrize("intent", ["greet", "main_menu", "cancel", "help", "stale_button"])
async def test_wishes_at_the_other_questions_are_left_to_the_rules(
    talk: Talk, accounts: FakeAccounts, intent: str
) -> None:
    accounts.linked["vk:1"] = [ONE, THREE]
    await talk.open(FORM)
    asked = []
    for step in (f'/select_account{{"account": "{THREE}"}}', "172,5 270 42,1", "/deny"):
        await talk.say(f"/{intent}", intent)
        assert talk.rejected
        asked.append(talk.asked)
        await (talk.press(step) if step.startswith("/") else talk.say(step))
    await talk.say(f"/{intent}", intent)
    assert talk.rejected
    assert [*asked, talk.asked] == [
        "submission_account",
        "reading",
        "readings_confirmed",
        "meter_to_correct",
    ]


async def test_the_number_that_linked_the_account_is_not_taken_for_a_reading(
    talk: Talk, accounts: FakeAccounts
) -> None:
    """The form opens in the turn of the message that held the account number."""
    accounts.linked["vk:1"] = [ONE]
    await talk.open(FORM, ONE, "provide_number")
    assert talk.responses == ["utter_ask_reading"]
    assert talk.slots["offered_number"] is None
