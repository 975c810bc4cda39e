"""Asks a trained model about every phrase and sums the answers up in figures."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sklearn.metrics import f1_score

from benchmarks.nlu.phrases import PhraseSet

FALLBACK = "nlu_fallback"
OUT_OF_SCOPE = "out_of_scope"

Parse = Callable[[str], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Answer:
    """What was expected of one phrase and what the model's parse said."""

    text: str
    expected: str
    first: str
    confidence: float
    candidates: tuple[str, ...]
    milliseconds: float
    also: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        return self.first in self.allowed

    @property
    def allowed(self) -> tuple[str, ...]:
        """Every reading of the phrase that counts as right."""
        return (self.expected, *self.also)

    @property
    def counted_as(self) -> str:
        """The expected intent, or the other right one that was understood."""
        return self.first if self.is_right else self.expected

    @property
    def likeliest(self) -> str:
        """The best intent even where the model preferred to ask."""
        return self.candidates[0] if self.candidates else FALLBACK


@dataclass(frozen=True)
class Figures:
    """Per cent, but macro_f1 (0 to 100) and milliseconds."""

    accuracy: float
    macro_f1: float
    right_among_three: float
    wrong_action: float
    false_fallback: float
    false_accept: float
    p50_ms: float
    p95_ms: float

    def as_dict(self) -> dict[str, float]:
        """Rounded to a tenth, as it is recorded."""
        return {name: round(value, 1) for name, value in asdict(self).items()}


async def ask(parse: Parse, phrases: PhraseSet) -> list[Answer]:
    """Parses every phrase, one at a time, and measures how long it took."""
    answers = []
    for phrase in phrases:
        started = time.perf_counter()
        parsed = await parse(phrase.text)
        spent = (time.perf_counter() - started) * 1000
        names = [candidate["name"] for candidate in parsed["intent_ranking"]]
        answers.append(
            Answer(
                phrase.text,
                phrase.intent,
                str(parsed["intent"]["name"]),
                float(parsed["intent"]["confidence"]),
                tuple(name for name in names if name != FALLBACK),
                spent,
                phrase.also,
            )
        )
    return answers


def figures(answers: Sequence[Answer]) -> Figures:
    """Sums answers up; a wrong action is a wrong intent that the bot would act on."""
    ours = [answer for answer in answers if answer.expected != OUT_OF_SCOPE]
    foreign = [answer for answer in answers if answer.expected == OUT_OF_SCOPE]
    acted = [answer for answer in answers if answer.first not in (FALLBACK, OUT_OF_SCOPE)]
    labels = sorted({answer.expected for answer in answers})
    expected, first = [a.counted_as for a in answers], [a.first for a in answers]
    spent = [answer.milliseconds for answer in answers]
    return Figures(
        accuracy=_share(sum(answer.is_right for answer in answers), answers),
        macro_f1=100
        * float(f1_score(expected, first, labels=labels, average="macro", zero_division=0)),
        right_among_three=_share(
            sum(bool({*a.allowed} & {*a.candidates[:3]}) for a in answers), answers
        ),
        wrong_action=_share(sum(not answer.is_right for answer in acted), answers),
        false_fallback=_share(sum(answer.first == FALLBACK for answer in ours), ours),
        false_accept=_share(
            sum(answer.first not in (FALLBACK, OUT_OF_SCOPE) for answer in foreign), foreign
        ),
        p50_ms=float(np.percentile(spent, 50)),
        p95_ms=float(np.percentile(spent, 95)),
    )


def _share(count: int, among: Sequence[Answer]) -> float:
    return 100 * count / len(among) if among else 0.0
