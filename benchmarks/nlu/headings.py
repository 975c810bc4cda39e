"""Asks about sentences that are not ours under headings that the model has never seen.

Whole headings of `out_of_scope` are left out in turn, and as large a share of our own phrases:
nobody tuned on them, and no sentence of their kind was learnt.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from benchmarks.nlu.measuring import FALLBACK, OUT_OF_SCOPE, Answer
from benchmarks.nlu.phrases import ROOT
from nlu.classifier import ResidentIntentClassifier

FOLDS = 6

_HEADING = re.compile(r" {0,4}#\s*(.+)")
_INTENT = re.compile(r" *- intent: *(\S+)")
_EXAMPLE = re.compile(r" {4,}- (.+)")


@dataclass(frozen=True)
class Example:
    """One phrase of data/*/nlu.yml under the comment that stands above its block."""

    text: str
    intent: str
    heading: str


def read_examples(data: Path = ROOT / "data") -> list[Example]:
    """Every example, in the order of the files."""
    return [
        example
        for path in sorted(data.glob("*/nlu.yml"))
        for example in _examples(path.read_text(encoding="utf-8"))
    ]


def _examples(text: str) -> Iterator[Example]:
    heading, intent = "", ""
    for line in text.splitlines():
        if found := _HEADING.match(line):
            heading = found[1].strip()
        elif found := _INTENT.match(line):
            intent = found[1]
        elif (found := _EXAMPLE.match(line)) and intent:
            yield Example(found[1].strip(), intent, heading)


def folds_of(examples: list[Example], folds: int = FOLDS, seed: int = 1) -> list[int]:
    """A fold per example: ours by turns in random order, foreign ones by whole headings."""
    sizes = Counter(one.heading for one in examples if one.intent == OUT_OF_SCOPE)
    loads, place = [0] * folds, {}
    for heading, size in sizes.most_common():
        place[heading] = loads.index(min(loads))
        loads[place[heading]] += size
    order = np.random.default_rng(seed).permutation(len(examples))
    turns: Counter[str] = Counter()
    chosen = [0] * len(examples)
    for at in order:
        one = examples[at]
        if one.intent == OUT_OF_SCOPE:
            chosen[at] = place[one.heading]
        else:
            chosen[at] = turns[one.intent] % folds
            turns[one.intent] += 1
    return chosen


def ask_left_out(
    examples: list[Example], config: Path = ROOT / "config.yml", folds: int = FOLDS
) -> dict[str, list[Answer]]:
    """Answers by heading; our own phrases stand under the heading ""."""
    pipeline = yaml.safe_load(config.read_text(encoding="utf-8"))["pipeline"]
    chosen = folds_of(examples, folds)
    answers: dict[str, list[Answer]] = {}
    for fold in range(folds):
        known = [one for one, at in zip(examples, chosen, strict=True) if at != fold]
        asked = [one for one, at in zip(examples, chosen, strict=True) if at == fold]
        for one, answer in zip(asked, _answers(known, asked, pipeline), strict=True):
            heading = one.heading if one.intent == OUT_OF_SCOPE else ""
            answers.setdefault(heading, []).append(answer)
    return answers


def _answers(
    known: list[Example], asked: list[Example], pipeline: list[dict[str, Any]]
) -> list[Answer]:
    own, fallback = ({k: v for k, v in one.items() if k != "name"} for one in pipeline)
    with tempfile.TemporaryDirectory() as folder:
        storage, resource = LocalModelStorage(Path(folder)), Resource("classifier")
        context = ExecutionContext(GraphSchema({}))
        # The temperature hardly differs from fold to fold: it is not fitted again.
        settings = {**ResidentIntentClassifier.get_default_config(), **own, "folds": 1}
        classifier = ResidentIntentClassifier.create(settings, storage, resource, context)
        classifier.train(TrainingData([Message.build(one.text, one.intent) for one in known]))
        second = {**FallbackClassifier.get_default_config(), **fallback}
        last = FallbackClassifier.create(second, storage, resource, context)
        messages = [Message({TEXT: one.text}) for one in asked]
        return [
            _answer(one, message)
            for one, message in zip(asked, last.process(classifier.process(messages)), strict=True)
        ]


def _answer(one: Example, message: Message) -> Answer:
    intent = message.get("intent")
    names = tuple(each["name"] for each in message.get("intent_ranking"))
    others = tuple(name for name in names if name != FALLBACK)
    return Answer(one.text, one.intent, intent["name"], intent["confidence"], others, 0.0)
