"""A turn on both phones: the real one as it was, the other one with what is its own."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from backend.delivery.masking import mask
from studio.conversations import Turn
from studio.phones import screens
from tests.studio.studio_fakes import FakeBot

NOW = datetime(2026, 11, 10, tzinfo=timezone.utc)


def turn(*said: dict[str, Any], user: str = "да") -> Turn:
    return Turn(NOW, {"kind": "user", "text": user}, bot=list(said))


def texts(screen: dict[str, Any]) -> list[str]:
    return [bubble["text"] for bubble in screen["bubbles"]]


def test_both_phones_show_the_same_messages_with_their_own_buttons() -> None:
    said = {"text": "Верно?", "response": "utter_ask", "buttons": [["Да", "/affirm"]]}
    shown = screens(FakeBot(), "vk", turn(said))
    assert list(shown) == ["vk", "viber"]
    assert texts(shown["vk"]) == texts(shown["viber"]) == ["Верно?"]
    assert shown["vk"]["keyboard"] == [[{"caption": "Да", "colour": "vk"}]]
    assert shown["viber"]["keyboard"] == [[{"caption": "Да", "colour": "viber"}]]


def test_the_greeting_of_an_opened_chat_is_recognised() -> None:
    shown = screens(FakeBot(), "vk", turn({"text": "1"}, {"text": "2"}, user="/open_chat"))
    assert (texts(shown["vk"]), texts(shown["viber"])) == (["1", "2"], ["1 / 2"])


def test_another_text_for_the_other_messenger_is_told_on_its_phone_only() -> None:
    bot = FakeBot()
    bot.wordings = {("utter_a", "vk"): "Нажмите", ("utter_a", "viber"): "Нажмите ниже"}
    shown = screens(bot, "vk", turn({"text": "Нажмите", "response": "utter_a"}, {"text": "Б"}))
    assert [one["instead"] for one in shown["vk"]["bubbles"]] == [None, None]
    assert [one["instead"] for one in shown["viber"]["bubbles"]] == ["Нажмите ниже", None]
    assert texts(shown["viber"]) == ["Нажмите", "Б"]


def test_numbers_of_the_bots_own_are_shown_and_those_it_put_in_are_not() -> None:
    bot = FakeBot()
    own = "Звоните: +7 900 123-45-88"
    bot.wordings = {
        ("utter_contacts", "vk"): own,
        ("utter_linked", "vk"): "Счёт {account}, телефон 8(900)1234588",
    }
    said = [
        {"text": mask(own), "response": "utter_contacts"},
        {"text": mask("Счёт 7060012345, телефон 8(900)1234588"), "response": "utter_linked"},
        {"text": "Звоните: •••77", "response": "utter_contacts"},
    ]
    shown = screens(bot, "vk", turn(*said))
    for phone in ("vk", "viber"):
        assert texts(shown[phone])[0] == own
        assert texts(shown[phone])[1:] == ["Счёт •••45, телефон •••88", "Звоните: •••77"]


def test_rows_of_older_versions_and_silence_are_shown() -> None:
    assert texts(screens(FakeBot(), "viber", turn({"text": "а"}))["viber"]) == ["а"]
    silent = screens(FakeBot(), "viber", Turn(NOW, None))
    assert silent["vk"] == {"bubbles": [], "keyboard": None}
