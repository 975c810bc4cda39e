"""Reminders on and off, and where they are offered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.actions.action_fakes import KITCHEN, ONE, THREE, FakeAccounts, FakeBilling, FakeReminders
from tests.actions.action_talk import Talk, main_menu

MENU = main_menu()
ON = {"Напоминать": "/turn_on_reminders"}
OFF = {"Не напоминать": "/turn_off_reminders"}


@pytest.fixture(autouse=True)
def linked(accounts: FakeAccounts) -> None:
    accounts.linked["vk:1"] = [ONE]


async def test_reminders_are_turned_on(talk: Talk, reminders: FakeReminders) -> None:
    await talk.act("action_turn_on_reminders", "напоминайте мне", "turn_on_reminders")
    assert reminders.choices == {"vk:1": True}
    assert "за два дня" in talk.one("utter_reminders_on").text


async def test_reminders_are_turned_off(talk: Talk, reminders: FakeReminders) -> None:
    await talk.act("action_turn_off_reminders", intent="turn_off_reminders")
    assert reminders.choices == {"vk:1": False}
    assert talk.responses == ["utter_reminders_off"]


async def test_a_messenger_without_reminders_says_so(talk: Talk, reminders: FakeReminders) -> None:
    reminders.channels = {"viber"}
    await talk.act("action_turn_on_reminders", intent="turn_on_reminders")
    assert reminders.choices == {}
    assert talk.responses == ["utter_reminders_not_here"]


async def test_the_offer_comes_under_the_menu_after_accepted_readings(
    talk: Talk, reminders: FakeReminders
) -> None:
    reminders.offers = {"e-1"}
    await talk.act("action_continue", intent="affirm")
    assert talk.responses == ["utter_reminders_offer", "utter_main_menu"]
    assert talk.one("utter_main_menu").buttons == {**MENU, **ON}


async def test_without_an_offer_the_menu_is_the_manuals(talk: Talk) -> None:
    await talk.act("action_continue", intent="affirm")
    assert talk.responses == ["utter_main_menu"]
    assert talk.one("utter_main_menu").buttons == MENU


@pytest.mark.parametrize(("others", "offered"), [([], True), ([THREE], False)])
async def test_the_next_account_is_offered_before_reminders(
    talk: Talk,
    accounts: FakeAccounts,
    billing: FakeBilling,
    reminders: FakeReminders,
    others: list[str],
    offered: bool,
) -> None:
    accounts.linked["vk:1"] = [ONE, *others]
    billing.put(THREE, replace(KITCHEN, last_reading_date=date(2019, 11, 3)))
    reminders.offers = {"e-1"}
    talk.slots["submitted_account"] = ONE
    await talk.act("action_continue", intent="affirm")
    buttons = talk.one("utter_main_menu").buttons
    assert "Исправить" in buttons
    assert ("Напоминать" in buttons) is offered


@pytest.mark.parametrize("intent", ["main_menu", "greet", "submit_readings"])
async def test_nothing_but_readings_brings_the_offer(
    talk: Talk, reminders: FakeReminders, intent: str
) -> None:
    reminders.offers = {"e-1"}
    await talk.act("action_continue", intent=intent)
    assert talk.one("utter_main_menu").buttons == MENU


@pytest.mark.parametrize(("choice", "button"), [(None, ON), (False, ON), (True, OFF)])
async def test_help_shows_the_switch(
    talk: Talk, reminders: FakeReminders, choice: bool | None, button: dict[str, str]
) -> None:
    if choice is not None:
        reminders.choices["vk:1"] = choice
    await talk.act("action_continue", intent="help")
    shown = talk.one("utter_main_menu").buttons
    assert list(shown.items()) == [*MENU.items(), ("Мои данные", "/show_data"), *button.items()]


async def test_help_in_an_open_form_leaves_its_question_alone(talk: Talk) -> None:
    talk.loop = "submit_readings_form"
    await talk.act("action_continue", intent="help")
    assert talk.responses == []
    assert talk.followup == "submit_readings_form"
