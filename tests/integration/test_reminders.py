"""Reminders in both messengers: asked for, sent into an open form, stopped by their button."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.reminders.counting import try_out
from backend.storage.database import Database
from demo.billing.running import Control
from tests.integration.person import MENU, Person
from tests.integration.stack import Stack

ONE, ANOTHER = "7060012345", "7060130001"
# The bot knows what was given for an account, whoever gave it: each messenger has its own.
OWN = {"vk": (ONE, "56590"), "viber": ("7060110001", "170")}
MOSCOW = ZoneInfo("Europe/Moscow")
CLOSING, OPENED = "Приём показаний скоро закончится", "Открыт приём показаний"
SWITCH = "Не напоминать"
MENU_BUTTONS = ["Передать показания", "Мои счета", "Мои показания"]


def first_of_month(months: int) -> date:
    """The first day of the month that comes in so many months."""
    day = datetime.now(MOSCOW).date().replace(day=1)
    for _ in range(months):
        day = (day + timedelta(days=32)).replace(day=1)
    return day


def remind(stack: Stack, billing: Control, day: date) -> int:
    """Makes it noon of `day` for billing and for a look at everybody who wants reminders."""
    billing.set_today(day)

    async def run() -> int:
        database = Database(stack.database_url, pool_size=1)
        try:
            return await try_out(
                database, datetime(day.year, day.month, day.day, 12, tzinfo=MOSCOW)
            )
        finally:
            await database.close()

    return asyncio.run(run())


@pytest.fixture
def reminded(person: Person) -> Person:
    """Somebody with an account who has asked for reminders."""
    person.link(OWN[person.messenger][0])
    assert "напомню" in person.say("напоминайте мне", MENU)[0]
    return person


def test_a_reminder_comes_once_into_an_open_form_which_goes_on(
    stack: Stack, reminded: Person, billing: Control
) -> None:
    closes = first_of_month(2) - timedelta(days=1)
    closing = closes - timedelta(days=2)
    account, value = OWN[reminded.messenger]
    reminded.press("Передать показания", "Укажите")

    assert remind(stack, billing, closing) >= 1
    text = reminded.wait(CLOSING)
    assert f"Лицевой счёт {account}, до {closes:%d.%m.%Y}: ГВС №" in text
    assert set(reminded.buttons()) == {"Отмена", "Передать показания", SWITCH}

    reminded.say(value, "Объем потребления")
    reminded.press("Подтверждаю", MENU)
    remind(stack, billing, closing + timedelta(days=1))
    reminded.say("Меню", MENU)
    assert sum(CLOSING in one for one in reminded.answers()) == 1

    remind(stack, billing, first_of_month(2))
    assert account in reminded.wait(OPENED)
    assert SWITCH in reminded.buttons()
    assert "больше не напоминаю" in reminded.press(SWITCH, MENU)[0]
    assert reminded.buttons() == MENU_BUTTONS
    assert remind(stack, billing, first_of_month(3) - timedelta(days=1)) == 0


def test_the_reminders_own_button_leads_to_the_readings(
    stack: Stack, person: Person, billing: Control
) -> None:
    person.link(ANOTHER)
    person.say("напоминайте мне", MENU)
    remind(stack, billing, first_of_month(2) - timedelta(days=1))
    person.wait(CLOSING)
    person.press("Передать показания", "Укажите")
    person.say("больше не напоминайте", "Укажите")


def test_the_switch_is_under_help_and_the_offer_under_the_second_readings(person: Person) -> None:
    person.link(ONE)
    person.say("что ты умеешь", MENU)
    assert "Напоминать" in person.buttons()
    for value, buttons in (("56590", ["Исправить"]), ("56591", ["Исправить", "Напоминать"])):
        person.say("Передать показания", "Укажите")
        person.say(value, "Объем потребления")
        person.press("Подтверждаю", MENU)
        assert person.buttons() == [*MENU_BUTTONS, *buttons]
    person.press("Напоминать", MENU)
    person.press("Передать показания", "Укажите")
    person.say("56592", "Объем потребления")
    person.press("Подтверждаю", MENU)
    assert person.buttons() == [*MENU_BUTTONS, "Исправить"]
    person.say("не напоминайте", MENU)
