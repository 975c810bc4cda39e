"""Corrections of accepted readings, second readings of a period, and the next account."""

from __future__ import annotations

import pytest

from demo.billing.running import Control
from tests.integration.person import ASK_NUMBER, MENU, Person

ONE, THREE, SHUT = "7060012345", "7060020003", "7060070001"
ASK = "Укажите показания"
SUMMARY = "Объем потребления"
PLAIN_MENU = ["Передать показания", "Мои счета", "Мои показания"]


def give(person: Person, account: str, value: str) -> list[str]:
    person.link(account)
    person.press("Передать показания", ASK)
    person.say(value, SUMMARY)
    return person.press("Подтверждаю", MENU)


def counting(billing: Control) -> list[dict[str, str]]:
    """What was accepted, in order."""
    return [one["readings"] for one in billing.submissions() if one["status"] == 201]


def test_an_accepted_reading_is_corrected_with_the_button(person: Person, billing: Control) -> None:
    give(person, ONE, "56590")
    assert person.buttons() == [*PLAIN_MENU, "Исправить"]
    already, question = person.press("Исправить", ASK)
    assert already.startswith("За этот период показания уже переданы:\nГВС №1710051 — 56590")
    # Measured from the period before, so a lower value is no mistake.
    assert "предыдущие показания: 56578 от 03.12.2019" in question
    volume, replaces = person.say("56580", SUMMARY)[0].splitlines()[:2]
    assert volume.endswith("составил 2 м³")
    assert replaces == "ГВС №1710051: вместо переданного 56590 будет считаться 56580."
    accepted, reminders, menu = person.press("Подтверждаю", MENU)
    assert reminders.startswith("Могу напоминать о показаниях")
    assert "ГВС №1710051 — 56580 (считается вместо 56590)" in accepted
    assert menu == MENU
    assert counting(billing) == [{"m-1": "56590"}, {"m-1": "56580"}]
    # And once more: until the period closes.
    assert "56580" in person.press("Исправить", ASK)[0]


def test_one_of_three_accepted_readings_is_corrected(person: Person, billing: Control) -> None:
    person.link(THREE)
    person.press("Передать показания", ASK)
    person.say("170 270 42", SUMMARY)
    person.press("Подтверждаю", MENU)
    person.press("Исправить", "Какие показания исправить?")
    bathroom = next(caption for caption in person.buttons() if "270" in caption)
    person.press(bathroom, ASK)
    person.say("268", SUMMARY)
    accepted = person.press("Подтверждаю", MENU)[0]
    assert "ванна — 268 (считается вместо 270)" in accepted
    assert "кухня" not in accepted
    assert counting(billing)[1:] == [{"m-2": "268"}]


def test_a_second_reading_says_the_same(person: Person, billing: Control) -> None:
    give(person, ONE, "56590")
    already, _ = person.press("Передать показания", ASK)
    assert "считаются последние" in already
    person.say("56591", SUMMARY)
    assert "56591 (считается вместо 56590)" in person.press("Подтверждаю", MENU)[0]


@pytest.mark.parametrize("words", ["исправить показания", "хочу исправить показания"])
def test_the_wish_to_correct_may_be_typed(person: Person, billing: Control, words: str) -> None:
    give(person, ONE, "56590")
    assert "56590" in person.say(words, ASK)[0]
    person.say("56580", SUMMARY)
    person.press("Подтверждаю", MENU)
    assert counting(billing)[-1] == {"m-1": "56580"}


def test_the_right_value_may_come_with_the_wish(person: Person, billing: Control) -> None:
    give(person, ONE, "56590")
    assert "будет считаться 56580" in person.say("ошибся, правильно 56580", SUMMARY)[-1]
    person.press("Подтверждаю", MENU)
    assert counting(billing)[-1] == {"m-1": "56580"}


def test_leaving_a_correction_keeps_the_reading(person: Person, billing: Control) -> None:
    give(person, ONE, "56590")
    person.press("Исправить", ASK)
    assert person.press("Отмена", MENU)[0].startswith("Хорошо, ничего не меняем")
    assert person.buttons() == PLAIN_MENU
    assert counting(billing) == [{"m-1": "56590"}]


def test_a_correction_of_readings_that_wait_for_billing_comes_after_them(
    person: Person, billing: Control
) -> None:
    person.link(ONE)
    person.press("Передать показания", ASK)
    person.say("56590", SUMMARY)
    billing.fault("status", status=503, on="submit", account=ONE, calls=1)
    assert person.press("Подтверждаю", MENU)[0].startswith("Показания сохранены")
    assert person.buttons() == [*PLAIN_MENU, "Исправить"]
    assert "56590" in person.press("Исправить", ASK)[0]
    person.say("56580", SUMMARY)
    person.press("Подтверждаю", MENU)
    person.wait("56580 (считается вместо 56590)", timeout=60)
    # The outcomes that come by themselves leave the buttons where they are.
    assert person.buttons() == [*PLAIN_MENU, "Исправить"]
    assert counting(billing) == [{"m-1": "56590"}, {"m-1": "56580"}]


def test_after_closing_a_correction_is_explained_with_a_phone(person: Person) -> None:
    person.link(SHUT)
    explained, menu = person.say("исправить показания", MENU)
    assert "закрыт" in explained
    assert "688-32-88" in explained
    assert menu == MENU


def test_account_after_account_is_offered_until_all_have_their_readings(
    person: Person, billing: Control
) -> None:
    first, second, third = (f"706010000{number}" for number in (1, 2, 3))
    person.link(first)
    for account in (second, third):
        person.say("Добавить счёт", ASK_NUMBER)
        person.say(account, MENU)
    person.press("Передать показания", "Выберите лицевой счёт")
    person.press(second, ASK)
    for following in (third, first):
        person.say("170 270 42", SUMMARY)
        _, offer, menu = person.press("Подтверждаю", MENU)
        assert offer == f"По лицевому счёту {following} показаний за этот период ещё нет."
        assert menu == MENU
        person.press(f"Передать по {following}", ASK)
    person.say("170 270 42", SUMMARY)
    accepted, reminders, menu = person.press("Подтверждаю", MENU)
    assert accepted.startswith("Показания приняты.")
    assert reminders.startswith("Могу напоминать о показаниях")
    assert menu == MENU
    assert person.buttons() == [*PLAIN_MENU, "Исправить", "Напоминать"]
    assert [one["account"] for one in billing.submissions()] == [second, third, first]
