"""After readings: the next account without any, and the way to put these right."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest

from actions import next_readings
from backend.billing.model import Meter, Period
from backend.readings.outcomes import Refused, Waiting
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
from tests.actions.action_talk import FORM, Talk, main_menu

TWO, FOUR = "7060020002", "7060040004"
GIVEN = replace(KITCHEN, last_reading_date=date(2019, 12, 18))
DUE = replace(KITCHEN, last_reading_date=date(2019, 11, 20))
MENU = list(main_menu())


async def give(talk: Talk, account: str = ONE) -> Talk:
    """The only meter's reading, confirmed and submitted, and what is offered then."""
    await talk.open(FORM)
    if talk.asked == "submission_account":
        await talk.press(f'/select_account{{"account": "{account}"}}')
    await talk.say("56580")
    await talk.press("/affirm")
    await talk.then("action_submit_readings")
    return await talk.then("action_continue")


async def test_a_single_account_ends_in_the_menu_with_the_correction(
    talk: Talk, accounts: FakeAccounts
) -> None:
    accounts.linked["vk:1"] = [ONE]
    await give(talk)
    assert talk.responses == ["utter_main_menu"]
    assert list(talk.heard[-1].buttons) == [*MENU, "Исправить"]
    assert talk.heard[-1].buttons["Исправить"] == f'/correct_readings{{"account": "{ONE}"}}'
    assert talk.slots["submitted_account"] is None


@pytest.mark.parametrize("outcome", [None, Waiting()])
async def test_the_next_account_without_a_reading_is_offered(
    talk: Talk,
    accounts: FakeAccounts,
    billing: FakeBilling,
    submissions: FakeSubmissions,
    outcome: Waiting | None,
) -> None:
    submissions.outcome = outcome or submissions.outcome
    billing.put(TWO, GIVEN)
    billing.put(FOUR, DUE)
    accounts.linked["vk:1"] = [FOUR, ONE, TWO]
    await give(talk)
    assert talk.responses == ["utter_next_account", "utter_main_menu"]
    assert FOUR in talk.one("utter_next_account").text
    assert list(talk.heard[-1].buttons) == [*MENU, f"Передать по {FOUR}", "Исправить"]
    await talk.press_to_open(FORM, talk.heard[-1].buttons[f"Передать по {FOUR}"])
    assert talk.slots["submission_account"] == FOUR
    assert talk.responses == ["utter_ask_reading"]


async def test_accounts_are_offered_in_their_order_after_the_one_that_is_done(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling
) -> None:
    for number in (TWO, THREE, FOUR):
        billing.put(number, DUE)
    accounts.linked["vk:1"] = [TWO, ONE, FOUR, THREE]
    await give(talk)
    assert talk.one("utter_next_account").variables == {"account": FOUR}


@pytest.mark.parametrize(
    ("meters", "period"),
    [
        ((GIVEN,), OPEN),
        ((), OPEN),
        ((replace(DUE, accepts_readings=False),), OPEN),
        ((DUE,), replace(OPEN, open=False)),
    ],
)
async def test_an_account_that_needs_no_reading_now_is_not_offered(
    talk: Talk,
    accounts: FakeAccounts,
    billing: FakeBilling,
    meters: tuple[Meter, ...],
    period: Period,
) -> None:
    billing.put(TWO, *meters, period=period)
    accounts.linked["vk:1"] = [ONE, TWO]
    await give(talk)
    assert talk.responses == ["utter_main_menu"]


async def test_an_account_with_one_meter_still_open_is_offered(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling
) -> None:
    billing.put(TWO, GIVEN, replace(BATH, last_reading=None, last_reading_date=None))
    accounts.linked["vk:1"] = [ONE, TWO]
    await give(talk)
    assert talk.one("utter_next_account").variables == {"account": TWO}


async def test_an_account_whose_readings_wait_for_billing_is_not_offered(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling, submissions: FakeSubmissions
) -> None:
    billing.put(TWO, DUE)
    submissions.waiting[TWO] = {"k": D(170)}
    accounts.linked["vk:1"] = [ONE, TWO]
    await give(talk)
    assert talk.responses == ["utter_main_menu"]


async def test_an_account_that_billing_does_not_know_is_passed_over(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling
) -> None:
    billing.put(TWO, DUE)
    accounts.linked["vk:1"] = [ONE, "7060000001", TWO]
    await give(talk)
    assert talk.one("utter_next_account").variables == {"account": TWO}


async def test_a_billing_that_is_away_offers_only_the_correction(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling, submissions: FakeSubmissions
) -> None:
    billing.put(TWO, DUE)
    accounts.linked["vk:1"] = [ONE, TWO]
    submissions.outcome = Waiting()
    await talk.open(FORM)
    await talk.press(f'/select_account{{"account": "{ONE}"}}')
    await talk.say("56580")
    await talk.press("/affirm")
    billing.down = True
    await talk.then("action_submit_readings")
    await talk.then("action_continue")
    assert list(talk.heard[-1].buttons) == [*MENU, "Исправить"]


async def test_the_menu_does_not_wait_long_for_a_slow_billing(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(next_readings, "PATIENCE", 0.01)
    billing.put(TWO, DUE)
    billing.never_answers.add(TWO)
    accounts.linked["vk:1"] = [ONE, TWO]
    await give(talk)
    assert list(talk.heard[-1].buttons) == [*MENU, "Исправить"]


async def test_a_refusal_leads_to_the_plain_menu(
    talk: Talk, accounts: FakeAccounts, submissions: FakeSubmissions
) -> None:
    accounts.linked["vk:1"] = [ONE]
    submissions.outcome = Refused("meter_closed")
    await give(talk)
    assert list(talk.one("utter_main_menu").buttons) == MENU


async def test_every_caption_fits_a_button(
    talk: Talk, accounts: FakeAccounts, billing: FakeBilling
) -> None:
    longest = "706001234567"
    billing.put(longest, DUE)
    billing.put(ONE, MANUAL)
    accounts.linked["vk:1"] = [ONE, longest]
    await give(talk)
    assert max(map(len, talk.heard[-1].buttons)) <= 40
