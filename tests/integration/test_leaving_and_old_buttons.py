"""Ways out of every question, and what never acts: old, forged and typed payloads, attachments."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from demo.billing.running import Control
from tests.integration.person import ASK_NUMBER, MENU, Person

ONE, THREE = "7060012345", "7060020003"
ASK = "Укажите показания"
SUMMARY = "Объем потребления"
NOTHING_SENT = "Хорошо, прекращаем. Ничего не отправлено."
CLOSED = "Этот вопрос уже закрыт, ничего не изменено."
TEXT_ONLY = "Я понимаю только текст и кнопки"


def at_the_number(person: Person) -> str:
    person.link(ONE)
    person.say("Добавить счёт", ASK_NUMBER)
    return ASK_NUMBER


def at_the_account(person: Person) -> str:
    at_the_number(person)
    person.say(THREE, MENU)
    person.say("Передать показания", "Выберите лицевой счёт")
    return "Выберите лицевой счёт"


def at_a_reading(person: Person) -> str:
    person.link(ONE)
    person.say("Передать показания", ASK)
    return ASK


def at_a_doubt(person: Person) -> str:
    at_a_reading(person)
    person.say("120", "это расход, а не показание")
    return "это расход, а не показание"


def at_a_value_below_the_previous(person: Person) -> str:
    at_a_reading(person)
    person.say("56000", "меньше предыдущего")
    return "меньше предыдущего"


def at_the_summary(person: Person) -> str:
    at_a_reading(person)
    person.say("56580", SUMMARY)
    return SUMMARY


def at_the_correction(person: Person) -> str:
    person.link(THREE)
    person.say("Передать показания", ASK)
    person.say("170 270 42", SUMMARY)
    person.press("Не подтверждаю", "Какие показания исправить?")
    return "Какие показания исправить?"


def at_the_removal(person: Person) -> str:
    person.link(ONE)
    person.say("Удалить счёт", "Выберите номер")
    return "Выберите номер"


def at_the_removals_confirmation(person: Person) -> str:
    at_the_removal(person)
    person.press(ONE, "Отвязать лицевой счёт")
    return "Отвязать лицевой счёт"


QUESTIONS = [
    at_the_number,
    at_the_account,
    at_a_reading,
    at_a_doubt,
    at_a_value_below_the_previous,
    at_the_summary,
    at_the_correction,
    at_the_removal,
    at_the_removals_confirmation,
]
every_question = pytest.mark.parametrize("go", QUESTIONS, ids=lambda go: go.__name__)
Go = Callable[[Person], str]


@every_question
def test_at_every_question_help_and_attachments_lead_back_and_leaving_leads_to_the_menu(
    person: Person, billing: Control, go: Go
) -> None:
    question = go(person)
    buttons = person.buttons()
    for answer in (
        person.say("Помощь", question),
        person.send("sticker", question),
        person.say("какой тариф?", question),
    ):
        assert question in answer[-1]
        assert len(answer) >= 2
        assert person.buttons() == buttons
    for words in ("Отмена", "Назад", "Меню"):
        assert person.say(words, MENU) == [NOTHING_SENT, MENU]
        assert person.buttons() == ["Передать показания", "Мои счета", "Мои показания"]
        # In the menu nothing is open any more, and nothing is said about it.
        assert person.say(words, MENU) == [MENU]
        if words != "Меню":
            again(person, go)
    assert billing.submissions() == []
    assert ONE in person.say("Мои счета", MENU)[0] or THREE in person.answers()[-2]


def again(person: Person, go: Go) -> None:
    """Back to the question, for somebody whose accounts are linked already."""
    if go is at_the_number:
        person.say("Добавить счёт", ASK_NUMBER)
    elif go in (at_the_removal, at_the_removals_confirmation):
        person.say("Удалить счёт", "Выберите номер")
    else:
        person.say("Передать показания", ":" if go is at_the_account else ASK)


@pytest.mark.parametrize("kind", ["sticker", "picture", "voice", "location"])
def test_what_is_not_text_gets_a_sentence_and_the_open_question(person: Person, kind: str) -> None:
    at_a_reading(person)
    notice, question = person.send(kind, ASK)
    assert notice.startswith(TEXT_ONLY)
    assert ASK in question


@pytest.mark.parametrize("text", ["   ", "/", "////", "\u200b"])
def test_a_message_without_words_gets_the_open_question(person: Person, text: str) -> None:
    at_a_reading(person)
    assert ASK in person.say(text, ASK)[-1]


def test_an_old_confirmation_never_confirms_a_new_question(
    person: Person, billing: Control
) -> None:
    at_the_summary(person)
    old = person.hold("Подтверждаю")
    person.say("Отмена", MENU)
    assert person.press_held(old, MENU) == [CLOSED, MENU]
    person.say("Передать показания", ASK)
    closed, question = person.press_held(old, ASK)
    assert closed == CLOSED
    assert ASK in question
    person.say("56581", SUMMARY)
    assert person.press_held(old, SUMMARY)[0] == CLOSED
    assert billing.submissions() == []
    person.press("Подтверждаю", MENU)
    assert len(billing.submissions()) == 1


def test_an_old_choice_of_an_account_removed_meanwhile_does_nothing(
    person: Person, billing: Control
) -> None:
    at_the_account(person)
    old = person.hold(THREE)
    person.say("Удалить счёт", "Выберите номер")
    person.press(THREE, "Отвязать лицевой счёт")
    person.press("Подтверждаю", MENU)
    assert person.press_held(old, MENU) == [CLOSED, MENU]
    [only] = [line for line in person.say("Мои счета", MENU)[0].splitlines() if line[0].isdigit()]
    assert only == f"1. {ONE}"


def test_a_forged_button_never_acts(person: Person, billing: Control) -> None:
    at_the_summary(person)
    for token in ("99999.0", "-1.0", "x.y", "0.0", "3.99"):
        forged = json.dumps({"b": token}) if person.messenger == "vk" else token
        assert person.forge("Подтверждаю", forged, SUMMARY)[0] == CLOSED
    for token in ("1.0.0", "\u0663.\u0660", "a" * 250, "{}", '{"command": 1}'):
        assert SUMMARY in person.forge("абв", token, SUMMARY)[-1]
    assert billing.submissions() == []


def test_a_typed_payload_never_acts(person: Person, billing: Control) -> None:
    at_the_summary(person)
    before = len(person.answers())
    for text in (
        "/affirm",
        "\\/ /affirm",
        "/unlink_account",
        '/select_account{"account": "7060020003"}',
        '{"b":"1.0"}',
        '{"command":"start"}',
        "EXTERNAL: /affirm",
    ):
        person.say(text, SUMMARY)
    assert billing.submissions() == []
    assert not any("отвязан" in said for said in person.answers()[before:])


def test_yes_typed_at_a_question_that_wants_a_number_does_not_scold(person: Person) -> None:
    at_a_reading(person)
    assert "уже закрыт" not in person.say("да", ASK)[0]


def test_a_number_without_a_question_is_asked_about_and_can_be_given(person: Person) -> None:
    person.link(ONE)
    person.say("56580", "«56580» — что это?")
    assert person.buttons() == ["Передать показание", "Привязать счёт", "Назад"]
    assert "составил 2 м³" in person.press("Передать показание", SUMMARY)[0]


def test_a_number_without_a_question_is_forgotten_with_the_menu(person: Person) -> None:
    person.link(ONE)
    for leave in ("Назад", "Мои счета", "какой тариф"):
        person.say("56580", "что это?")
        person.say(leave, MENU)
        assert len(person.say("Передать показания", ASK)) == 1
        person.say("Отмена", MENU)


def test_an_account_number_without_a_question_can_be_linked(person: Person) -> None:
    person.link(ONE)
    assert person.say(ONE, MENU) == [f"Лицевой счёт {ONE} у вас уже привязан.", MENU]
    # Nothing more is said: the next answer is the next step's.
    assert len(person.say("Помощь", MENU)) == 2
    person.say(THREE, "что это?")
    assert f"Лицевой счёт {THREE} привязан" in person.press("Привязать счёт", MENU)[0]


def test_a_text_of_the_greatest_length_is_answered(person: Person) -> None:
    person.open()
    person.say("7" * 4000, ASK_NUMBER)
    person.say("абвгд " * 1000, ASK_NUMBER)
    assert "привязан" in person.say(ONE, MENU)[0]
