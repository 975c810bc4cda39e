"""The words that answer a refused value, and those that ask to put readings right."""

from __future__ import annotations

import pytest

from backend.readings.reasons import Reason, asks_to_correct, reason_in


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("счётчик заменили", Reason.REPLACED),
        ("Поменяли счетчик в октябре", Reason.REPLACED),
        ("у меня новый счётчик", Reason.REPLACED),
        ("поставили другой прибор", Reason.REPLACED),
        ("перешёл через ноль", Reason.ROLLOVER),
        ("счетчик обнулился", Reason.ROLLOVER),
        ("пошёл по кругу", Reason.ROLLOVER),
        ("пропустить", Reason.SKIP),
        ("пропусти этот", Reason.SKIP),
        ("введу ещё раз", Reason.AGAIN),
        ("заново", Reason.AGAIN),
        ("поменяли, и он пошёл с нуля", None),
        ("не знаю", None),
        ("", None),
        ("56578", None),
        ("\u200b/;", None),
        ("скажите пожалуйста а если мне в прошлом году заменили счётчик что делать", None),
    ],
)
def test_a_short_answer_names_its_reason(words: str, reason: Reason | None) -> None:
    assert reason_in(words) is reason


@pytest.mark.parametrize(
    "words",
    [
        "исправить показания",
        "ошибся, правильно 56580",
        "неверно передала",
        "перепутал кухню и ванную",
        "вместо 345 запишите 354",
        "Хочу поправить",
    ],
)
def test_words_of_a_correction_are_recognised(words: str) -> None:
    assert asks_to_correct(words)


@pytest.mark.parametrize("words", ["передать показания", "показания 56580", "кухня 167", "", "345"])
def test_other_words_are_no_correction(words: str) -> None:
    assert not asks_to_correct(words)
