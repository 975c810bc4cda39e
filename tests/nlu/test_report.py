"""The report counts what it says and complains when understanding got worse."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks.nlu import pages
from benchmarks.nlu.certain import Certain
from benchmarks.nlu.measuring import Answer, ask, figures
from benchmarks.nlu.phrases import Phrase
from benchmarks.nlu.report import Others, drops, weaker
from benchmarks.nlu.serving import own_memory


def answer(expected: str, first: str, *others: str) -> Answer:
    return Answer("text", expected, first, 0.5, (first, *others), 1.0)


def test_a_wrong_intent_is_a_wrong_action_but_a_question_is_not() -> None:
    result = figures(
        [
            answer("affirm", "affirm"),
            answer("affirm", "deny"),
            answer("affirm", "nlu_fallback", "affirm"),
            answer("out_of_scope", "affirm"),
        ]
    )
    assert result.accuracy == 25
    assert result.wrong_action == 50
    assert result.false_fallback == pytest.approx(100 / 3)
    assert result.false_accept == 100


def test_an_unknown_wish_taken_for_small_talk_is_no_action() -> None:
    assert figures([answer("affirm", "out_of_scope")]).wrong_action == 0


def test_a_double_wish_may_be_understood_either_way() -> None:
    def double(first: str) -> Answer:
        return Answer("text", "thank", first, 0.5, (first,), 1.0, ("goodbye",))

    assert figures([double("thank"), double("goodbye")]).macro_f1 == 100
    assert figures([double("thank"), double("goodbye")]).accuracy == 100
    assert figures([double("goodbye"), double("greet")]).wrong_action == 50


def test_the_right_answer_among_the_buttons_is_counted_under_the_fallback() -> None:
    ranked = Answer("text", "affirm", "nlu_fallback", 0.2, ("deny", "cancel", "affirm"), 1.0)
    assert figures([ranked]).right_among_three == 100


def test_a_drop_of_more_than_two_points_is_reported() -> None:
    now = {"dev": figures([answer("affirm", "affirm"), answer("deny", "affirm")])}
    before = now["dev"].as_dict()
    assert drops({"dev": before}, now) == []
    assert drops({"dev": {**before, "accuracy": 52.0}}, now) == []
    assert drops({"dev": {**before, "accuracy": 52.1}}, now) == ["dev: accuracy 52.1 -> 50.0"]
    assert drops({"dev": {**before, "wrong_action": 40.0}}, now) == [
        "dev: wrong_action 40.0 -> 50.0"
    ]


async def test_asking_keeps_the_candidates_without_the_fallback() -> None:
    async def parse(text: str) -> dict[str, Any]:
        ranking = [
            {"name": "nlu_fallback", "confidence": 0.7},
            {"name": "deny", "confidence": 0.3},
        ]
        return {"intent": ranking[0], "intent_ranking": ranking}

    (only,) = await ask(parse, (Phrase("не знаю", "deny"),))
    assert (only.first, only.candidates, only.likeliest) == ("nlu_fallback", ("deny",), "deny")
    assert only.milliseconds >= 0


def test_weaker_button_words_and_more_memory_are_reported() -> None:
    recorded = {"certain_right": 99.8, "serving_mb": 400.0}
    assert weaker(recorded, Others(99.7, 420.0)) == []
    assert weaker(recorded, Others(99.5, 431.0)) == [
        "certain_right 99.8 -> 99.5",
        "serving_mb 400.0 -> 431.0",
    ]


def test_the_page_names_the_weakest_kinds_the_headings_and_what_was_not_certain(
    tmp_path: Path,
) -> None:
    answers = [answer("affirm", "deny"), answer("affirm", "deny"), answer("deny", "nlu_fallback")]
    measured = {"dev": answers, "test": answers}
    summary = {name: figures(each) for name, each in measured.items()}
    left_out = {"": [answer("deny", "deny")], "Спорт": [answer("out_of_scope", "deny")]}
    certainties = [Certain("да", "affirm", "affirm"), Certain("12", "provide_number", "deny")]
    page = pages.write(measured, summary, left_out, certainties, 432.4, tmp_path, ["greet"])
    text = page.read_text(encoding="utf-8")
    assert "| affirm | deny | 2 |" in text
    assert "| Спорт | 1 | 100 |" in text
    assert "Верно 50.0 % из 2." in text
    assert "| 12 | provide_number | deny |" in text
    assert "432 МБ" in text
    assert "| deny | не понял, переспросил | 1 |" in text
    assert "| greet | 0 | | | | не измерено: нет фраз в tests/nlu |" in text
    assert "| | настройка | контроль |" in text
    assert "«контроль»: фраз 3" in text
    assert not re.search(r"\b(dev|test|near|macro)\b(?!-)", text.replace("tests/nlu", ""))
    assert (tmp_path / "dev-confusion.png").exists()


def test_own_memory_is_read_as_megabytes(tmp_path: Path) -> None:
    rollup = tmp_path / "smaps_rollup"
    rollup.write_text("0-1 rw\nRss:  4096 kB\nPss:  2048 kB\nPss_Anon:  1024 kB\n")
    assert own_memory(rollup) == 2
