"""Only what the bot issued acts, and an answer only while its question is open."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.delivery.buttons import Meaning, Resolved, resolve, typed_words
from backend.delivery.model import Button, EventKind, Keyboard
from tests.durability_fakes import event

MENU = Keyboard("1", (Button("Мои счета", "/show_accounts"), Button("Передать", "/submit")))
QUESTION = Keyboard("2", (Button("Да", "/affirm"), Button("Нет, отменить", "/deny")))
CHOICE = Keyboard("3", (Button("Счёт 1", '/select_account{"id": "1"}'),))
CLOSED = Resolved(Meaning.CLOSED)


def pressed(token: str | None, *boards: Keyboard) -> Resolved:
    return resolve(event("", kind=EventKind.BUTTON, button=token), boards)


def typed(words: str, *boards: Keyboard, question: str | None = None) -> Resolved:
    return resolve(event(words, question=question), boards)


def test_a_button_of_the_current_question_gives_its_payload() -> None:
    assert pressed("2.0", MENU, QUESTION) == Resolved(Meaning.PAYLOAD, "/affirm")


def test_an_answer_to_a_question_that_is_over_is_closed() -> None:
    assert pressed("2.0", QUESTION, MENU) == CLOSED
    assert pressed("3.0", CHOICE, QUESTION) == CLOSED


def test_a_wish_on_an_old_keyboard_still_means_what_it_says() -> None:
    assert pressed("1.0", MENU, QUESTION) == Resolved(Meaning.PAYLOAD, "/show_accounts")


@pytest.mark.parametrize(
    "token",
    [None, "", ".", "2", "2.", "2.2", "2.-1", "2.00", "2.٠", "2.0.0", "9.0", "/affirm", "2. 0",
     "2." + "9" * 5000, "2.1e0", "\u0000.0"],
)  # fmt: skip
def test_a_forged_token_is_closed(token: str | None) -> None:
    assert pressed(token, MENU, QUESTION) == CLOSED


@given(st.text(max_size=30))
@settings(max_examples=200)
def test_no_token_gives_a_payload_that_was_not_issued(token: str) -> None:
    issued = {button.payload for board in (MENU, QUESTION) for button in board.buttons}
    found = pressed(token, MENU, QUESTION)
    assert found == CLOSED or found.value in issued


@pytest.mark.parametrize("words", ["Да", "да", " ДА! ", "да.", "нет,  отменить"])
def test_a_typed_caption_presses_the_button(words: str) -> None:
    assert typed(words, MENU, QUESTION).meaning is Meaning.PAYLOAD


@pytest.mark.parametrize(
    "words", ["Подтверждаю 🙂", "👍 подтверждаю!!", "«Подтверждаю»", "подтверждаю👌🏽"]
)
def test_signs_and_emoji_around_a_typed_caption_do_not_matter(words: str) -> None:
    board = Keyboard("7", (Button("Подтверждаю", "/affirm"), Button("👎", "/deny")))
    assert resolve(event(words), [board]) == Resolved(Meaning.PAYLOAD, "/affirm")
    assert resolve(event("👎"), [board]) == Resolved(Meaning.PAYLOAD, "/deny")


def test_a_typed_caption_with_a_question_mark_is_a_question() -> None:
    board = Keyboard("7", (Button("Подтверждаю", "/affirm"),))
    assert resolve(event("подтверждаю?"), [board]).meaning is Meaning.TEXT


def test_yo_and_ye_are_the_same_letter() -> None:
    assert typed("счет 1", CHOICE).value == '/select_account{"id": "1"}'


def test_a_typed_payload_stays_text() -> None:
    assert typed("/affirm", QUESTION) == Resolved(Meaning.TEXT, "/affirm")


def test_a_caption_of_an_older_keyboard_stays_text_where_the_messenger_cannot_tell() -> None:
    assert typed("Мои счета", MENU, QUESTION).meaning is Meaning.TEXT


def test_a_messenger_that_says_what_was_on_screen_is_believed() -> None:
    assert typed("Да", QUESTION, MENU, question="2") == CLOSED
    assert typed("Мои счета", MENU, QUESTION, question="1").value == "/show_accounts"
    assert typed("Да", MENU, QUESTION, question="2").value == "/affirm"


def test_words_under_an_unknown_keyboard_are_text() -> None:
    words = "Мои счета"
    assert typed(words, MENU, QUESTION, question="forged") == Resolved(Meaning.TEXT, words)


def test_an_answer_under_a_forgotten_keyboard_is_closed() -> None:
    assert typed("Да", MENU, QUESTION, question="0") == CLOSED
    assert typed("счёт 1", CHOICE, question="0") == CLOSED


def test_without_any_keyboard_everything_typed_is_text_and_everything_pressed_is_closed() -> None:
    assert typed("Да") == Resolved(Meaning.TEXT, "Да")
    assert pressed("1.0") == CLOSED


def test_what_was_typed_is_told_from_what_was_pressed() -> None:
    boards = [MENU, QUESTION]
    assert typed_words(event("", kind=EventKind.BUTTON, button="2.0"), boards) is None
    assert typed_words(event("", kind=EventKind.START), boards) is None
    assert typed_words(event("да"), boards) == "да"
    assert typed_words(event("Да"), boards) == "Да"
    # Viber sends a pressed button as its caption, with the question it was shown with.
    assert typed_words(event("Да", question="2"), boards) is None
    assert typed_words(event("да", question="2"), boards) == "да"
