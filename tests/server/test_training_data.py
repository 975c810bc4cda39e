"""Training data that is put together without copies is what Rasa would have made of it."""

from __future__ import annotations

import pytest
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.training_data import TrainingData

from server.internals import training_data


@pytest.fixture
def restored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test changes in Rasa is as before afterwards."""
    monkeypatch.setattr(TrainingData, "merge", TrainingData.merge)
    module = training_data.rasa_training_data
    monkeypatch.setattr(module, "copy", module.copy)


def read() -> TrainingData:
    importer = TrainingDataImporter.load_from_config(
        "config.yml", "domain.yml", ["data/privacy", "data/help"]
    )
    return importer.get_nlu_data()


def test_the_project_s_data_are_read_the_same(restored: None) -> None:
    as_rasa_does = read()
    training_data.merge_without_copies()
    ours = read()
    assert len(ours.training_examples) > 1000
    assert ours.fingerprint() == as_rasa_does.fingerprint()


def test_a_merge_changes_none_of_its_parts(restored: None) -> None:
    training_data.merge_without_copies()
    one, two = read(), read()
    before = len(one.training_examples), len(two.training_examples)
    merged = TrainingData().merge(one, None, TrainingData(), two)
    assert len(merged.training_examples) == before[0]
    assert (len(one.training_examples), len(two.training_examples)) == before
    assert TrainingData().merge(None, one) is one
