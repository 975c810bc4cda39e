"""Foreign sentences are left out by whole headings, so that none of their kind was learnt."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import yaml

from benchmarks.nlu.headings import Example, ask_left_out, folds_of, read_examples
from benchmarks.nlu.phrases import PhraseSet
from tests.nlu.test_classifier import EXAMPLES

FOREIGN = [
    Example(f"{word} {number}", "out_of_scope", word)
    for word, count in (("погода", 7), ("спорт", 5), ("кино", 4))
    for number in range(count)
]
OURS = [Example(f"показания {number}", "submit_readings", "коротко") for number in range(9)]


def test_every_example_is_read_with_the_heading_above_it(training: PhraseSet) -> None:
    examples = read_examples()
    assert [(one.text, one.intent) for one in examples] == [(p.text, p.intent) for p in training]
    foreign = {one.heading for one in examples if one.intent == "out_of_scope"}
    assert len(foreign) > 30
    assert "" not in foreign


def test_a_foreign_heading_is_left_out_whole_and_ours_in_equal_shares() -> None:
    examples = [*FOREIGN, *OURS]
    folds = folds_of(examples, folds=3)
    of_heading: dict[str, set[int]] = {}
    for one, fold in zip(examples, folds, strict=True):
        of_heading.setdefault(one.heading, set()).add(fold)
    assert [len(of_heading[heading]) for heading in ("погода", "спорт", "кино")] == [1, 1, 1]
    ours = Counter(fold for one, fold in zip(examples, folds, strict=True) if one in OURS)
    assert ours == {0: 3, 1: 3, 2: 3}


def test_every_example_is_asked_once_and_answered_by_the_pipeline(tmp_path: Path) -> None:
    pipeline = [
        {"name": "own", "encoder": False},
        {"name": "fallback", "threshold": 1.1, "ambiguity_threshold": 0.0},
    ]
    config = tmp_path / "config.yml"
    config.write_text(yaml.safe_dump({"pipeline": pipeline}), encoding="utf-8")
    examples = [
        Example(text, intent, intent) for intent, texts in EXAMPLES.items() for text in texts
    ]
    answers = ask_left_out([*examples, *FOREIGN], config, folds=3)
    asked = [answer for each in answers.values() for answer in each]
    assert Counter(a.text for a in asked) == Counter(one.text for one in [*examples, *FOREIGN])
    assert {answer.first for answer in asked} == {"nlu_fallback"}  # nothing reaches 1.1
    assert len(answers["погода"]) == 7
