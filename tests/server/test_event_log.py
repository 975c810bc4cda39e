"""What the log keeps of a turn: the open question, what actions changed, buttons, no numbers."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SlotSet,
    UserUttered,
)

from server.event_log import log_of

LISTEN = ActionExecuted("action_listen")
OPEN = [
    ActiveLoop("link_account_form"),
    SlotSet("requested_slot", "account_number"),
    LISTEN,
]


def said(text: str, intent: str = "provide_number") -> UserUttered:
    understood: Any = {"name": intent, "confidence": 1.0}
    return UserUttered(text, understood)


def logged(*events: Event) -> list[dict[str, Any]]:
    return log_of(list(events))


def test_the_message_knows_which_question_was_open() -> None:
    (user,) = logged(*OPEN, said("да"), LISTEN)
    assert (user["form"], user["asked"]) == ("link_account_form", "account_number")
    (user,) = logged(*OPEN, ActiveLoop(None), said("да"), LISTEN)
    assert (user["form"], user["asked"]) == (None, None)


def test_what_the_bot_begins_by_itself_is_no_message_of_the_resident() -> None:
    told = said('/report_link{"account": "7060012345"}', "report_link")
    events: list[Event] = [told, ActionExecuted("one")]
    assert [entry["kind"] for entry in log_of(events, is_notice=True)] == ["notice", "action"]


def test_an_action_holds_what_it_changed() -> None:
    entries = logged(
        said("да"),
        SlotSet("early", True),
        ActionExecuted("one", policy="RulePolicy"),
        SlotSet("account", "7060012345"),
        BotUttered("Хорошо"),
        SlotSet("readings", {"m-1": "56578"}),
        ActionExecuted("two"),
        ActiveLoop(None),
        SlotSet("wish", None),
        LISTEN,
    )
    assert [entry["kind"] for entry in entries] == ["user", "action", "bot", "action"]
    assert entries[0]["slots"] == {"early": True}
    assert entries[1]["slots"] == {"account": "•••45", "readings": "…"}
    assert "loop" not in entries[1]
    assert (entries[3]["loop"], entries[3]["slots"]) == (None, {"wish": None})


@pytest.mark.parametrize(
    ("value", "kept"),
    [(None, None), (True, True), (3, "3"), ("а" * 201, "…"), ([], None), ({}, None), ([1], "…")],
)
def test_values_stay_small(value: Any, kept: Any) -> None:
    entries = logged(said("да"), ActionExecuted("one"), SlotSet("slot", value))
    assert entries[1]["slots"] == {"slot": kept}


def test_an_account_number_in_words_is_hidden_where_it_is_asked_for() -> None:
    words = "семь ноль шесть ноль ноль"
    assert logged(*OPEN, said(words))[0]["text"] == "•••"
    assert logged(*OPEN, said("счёт 7060012345"))[0]["text"] == "счёт •••45"
    assert logged(*OPEN, said("где он", "ask_where_account_number"))[0]["text"] == "где он"
    assert logged(said(words))[0]["text"] == words


def test_what_the_bot_says_of_the_resident_is_hidden() -> None:
    (_, entry) = log_of([said("да"), BotUttered("Вы abcDEF01= и 7")], "abcDEF01=")
    assert entry["text"] == "Вы ••• и 7"
    (_, entry) = log_of([said("да"), BotUttered("Вы 7 из 7")], "7")
    assert entry["text"] == "Вы 7 из 7"


def test_buttons_are_kept_with_numbers_hidden_and_pictures_are_named() -> None:
    button = {"title": "7060012345", "payload": '/select_account{"account": "7060012345"}'}
    entries = logged(
        said("да"),
        BotUttered("Выберите", {"buttons": [button]}),
        BotUttered("", {"custom": {"picture": "aGVsbG8="}}),
    )
    assert entries[1]["buttons"] == [["•••45", '/select_account{"account": "•••45"}']]
    assert entries[2]["picture"] is True
    assert "aGVsbG8" not in repr(entries)


def test_the_shape_of_a_hidden_number_is_kept() -> None:
    (user,) = logged(said("тел 8(921)5551234, счёт 7060012345"))
    assert user["hidden"] == ["8(000)0000000", "0000000000"]
    assert "hidden" not in logged(said("да"))[0]


@pytest.mark.parametrize(
    ("given", "typed", "kept"),
    [
        ("/affirm", "подтверждаю", "подтверждаю"),
        ("/unsupported_message", "/submit_readings", "/submit_readings"),
        ("<b>куда< >", " <b>куда</b> ", "<b>куда</b>"),
        ("/select_account", "7060012345", "•••45"),
        ("да", " да", None),
        ("/affirm", None, None),
    ],
)
def test_typed_words_are_kept_where_the_bot_was_given_others(
    given: str, typed: str | None, kept: str | None
) -> None:
    (user,) = log_of([said(given)], typed=typed)
    assert user["text"] == given
    assert user.get("typed") == kept
