"""The phrases are enough, apart from each other, and name only intents of the contract."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from benchmarks.nlu.phrases import PhraseSet
from tools.check_talk.known_to_code import TECHNICAL
from tools.check_talk.project import Project

ROOT = Path(__file__).parents[2]
INTENTS = Project(ROOT).names("intents") - TECHNICAL


def bare(text: str) -> str:
    """The text without case, spaces and signs; only signs when there is nothing else."""
    lowered = text.lower().replace("ё", "е")
    return re.sub(r"[^\w]+", " ", lowered).strip() or lowered.strip()


def test_every_intent_has_at_least_sixty_training_phrases(training: PhraseSet) -> None:
    counts = Counter(phrase.intent for phrase in training)
    assert set(counts) == INTENTS
    assert {intent: count for intent, count in counts.items() if count < 60} == {}


@pytest.mark.parametrize(("name", "fewest"), [("dev", 15), ("held_out", 5)])
def test_every_intent_has_phrases_to_measure(
    name: str, fewest: int, request: pytest.FixtureRequest
) -> None:
    """A new greeting is rare: what residents usually say in a word or two is known by heart."""
    counts = Counter(phrase.intent for phrase in request.getfixturevalue(name))
    assert set(counts) == INTENTS
    assert {intent: count for intent, count in counts.items() if count < fewest} == {}


def test_no_phrase_stands_in_two_sets(
    training: PhraseSet, dev: PhraseSet, near: PhraseSet, held_out: PhraseSet
) -> None:
    sets = [{bare(phrase.text) for phrase in s} for s in (training, dev, near, held_out)]
    assert [one & other for one, other in combinations(sets, 2) if one & other] == []


def test_no_training_phrase_stands_for_two_intents(training: PhraseSet) -> None:
    meanings: dict[str, set[str]] = {}
    for phrase in training:
        meanings.setdefault(bare(phrase.text), set()).add(phrase.intent)
    assert {text: intents for text, intents in meanings.items() if len(intents) > 1} == {}
