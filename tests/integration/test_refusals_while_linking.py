"""Every answer to the question for an account number that is not taken, and those that are."""

from __future__ import annotations

import pytest

from demo.billing.running import Control
from tests.integration.person import ASK_NUMBER, MENU, Person

ONE = "7060012345"
LINK_BUTTONS = ["Где найти номер?", "Отмена"]
AWAY = "Сейчас не удаётся связаться с расчётной системой"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("7069999999", "Лицевой счёт 7069999999 не найден"),
        ("70600123", "Лицевой счёт 70600123 не найден"),
        ("123", "от 5 до 12 цифр"),
        ("1234567890123", "от 5 до 12 цифр"),
        ("не помню", None),
        ("7060080503", AWAY),
    ],
)
def test_what_cannot_be_linked_is_told_and_the_question_stays(
    person: Person, typed: str, sentence: str | None
) -> None:
    person.open()
    answer = person.say(typed, ASK_NUMBER)
    assert answer[-1] == ASK_NUMBER
    assert sentence is None or sentence in answer[0]
    assert person.buttons() == LINK_BUTTONS
    assert person.say(ONE, MENU)[0].startswith(f"Лицевой счёт {ONE} привязан")


def test_a_billing_that_answers_too_slowly_is_as_good_as_away(person: Person) -> None:
    assert AWAY in person.say("7060080010", ASK_NUMBER)[0]


def test_a_billing_that_answers_nonsense_is_as_good_as_away(
    person: Person, billing: Control
) -> None:
    billing.fault("garbage", on="account")
    assert AWAY in person.say(ONE, ASK_NUMBER)[0]
    billing.clear_faults()
    assert "привязан" in person.say(ONE, MENU)[0]


def test_an_account_that_is_linked_already_is_not_linked_twice(person: Person) -> None:
    person.link(ONE)
    person.say("Добавить счёт", ASK_NUMBER)
    answer = person.say(ONE, ASK_NUMBER)
    assert answer == [f"Лицевой счёт {ONE} у вас уже привязан.", ASK_NUMBER]
    person.say("Отмена", MENU)
    assert person.press("Мои счета", MENU)[0].count(ONE) == 1


@pytest.mark.parametrize(
    "typed", ["706 001 23 45", "7060-0123-45", "№7060012345", "№ 7060 012345", "лс 7060012345"]
)
def test_a_number_may_be_written_as_on_the_bill(person: Person, typed: str) -> None:
    person.open()
    assert f"Лицевой счёт {ONE} привязан" in person.say(typed, MENU)[0]


def test_leading_zeros_belong_to_the_number(person: Person) -> None:
    person.open()
    assert "не найден" in person.say("70600123", ASK_NUMBER)[0]
    assert "Лицевой счёт 0070600123 привязан" in person.say("0070600123", MENU)[0]


def test_three_unfit_answers_in_a_row_lead_to_a_telephone(person: Person) -> None:
    person.open()
    for number in ("123", "124"):
        assert "688-32-88" not in person.say(number, ASK_NUMBER)[0]
    assert any("688-32-88" in said for said in person.say("125", ASK_NUMBER))


def test_leaving_the_first_question_neither_scolds_nor_asks_again(person: Person) -> None:
    person.open()
    [answer] = person.press("Отмена", "номер лицевого счёта")
    assert "пришлите его" in answer
    assert "Ничего не отправлено" not in answer
    [again] = person.say("отмена", "номер лицевого счёта")
    assert again == answer
    assert "привязан" in person.say(ONE, MENU)[0]


def test_a_number_that_is_no_account_is_not_forgotten_silently(person: Person) -> None:
    person.open()
    person.press("Отмена", "пришлите его")
    answer = person.say("7069999999", ASK_NUMBER)
    assert answer == [
        "Лицевой счёт 7069999999 не найден. Проверьте номер по квитанции и введите его ещё раз.",
        ASK_NUMBER,
    ]


@pytest.mark.parametrize("words", ["Назад", "Меню", "Начать"])
def test_the_menu_is_not_offered_before_an_account_is_linked(person: Person, words: str) -> None:
    person.open()
    assert person.say(words, ASK_NUMBER) == [ASK_NUMBER]


@pytest.mark.parametrize("words", ["Помощь", "Где найти номер?", "какой тариф"])
def test_a_question_in_between_is_answered_and_the_number_asked_again(
    person: Person, words: str
) -> None:
    person.open()
    answer = person.say(words, ASK_NUMBER)
    assert len(answer) == 2
    assert answer[-1] == ASK_NUMBER
    assert person.buttons() == LINK_BUTTONS
