"""A resident with as much as one may have: five accounts with three meters each."""

from __future__ import annotations

from demo.billing.running import Control
from tests.integration.person import ASK_NUMBER, MENU, Person
from tests.integration.stack import Stack
from tests.integration.test_privacy import FAREWELL, gone

ACCOUNTS = [f"706010000{number}" for number in range(1, 6)]
ASK, SUMMARY = "Укажите показания", "Объем потребления"


def test_all_readings_are_given_one_is_corrected_a_chart_is_seen_and_everything_deleted(
    stack: Stack, person: Person, billing: Control
) -> None:
    person.link(ACCOUNTS[0])
    for account in ACCOUNTS[1:]:
        person.say("Добавить счёт", ASK_NUMBER)
        person.say(account, MENU)

    person.press("Передать показания", "Выберите лицевой счёт")
    person.press(ACCOUNTS[0], ASK)
    for following in ACCOUNTS[1:]:
        person.say("кухня 170, ванна 270, отопление 42", SUMMARY)
        person.press("Подтверждаю", MENU)
        person.press(f"Передать по {following}", ASK)
    person.say("кухня 170, ванна 270, отопление 42", SUMMARY)
    person.press("Подтверждаю", MENU)
    submissions = billing.submissions()
    assert [one["account"] for one in submissions] == ACCOUNTS
    assert all(len(one["readings"]) == 3 for one in submissions)

    person.press("Исправить", "Какие показания исправить?")
    person.press(next(one for one in person.buttons() if "270" in one), ASK)
    person.say("269", SUMMARY)
    corrected = person.press("Подтверждаю", MENU)[0]
    assert "ванна — 269 (считается вместо 270)" in corrected
    assert [one["account"] for one in billing.submissions()] == [*ACCOUNTS, ACCOUNTS[-1]]

    person.press("Мои показания", "Выберите лицевой счёт")
    person.press(ACCOUNTS[-1], MENU)
    (chart,) = person.pictures(1)
    assert chart.startswith(b"\x89PNG\r\n\x1a\n")

    person.say("удалите мои персональные данные", "Отменить это нельзя")
    person.press("Удалить всё", FAREWELL)
    assert gone(stack, person.user_id)
