"""Texts that say alike things come together, always in the same way."""

from __future__ import annotations

import random
import time

import numpy as np
import pytest

from nlu.encoder import SentenceEncoder, installed_encoder
from nlu.normaliser import NormalisedText, TextNormaliser
from studio import likeness as likeness_module
from studio.likeness import Likeness

TEXTS = [
    "положены ли мне льготы", "какие льготы есть", "льготы пенсионерам", "есть льготы?",
    "где оформить субсидию", "субсидия на оплату", "как получить субсидию",
    "нет горячей воды", "горячей воды нет второй день",
    "qwerty",
]  # fmt: skip
NORMALISER = TextNormaliser.default()


class TwoMeanings:
    """An encoder to which a text means its first letter."""

    name, dimensions = "two", 2

    def encode(self, sentences: list[str]) -> np.ndarray:
        return np.array([[one[0] == "а", one[0] != "а"] for one in sentences], dtype=np.float32)


def plain(words: str) -> NormalisedText:
    return NormalisedText(words, words)


def grouped(texts: list[str], encoder: SentenceEncoder | None) -> list[list[str]]:
    found = Likeness(NORMALISER.normalise, encoder).groups(texts, [1] * len(texts))
    return [[texts[place] for place in group.places] for group in found]


def test_texts_of_one_meaning_are_one_group() -> None:
    encoder = installed_encoder()
    assert encoder is not None
    assert [set(group) for group in grouped(TEXTS, encoder)] == [
        set(TEXTS[:4]),
        set(TEXTS[4:7]),
        set(TEXTS[7:9]),
        {"qwerty"},
    ]


def test_without_the_encoder_letters_and_words_decide() -> None:
    groups = grouped(TEXTS, None)
    assert ["нет горячей воды", "горячей воды нет второй день"] in groups
    assert ["qwerty"] in groups


@pytest.mark.parametrize("encoder", [None, TwoMeanings()])
def test_every_text_is_in_one_group_and_the_heaviest_comes_first(
    encoder: SentenceEncoder | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likeness_module, "MOST_ENCODED", 40)
    dice = random.Random(3)
    texts = sorted({"".join(dice.choices("абвгд ", k=6)).strip() + "а" for _ in range(150)})
    weights = sorted((dice.randint(1, 9) for _ in texts), reverse=True)
    found = Likeness(plain, encoder).groups(texts, weights)
    places = [place for group in found for place in group.places]
    assert sorted(places) == list(range(len(texts)))
    sums = [sum(weights[place] for place in group.places) for group in found]
    assert sums == sorted(sums, reverse=True)
    assert found == Likeness(plain, encoder).groups(texts, weights)


@pytest.mark.parametrize("texts", [[], [""], ["", "   "], ["!!!"], ["а"]])
def test_texts_without_words_do_no_harm(texts: list[str]) -> None:
    found = Likeness(NORMALISER.normalise, None).groups(texts, [1] * len(texts))
    assert sum(len(group.places) for group in found) == len(texts)


def test_a_meaning_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = TwoMeanings()
    asked: list[str] = []
    encode = encoder.encode
    monkeypatch.setattr(encoder, "encode", lambda some: (asked.extend(some), encode(some))[1])
    one = Likeness(plain, encoder)
    one.groups(["а", "б"], [1, 1])
    one.groups(["а", "б", "в"], [1, 1, 1])
    assert asked == ["а", "б", "в"]


def test_ten_thousand_texts_take_seconds() -> None:
    dice = random.Random(5)
    words = ["".join(dice.choices("абвгдежзиклмнопрст", k=dice.randint(2, 9))) for _ in range(900)]
    texts = [" ".join(dice.choices(words, k=dice.randint(1, 6))) for _ in range(10_000)]
    started = time.monotonic()
    Likeness(plain, TwoMeanings()).groups(texts, [1] * len(texts))
    assert time.monotonic() - started < 20
