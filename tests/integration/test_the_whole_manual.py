"""The user's manual, step by step, as a resident goes through it."""

from __future__ import annotations

import re

import pytest

from demo.billing.running import Control
from tests.integration.person import ASK_NUMBER, MENU, Person
from tests.integration.stack import Stack

ASK_READING = (
    "Укажите показания по счётчику ГВС №1710051 (предыдущие показания: 56578 от 03.12.2019)"
)
VOLUME = "Объем потребления по счётчику ГВС №1710051 составил 0 м³"
MENU_BUTTONS = ["Передать показания", "Мои счета", "Мои показания"]
ONE, THREE = "7060012345", "7060020003"
LINKED = f"Лицевой счёт {ONE} привязан. Вводить его заново не потребуется.\nАдрес: ул. Л…, кв. 7"
FIVE = [f"706010000{number}" for number in range(1, 6)]


def values(billing: Control) -> list[str]:
    [submission] = billing.submissions()
    return list(submission["readings"].values())


def test_the_manual_from_the_first_opening_to_the_receipt(person: Person, billing: Control) -> None:
    opening = person.open()
    assert opening[-1].endswith(ASK_NUMBER)

    linked = person.say(ONE, MENU)
    assert linked == [LINKED, MENU]
    assert person.buttons() == MENU_BUTTONS

    assert person.press("Передать показания", "Укажите") == [ASK_READING]
    summary = person.say("56578", "Объем потребления")
    assert summary[0].splitlines()[0] == VOLUME
    assert len(summary) == 1
    assert person.buttons() == ["Подтверждаю", "Не подтверждаю"]

    accepted, menu = person.press("Подтверждаю", MENU)
    assert accepted.startswith("Показания приняты")
    assert f"Лицевой счёт {ONE}" in accepted
    assert "ГВС №1710051 — 56578" in accepted
    [submission] = billing.submissions()
    assert submission["account"] == ONE
    assert re.search(r"Квитанция № \S+ от \d\d\.\d\d\.\d{4} \d\d:\d\d\.$", accepted)
    assert menu == MENU
    assert person.buttons() == [*MENU_BUTTONS, "Исправить"]


def test_viber_shows_the_greeting_although_nothing_may_be_sent_yet(
    stack: Stack, billing: Control
) -> None:
    person = stack.person("viber")
    [greeting] = person.open()
    assert greeting.startswith("Здравствуйте!")
    assert greeting.endswith(ASK_NUMBER)


def test_the_typed_word_start_asks_for_the_account(person: Person) -> None:
    assert person.say("Начать", ASK_NUMBER)[-1] == ASK_NUMBER


def test_start_shows_the_menu_to_whoever_has_linked_an_account(person: Person) -> None:
    person.link(ONE)
    assert person.say("Начать", MENU)[-1] == MENU
    assert person.open(MENU)[-1].endswith(MENU)
    assert person.buttons() == MENU_BUTTONS


def test_a_reading_that_is_not_confirmed_is_asked_again(person: Person, billing: Control) -> None:
    person.link(ONE)
    person.press("Передать показания", "Укажите")
    person.say("56580", "Объем потребления")
    assert person.press("Не подтверждаю", "Укажите") == [ASK_READING]
    assert "составил 5 м³" in person.say("56583", "Объем потребления")[0]
    person.press("Подтверждаю", MENU)
    assert values(billing) == ["56583"]


def test_the_buttons_words_may_be_typed(person: Person, billing: Control) -> None:
    person.link(ONE)
    assert person.say("передать показания", "Укажите") == [ASK_READING]
    person.say("56578", "Объем потребления")
    person.say("не подтверждаю", "Укажите")
    person.say("56579", "Объем потребления")
    person.say("ПОДТВЕРЖДАЮ!", MENU)
    assert len(billing.submissions()) == 1


def test_with_several_accounts_one_is_chosen_first(person: Person, billing: Control) -> None:
    person.link(ONE)
    person.press("Мои счета", MENU)
    person.press("Добавить счёт", ASK_NUMBER)
    person.say(THREE, MENU)
    person.press("Передать показания", "Выберите лицевой счёт")
    assert person.buttons() == [ONE, THREE, "Отмена"]
    assert person.press(ONE, "Укажите") == [ASK_READING]
    person.say("56578", "Объем потребления")
    person.press("Подтверждаю", MENU)
    assert [one["account"] for one in billing.submissions()] == [ONE]


def give_three(person: Person) -> None:
    person.link(THREE)
    assert "ГВС №2000301, кухня" in person.press("Передать показания", "Укажите")[0]
    assert "ГВС №2000302, ванна" in person.say("170", "Укажите")[0]
    assert "Отопление №2000303" in person.say("270,5", "Укажите")[0]
    summary = person.say("41.5", "Объем потребления")[-1].splitlines()
    assert summary == [
        "Объем потребления по счётчику ГВС №2000301, кухня составил 2,75 м³",
        "Объем потребления по счётчику ГВС №2000302, ванна составил 4,7 м³",
        "Объем потребления по счётчику Отопление №2000303 составил 0,18 Гкал",
    ]


def test_three_meters_are_one_submission(person: Person, billing: Control) -> None:
    give_three(person)
    accepted = person.press("Подтверждаю", MENU)[0]
    for line in ("кухня — 170", "ванна — 270,5", "Отопление №2000303 — 41,5"):
        assert line in accepted
    assert values(billing) == ["170", "270.5", "41.5"]


def test_one_of_three_readings_is_corrected(person: Person, billing: Control) -> None:
    give_three(person)
    person.press("Не подтверждаю", "Какие показания исправить?")
    bathroom = next(caption for caption in person.buttons() if "270,5" in caption)
    assert "ГВС №2000302, ванна" in person.press(bathroom, "Укажите")[0]
    assert "ванна составил 5,2 м³" in person.say("271", "Объем потребления")[-1]
    person.press("Подтверждаю", MENU)
    assert values(billing) == ["170", "271", "41.5"]


@pytest.mark.parametrize("words", ["2", "ванна", "2000302", "ГВС №2000302"])
def test_the_reading_to_correct_may_be_typed(person: Person, words: str) -> None:
    give_three(person)
    person.press("Не подтверждаю", "Какие показания исправить?")
    assert "ГВС №2000302, ванна" in person.say(words, "Укажите")[0]


def test_all_of_three_readings_are_corrected(person: Person, billing: Control) -> None:
    give_three(person)
    person.press("Не подтверждаю", "Какие показания исправить?")
    assert "кухня" in person.press("Все показания", "Укажите")[0]
    person.say("171 272 42", "Объем потребления")
    person.press("Подтверждаю", MENU)
    assert values(billing) == ["171", "272", "42"]


def test_accounts_are_listed_and_the_way_back_leads_to_the_menu(person: Person) -> None:
    person.link(ONE)
    listed = person.press("Мои счета", MENU)
    assert listed == [f"Список ваших лицевых счетов:\n1. {ONE}", MENU]
    assert person.buttons() == ["Добавить счёт", "Удалить счёт", "Назад"]
    assert person.press("Назад", MENU) == [MENU]
    assert person.buttons() == MENU_BUTTONS


def test_five_accounts_are_the_most_that_can_be_linked(person: Person) -> None:
    person.link(FIVE[0])
    for account in FIVE[1:]:
        person.say("Добавить счёт", ASK_NUMBER)
        person.say(account, MENU)
    listed = person.press("Мои счета", MENU)[0].splitlines()
    assert listed[1:] == [f"{place}. {account}" for place, account in enumerate(FIVE, 1)]
    assert person.buttons() == ["Удалить счёт", "Назад"]
    assert "не более 5" in person.say("Добавить счёт", MENU)[0]
    person.say("Передать показания", "Выберите лицевой счёт")
    assert person.buttons() == [*FIVE, "Отмена"]


def test_an_account_is_removed_after_a_confirmation(person: Person) -> None:
    person.link(ONE)
    person.say("Добавить счёт", ASK_NUMBER)
    person.say(THREE, MENU)
    person.say("Удалить счёт", "Выберите номер")
    person.press(THREE, f"Отвязать лицевой счёт {THREE}?")
    assert "остаётся" in person.press("Не подтверждаю", MENU)[0]
    person.say("Удалить счёт", "Выберите номер")
    person.press(THREE, f"Отвязать лицевой счёт {THREE}?")
    assert person.press("Подтверждаю", MENU)[0] == f"Лицевой счёт {THREE} отвязан."
    assert person.press("Мои счета", MENU)[0].splitlines()[1:] == [f"1. {ONE}"]


def test_after_the_last_account_is_removed_one_must_be_linked_again(person: Person) -> None:
    person.link(ONE)
    person.say("Удалить счёт", "Выберите номер")
    person.press(ONE, f"Отвязать лицевой счёт {ONE}?")
    assert person.press("Подтверждаю", ASK_NUMBER) == [f"Лицевой счёт {ONE} отвязан.", ASK_NUMBER]
    person.say("Передать показания", ASK_NUMBER)
    assert person.say(ONE, "Укажите")[-1] == ASK_READING


def test_readings_wanted_before_an_account_is_linked_follow_the_linking(person: Person) -> None:
    person.say("передать показания", ASK_NUMBER)
    assert person.say(ONE, "Укажите") == [
        LINKED,
        ASK_READING,
    ]


@pytest.mark.parametrize("step", ["Добавить счёт", "Удалить счёт"])
def test_a_typed_wish_is_heard_at_the_questions_about_accounts(person: Person, step: str) -> None:
    person.link(ONE)
    person.say(step, "номер")
    assert person.say("передать показания", "Укажите")[-1] == ASK_READING
