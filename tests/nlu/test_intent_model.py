"""The model learns, ranks honestly and is read back without running code."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nlu.encoder import Matrix
from nlu.features import MissingEncoder
from nlu.intent_model import IntentModel, Training
from nlu.normaliser import TextNormaliser

EXAMPLES = {
    "submit_readings": ["передать показания", "сдать воду", "внести показания", "подать воду"],
    "ask_contacts": ["дайте телефон", "адрес офиса", "часы работы", "позвать оператора"],
    "out_of_scope": ["какая погода", "закажи пиццу", "спой песню", "расскажи анекдот"],
}


class LengthEncoder:
    """Knows only how long a sentence is."""

    name = "length"
    dimensions = 2

    def encode(self, sentences: list[str]) -> Matrix:
        return np.array([[1.0, len(text) / 100] for text in sentences], dtype=np.float32)


def trained(normaliser: TextNormaliser, encoder: LengthEncoder | None = None) -> IntentModel:
    pairs = [(text, intent) for intent, texts in EXAMPLES.items() for text in texts]
    return IntentModel.train(
        [normaliser.normalise(text) for text, _ in pairs],
        [intent for _, intent in pairs],
        encoder,
        Training(folds=2),
    )


def test_the_likeliest_intent_comes_first(normaliser: TextNormaliser) -> None:
    ranking = trained(normaliser).rank(normaliser.normalise("хочу передать показания воды"))
    assert ranking[0].name == "submit_readings"
    assert [item.confidence for item in ranking] == sorted(
        (item.confidence for item in ranking), reverse=True
    )


def test_confidences_add_up_to_one(normaliser: TextNormaliser) -> None:
    ranking = trained(normaliser).rank(normaliser.normalise("что угодно"))
    assert sum(item.confidence for item in ranking) == pytest.approx(1)
    assert {item.name for item in ranking} == set(EXAMPLES)


@pytest.mark.parametrize("encoder", [None, LengthEncoder()])
def test_a_model_read_back_ranks_the_same(
    normaliser: TextNormaliser, tmp_path: Path, encoder: LengthEncoder | None
) -> None:
    model = trained(normaliser, encoder)
    model.save(tmp_path)
    again = IntentModel.load(tmp_path, encoder)
    for text in ("дайте адрес", "сдать показания 345", "", "анекдот"):
        message = normaliser.normalise(text)
        before, after = model.rank(message), again.rank(message)
        assert [item.name for item in before] == [item.name for item in after]
        assert before[0].confidence == pytest.approx(after[0].confidence, abs=1e-4)


def test_a_model_trained_with_an_encoder_says_so_when_it_is_missing(
    normaliser: TextNormaliser, tmp_path: Path
) -> None:
    trained(normaliser, LengthEncoder()).save(tmp_path)
    with pytest.raises(MissingEncoder, match="length"):
        IntentModel.load(tmp_path, None)


def test_a_model_trained_without_an_encoder_ignores_one(
    normaliser: TextNormaliser, tmp_path: Path
) -> None:
    trained(normaliser).save(tmp_path)
    message = normaliser.normalise("адрес")
    assert IntentModel.load(tmp_path, LengthEncoder()).rank(message)[0].name == "ask_contacts"


def test_stored_files_are_numbers_and_json(normaliser: TextNormaliser, tmp_path: Path) -> None:
    trained(normaliser).save(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".npz"}
    for path in tmp_path.glob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))


def test_the_same_phrases_give_the_same_model(normaliser: TextNormaliser) -> None:
    message = normaliser.normalise("позовите кого-нибудь")
    assert trained(normaliser).rank(message) == trained(normaliser).rank(message)
