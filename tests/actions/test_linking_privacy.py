"""Consent, proof and limits at linking; what is said about an address."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.billing.model import Account
from tests.actions.action_fakes import (
    BATH,
    HEATING,
    KITCHEN,
    MANUAL,
    NONE,
    ONE,
    OPEN,
    FakeAccounts,
    FakeBilling,
)
from tests.actions.action_privacy import POLICY, FakePrivacy
from tests.actions.action_talk import Talk

LINK = "link_account_form"
ASK = "utter_ask_link_account_form_account_number"
ADDRESS = "г. Санкт-Петербург, ул. Ленина, д. 1, кв. 7"


@pytest.fixture
def with_consent(privacy: FakePrivacy) -> FakePrivacy:
    privacy.policy = replace(POLICY, explicit=True)
    return privacy


@pytest.fixture
def with_proof(privacy: FakePrivacy, billing: FakeBilling) -> FakePrivacy:
    privacy.policy = replace(POLICY, meter_proof=True)
    billing.put(ONE, KITCHEN, replace(BATH, number="АБ-77 001234"), HEATING)
    return privacy


async def test_one_sentence_with_the_link_comes_before_the_first_question_only(talk: Talk) -> None:
    await talk.open(LINK, intent="link_account")
    assert talk.responses == ["utter_consent_notice", ASK]
    assert POLICY.url in talk.one("utter_consent_notice").text
    await talk.say(NONE)
    assert talk.responses == ["utter_account_not_found", ASK]


async def test_a_new_version_of_the_policy_is_said_again(talk: Talk, privacy: FakePrivacy) -> None:
    await talk.open(LINK, intent="link_account")
    privacy.policy = replace(POLICY, version="8")
    await talk.say(NONE)
    assert talk.responses == ["utter_account_not_found", "utter_consent_notice", ASK]


async def test_writing_the_number_is_consent_to_the_version_in_force(
    talk: Talk, privacy: FakePrivacy
) -> None:
    await talk.open(LINK, intent="link_account")
    await talk.say("не помню", "out_of_scope")
    assert privacy.consents.given == {}
    await talk.say(ONE)
    assert privacy.consents.given == {"vk:1": ("7", False)}


async def test_whoever_begins_with_the_number_reads_the_sentence_with_the_answer(
    talk: Talk,
) -> None:
    talk.slots["offered_number"] = ONE
    await talk.open(LINK, intent="link_account")
    await talk.then("action_link_account")
    assert talk.responses == ["utter_account_linked", "utter_consent_notice"]


async def test_an_account_of_ones_own_shows_its_masked_address(
    talk: Talk, billing: FakeBilling
) -> None:
    billing.accounts[ONE] = Account(ONE, OPEN, (MANUAL,), ADDRESS)
    await talk.open(LINK, intent="link_account")
    await talk.say(ONE)
    await talk.then("action_link_account")
    assert talk.one("utter_account_linked").text.endswith("\nАдрес: ул. Л…, кв. 7")
    assert talk.slots["masked_address"] is None


async def test_those_who_have_linked_the_account_before_are_told(
    talk: Talk, privacy: FakePrivacy
) -> None:
    await talk.open(LINK, intent="link_account")
    await talk.say(ONE)
    await talk.then("action_link_account")
    assert privacy.notices.told == [("vk:1", ONE)]


async def test_nobody_is_told_of_a_link_that_was_there(
    talk: Talk, privacy: FakePrivacy, accounts: FakeAccounts
) -> None:
    await talk.open(LINK, intent="link_account")
    await talk.say(ONE)
    accounts.linked["vk:1"] = [ONE]
    await talk.then("action_link_account")
    assert privacy.notices.told == []


async def test_after_five_wrong_numbers_not_even_a_right_one_is_looked_up(
    talk: Talk, privacy: FakePrivacy
) -> None:
    await talk.open(LINK, intent="link_account")
    for _ in range(5):
        assert "utter_link_paused" not in talk.responses
        await talk.say(NONE)
    paused = talk.one("utter_link_paused")
    assert paused.variables == {"until": "12:40"}
    assert list(paused.buttons.values()) == ["/ask_where_account_number", "/cancel"]
    assert ASK not in talk.responses
    await talk.say(ONE)
    assert talk.responses == ["utter_link_paused"]
    assert talk.slots["account_number"] is None
    assert len(privacy.wrong_numbers.counted) == 5


@pytest.mark.parametrize("words", ["123", "а где", "7060012345 или 7060012346"])
async def test_what_is_no_number_does_not_count_as_a_wrong_one(
    talk: Talk, privacy: FakePrivacy, words: str
) -> None:
    await talk.open(LINK, intent="link_account")
    await talk.say(words, "out_of_scope")
    assert privacy.wrong_numbers.counted == []


async def test_billing_away_does_not_count_as_a_wrong_number(
    talk: Talk, privacy: FakePrivacy, billing: FakeBilling
) -> None:
    billing.down = True
    await talk.open(LINK, intent="link_account")
    await talk.say(ONE)
    assert privacy.wrong_numbers.counted == []


# --- CONSENT=explicit


async def test_nothing_is_asked_before_the_resident_agrees(
    talk: Talk, with_consent: FakePrivacy
) -> None:
    await talk.open(LINK, intent="link_account")
    question = talk.one("utter_ask_link_consent")
    assert talk.responses == ["utter_ask_link_consent"]
    assert list(question.buttons.items()) == [("Согласен", "/affirm"), ("Отмена", "/cancel")]
    await talk.press("/affirm")
    assert talk.responses == [ASK]
    assert with_consent.consents.given == {"vk:1": ("7", True)}
    await talk.say(ONE)
    assert talk.loop is None
    assert talk.slots["account_number"] == ONE


@pytest.mark.parametrize(("words", "intent"), [(ONE, "provide_number"), ("нет", "deny")])
async def test_without_consent_no_number_is_kept(
    talk: Talk, with_consent: FakePrivacy, words: str, intent: str
) -> None:
    await talk.open(LINK, intent="link_account")
    await talk.say(words, intent)
    assert talk.responses == ["utter_link_needs_consent", "utter_ask_link_consent"]
    assert talk.slots["account_number"] is None
    assert talk.slots["offered_number"] is None
    assert with_consent.consents.given == {}
    assert with_consent.stored.withheld == 2


async def test_a_number_that_comes_first_is_not_kept_before_consent(
    talk: Talk, with_consent: FakePrivacy
) -> None:
    await talk.act("action_offer_number", ONE, "provide_number")
    assert talk.followup == LINK
    assert talk.slots["offered_number"] is None
    await talk.open(LINK, f"привяжи {ONE}", "link_account")
    assert talk.responses == ["utter_ask_link_consent"]
    assert ONE not in str(talk.slots)


async def test_whoever_agreed_before_is_not_asked_again(
    talk: Talk, with_consent: FakePrivacy
) -> None:
    with_consent.consents.given["vk:1"] = ("7", True)
    await talk.open(LINK, intent="link_account")
    assert talk.responses == [ASK]


async def test_a_consent_by_writing_is_not_enough_where_the_button_is_asked_for(
    talk: Talk, with_consent: FakePrivacy
) -> None:
    with_consent.consents.given["vk:1"] = ("7", False)
    await talk.open(LINK, intent="link_account")
    assert talk.responses == ["utter_ask_link_consent"]


# --- LINK_PROOF=meter


@pytest.mark.parametrize(
    "digits", ["0001", "0 0 0 1", "100001", "1234", "77001234", "счётчик 1234"]
)
async def test_the_last_digits_of_any_meter_prove_the_account(
    talk: Talk, with_proof: FakePrivacy, digits: str
) -> None:
    await talk.open(LINK, intent="link_account")
    await talk.say(ONE)
    assert talk.responses == ["utter_ask_link_account_form_meter_digits"]
    await talk.say(digits)
    assert talk.loop is None
    assert talk.slots["account_number"] == ONE


@pytest.mark.parametrize("number", [ONE, NONE])
async def test_wrong_digits_and_an_unknown_account_get_the_same_answers(
    talk: Talk, with_proof: FakePrivacy, number: str
) -> None:
    await talk.open(LINK, intent="link_account")
    await talk.say(number)
    assert talk.responses == ["utter_ask_link_account_form_meter_digits"]
    await talk.say("9999")
    assert [(one.response, one.text) for one in talk.heard] == [
        ("utter_link_not_proved", talk.one("utter_link_not_proved").text),
        (ASK, "Пожалуйста, введите номер вашего лицевого счёта:"),
    ]
    assert number not in talk.one("utter_link_not_proved").text
    assert talk.asked == "account_number"
    assert talk.slots["account_number"] is None
    assert with_proof.wrong_numbers.counted == ["vk:1"]


@pytest.mark.parametrize("digits", ["1", "001", "не знаю"])
async def test_too_few_digits_are_asked_again_and_do_not_count(
    talk: Talk, with_proof: FakePrivacy, digits: str
) -> None:
    await talk.open(LINK, intent="link_account")
    await talk.say(ONE)
    await talk.say(digits, "out_of_scope")
    assert talk.responses == [
        "utter_meter_digits_malformed",
        "utter_ask_link_account_form_meter_digits",
    ]
    assert talk.slots["account_number"] == ONE
    assert with_proof.wrong_numbers.counted == []


async def test_an_account_without_meters_can_not_be_proved(
    talk: Talk, with_proof: FakePrivacy, billing: FakeBilling
) -> None:
    billing.put(ONE)
    await talk.open(LINK, intent="link_account")
    await talk.say(ONE)
    await talk.say("0001")
    assert "688-32-88" in talk.one("utter_link_not_proved").text


async def test_billing_away_keeps_the_number_and_asks_for_the_digits_again(
    talk: Talk, with_proof: FakePrivacy, billing: FakeBilling
) -> None:
    await talk.open(LINK, intent="link_account")
    await talk.say(ONE)
    billing.down = True
    await talk.say("0001")
    assert talk.responses == [
        "utter_billing_unavailable",
        "utter_ask_link_account_form_meter_digits",
    ]
    billing.down = False
    await talk.say("0001")
    assert talk.loop is None


async def test_guessing_digits_is_paused_like_guessing_numbers(
    talk: Talk, with_proof: FakePrivacy
) -> None:
    await talk.open(LINK, intent="link_account")
    for guess in range(5):
        await talk.say(ONE)
        await talk.say(f"900{guess}")
    assert talk.responses[-1] == "utter_link_paused"
    await talk.say(ONE)
    assert talk.responses == ["utter_link_paused"]
