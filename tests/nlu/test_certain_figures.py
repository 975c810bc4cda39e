"""The figure of button words and numbers asks about all of them and counts honestly."""

from __future__ import annotations

from typing import Any

from benchmarks.nlu.certain import SPELLINGS, ask_buttons, ask_numbers, captions
from benchmarks.nlu.measuring import Parse
from benchmarks.nlu.phrases import PhraseSet
from nlu.certainty import KnownPhrases
from nlu.normaliser import TextNormaliser


def always(intent: str) -> Parse:
    async def parse(text: str) -> dict[str, Any]:
        name = text.lstrip("/") if text.startswith("/") else intent
        return {"intent": {"name": name, "confidence": 1.0}}

    return parse


def test_buttons_of_the_domain_of_actions_and_of_wishes_are_found() -> None:
    found = captions()
    assert {
        ("Подтверждаю", "affirm"),
        ("Нет", "deny"),
        ("Отмена", "cancel"),
        ("Проблема со счётчиком", "report_meter_problem"),
        ("Не напоминать", "turn_off_reminders"),
    } <= found


async def test_each_caption_is_asked_in_each_spelling() -> None:
    asked = await ask_buttons(always("help"))
    wishes = [one for one in asked if one.text.strip().lower().startswith("мои счета")]
    assert len(wishes) == 2 * len(SPELLINGS)  # under the keyboard and without it
    assert [one for one in wishes if one.is_right and one.text == "Мои счета"]
    assert [one for one in wishes if not one.is_right and one.text == "Мои счета"]


async def test_numbers_are_asked_of_the_parser_and_of_the_model() -> None:
    right = await ask_numbers(always("provide_number"))
    assert len(right) > 400
    assert [one for one in right if not one.is_right] == []
    wrong = await ask_numbers(always("help"))
    assert 100 < sum(not one.is_right for one in wrong) < len(wrong)


def test_every_wish_on_a_button_is_known_by_heart(
    normaliser: TextNormaliser, training: PhraseSet
) -> None:
    known = KnownPhrases.learn(normaliser, [(one.text, one.intent) for one in training])
    answers = {"affirm", "deny", "accept_link"}  # they mean something only under their question
    wishes = [pair for pair in captions() if pair[1] not in answers]
    assert [pair for pair in wishes if known.intent_of(pair[0]) != pair[1]] == []
