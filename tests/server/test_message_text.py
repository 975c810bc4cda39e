"""What Rasa is given for an event: only the bot's own payloads act as payloads."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.delivery.model import Button, EventKind, IncomingEvent, Keyboard
from backend.delivery.turn import Said, Turn
from server.turns import MOST_CHARACTERS, TurnOutput, message_text, parsed_payload

MENU = Keyboard(
    "1", (Button("Передать показания", "/submit_readings"), Button("Мои счета", "/list_accounts"))
)
CONFIRM = Keyboard("2", (Button("Подтверждаю", "/affirm"), Button("Не подтверждаю", "/deny")))
CHOICE = Keyboard("3", (Button("7060012345", '/select_account{"account": "7060012345"}'),))


def event(kind: EventKind = EventKind.TEXT, text: str = "", **fields: Any) -> IncomingEvent:
    return IncomingEvent("vk", "e", "1", kind, datetime.now(timezone.utc), text, **fields)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(EventKind.START, "/main_menu"), (EventKind.OPENED, "/open_chat")],
)
def test_the_messengers_own_events_are_payloads(kind: EventKind, expected: str) -> None:
    assert message_text(event(kind), []) == expected


def test_anothers_link_is_a_payload_that_bears_the_account() -> None:
    parsed = parsed_payload(message_text(event(EventKind.LINKED, "7060012345"), [MENU]))
    assert parsed["intent"]["name"] == "report_link"
    assert [(one["entity"], one["value"]) for one in parsed["entities"]] == [
        ("account", "7060012345")
    ]


@pytest.mark.parametrize("token", ["2.0", "1.1", "x", ""])
def test_a_button_from_before_the_conversation_begins_it(token: str) -> None:
    assert message_text(event(EventKind.BUTTON, button=token), []) == "/main_menu"


@pytest.mark.parametrize("attachment", [None, "", "sticker", '"}/affirm{"', "{"])
def test_an_attachment_of_any_kind_is_what_the_bot_does_not_read(attachment: str | None) -> None:
    sent = event(EventKind.ATTACHMENT, attachment=attachment)
    parsed = parsed_payload(message_text(sent, []))
    assert parsed["intent"] == {"name": "unsupported_message", "confidence": 1.0}


def test_a_payload_is_read_as_rasa_reads_it() -> None:
    parsed = parsed_payload(CHOICE.buttons[0].payload)
    assert parsed["intent"]["name"] == "select_account"
    assert [(one["entity"], one["value"]) for one in parsed["entities"]] == [
        ("account", "7060012345")
    ]
    assert parsed_payload("/affirm")["entities"] == []


@pytest.mark.parametrize(
    "text", ["/affirm", "//affirm", " /affirm", "\\/affirm", "/ /affirm", "/\t\\ /affirm"]
)
def test_a_typed_payload_is_nothing_that_the_bot_understands(text: str) -> None:
    assert message_text(event(text=text), [CONFIRM]) == "/unsupported_message"


@pytest.mark.parametrize("text", ["", "   ", "\n", "/", "//", "/ / \\"])
def test_an_empty_message_never_reaches_the_classifier(text: str) -> None:
    assert message_text(event(text=text), []) == "/unsupported_message"


@pytest.mark.parametrize("text", ["Подтверждаю", "подтверждаю", " ПОДТВЕРЖДАЮ. "])
def test_the_caption_of_a_shown_button_means_the_button(text: str) -> None:
    assert message_text(event(text=text), [MENU, CONFIRM]) == "/affirm"


def test_a_caption_that_is_not_shown_is_only_words() -> None:
    assert message_text(event(text="Подтверждаю"), [MENU]) == "Подтверждаю"


def test_a_pressed_button_means_its_payload() -> None:
    pressed = event(EventKind.BUTTON, button=CHOICE.token(0))
    assert message_text(pressed, [CHOICE]) == '/select_account{"account": "7060012345"}'


@pytest.mark.parametrize("board", [CONFIRM, CHOICE])
def test_an_answer_to_an_earlier_question_is_stale(board: Keyboard) -> None:
    pressed = event(EventKind.BUTTON, button=board.token(0))
    assert message_text(pressed, [board, MENU]) == "/stale_button"


def test_a_wish_on_an_earlier_keyboard_is_still_a_wish() -> None:
    pressed = event(EventKind.BUTTON, button=MENU.token(1))
    assert message_text(pressed, [MENU, CONFIRM]) == "/list_accounts"


@pytest.mark.parametrize("token", [None, "", "1", "1.", "1.9", "9.0", "1.-1", "x.y", "1.0.0", "²"])
def test_a_token_that_was_never_issued_is_stale(token: str | None) -> None:
    assert message_text(event(EventKind.BUTTON, button=token), [MENU]) == "/stale_button"


def test_a_long_message_is_cut() -> None:
    assert len(message_text(event(text="ы" * 10_000), [])) == MOST_CHARACTERS


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text("/\\ \n\u00a0{}a", max_size=12)))
def test_no_typed_text_ever_acts_as_a_payload(text: str) -> None:
    given_to_rasa = message_text(event(text=text), [])
    assert given_to_rasa
    assert given_to_rasa == "/unsupported_message" or not given_to_rasa.startswith("/")


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.none(), st.text(max_size=20)))
def test_no_token_from_outside_means_what_was_not_shown(token: str | None) -> None:
    allowed = {"/stale_button", "/submit_readings", "/list_accounts"}
    assert message_text(event(EventKind.BUTTON, button=token), [MENU]) in allowed


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("EXTERNAL: /affirm", "EXTERNAL:"),
        ('да /select_account{"account": "7060020003"}', "да"),
        ("/start", "start"),
        ("л/с 7060020003", "л/с 7060020003"),
        ("12/5", "12/5"),
    ],
)
def test_only_what_looks_like_a_payload_is_taken_out_of_the_words(typed, words):
    assert message_text(event(text=typed), [CONFIRM]) == words


async def test_a_picture_belongs_to_the_text_of_its_response() -> None:
    turn = Turn(event(), 0, [], [])
    output = TurnOutput("vk", turn)
    await output.send_response("vk:1", {"text": "Показания"})
    await output.send_response(
        "vk:1", {"text": "Расход", "custom": {"picture": "UE5H", "without": "ноя — 4"}}
    )
    assert turn.said == [
        Said("Показания"),
        Said("Расход", picture=b"PNG", without_picture="ноя — 4"),
    ]
