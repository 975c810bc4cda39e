"""The account that readings are given for: chosen, looked up, and what it does not take."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from actions import wiring
from backend.settings import AfterClosing
from tests.actions.action_fakes import (
    BATH,
    KITCHEN,
    MANUAL,
    ONE,
    OPEN,
    THREE,
    FakeAccounts,
    FakeBilling,
    FakeSubmissions,
)
from tests.actions.action_talk import FORM, Talk, with_meter


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
@pytest.mark.parametrize(
    ("after_closing", "said"),
    [
        (AfterClosing.UNKNOWN, "пойдут в следующий период или будут отклонены"),
        (AfterClosing.NEXT_PERIOD, "они пойдут в следующий период."),
        (AfterClosing.REFUSED, "показания не принимаются"),
    ],
)
async def test_a_closed_period_is_told_before_the_first_question(
    talk: Talk,
    accounts: FakeAccounts,
    billing: FakeBilling,
    opens: date | None,
    response: str,
    after_closing: AfterClosing,
    said: str,
) -> None:
    wiring.provide(replace(wiring.services(), after_closing=after_closing))
    billing.put(ONE, MANUAL, period=replace(OPEN, open=False, opens=opens))
    accounts.linked["vk:1"] = [ONE]
    await talk.open(FORM)
    assert said in talk.one(response).text
    assert ("01.01.2020" in talk.one(response).text) is (opens is not None)
    asked = ["utter_ask_reading"] if after_closing is not AfterClosing.REFUSED else []
    assert talk.responses == [response, *asked]
    assert (talk.loop is None) is (after_closing is AfterClosing.REFUSED)


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


async def test_the_number_that_linked_the_account_is_not_taken_for_a_reading(
    talk: Talk, accounts: FakeAccounts
) -> None:
    """The form opens in the turn of the message that held the account number."""
    accounts.linked["vk:1"] = [ONE]
    await talk.open(FORM, ONE, "provide_number")
    assert talk.responses == ["utter_ask_reading"]
    assert talk.slots["offered_number"] is None
