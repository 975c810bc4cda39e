"""tools.train trains when what a model is made of has changed, and only then."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools.train import KEPT_MODELS, TrainingFailed, due, ensure_model, fingerprint


class FakeTrainer:
    """Writes a file where Rasa would write a model."""

    def __init__(self) -> None:
        self.trained: list[str] = []

    def __call__(self, folder: Path, name: str) -> None:
        self.trained.append(name)
        (folder / f"{name}.tar.gz").write_bytes(b"a model")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, content in {
        "config.yml": "language: ru",
        "domain.yml": "intents: []",
        "domain/help.yml": "responses: {}",
        "data/help/nlu.yml": "nlu: []",
        "nlu/classifier.py": "",
        "nlu/keyboards.yml": "",
        "backend/readings/vocabulary.yml": "",
        "backend/settings.py": "",
        "tests/stories/test_help.yml": "",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


def models(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "models").iterdir() if path.name[0] != ".")


def test_the_first_time_trains(root: Path) -> None:
    model, trained = ensure_model(root, FakeTrainer())
    assert trained
    assert model == root / "models" / f"model-{fingerprint(root)}.tar.gz"
    assert models(root) == [model.name]


def test_unchanged_data_is_not_trained_again(root: Path) -> None:
    trainer = FakeTrainer()
    first, _ = ensure_model(root, trainer)
    assert ensure_model(root, trainer) == (first, False)
    assert len(trainer.trained) == 1


@pytest.mark.parametrize(
    "name",
    [
        "config.yml",
        "domain.yml",
        "domain/help.yml",
        "data/help/nlu.yml",
        "data/new/rules.yml",
        "nlu/classifier.py",
        "nlu/keyboards.yml",
        "backend/readings/vocabulary.yml",
    ],
)
def test_a_change_in_what_a_model_is_made_of_trains(root: Path, name: str) -> None:
    trainer = FakeTrainer()
    ensure_model(root, trainer)
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("# another")
    assert ensure_model(root, trainer)[1]
    assert len(set(trainer.trained)) == 2


@pytest.mark.parametrize(
    "name",
    [
        "backend/settings.py",
        "tests/stories/test_help.yml",
        "nlu/__pycache__/classifier.py",
        "data/.help.yml.swp",
    ],
)
def test_a_change_elsewhere_does_not_train(root: Path, name: str) -> None:
    before = fingerprint(root)
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("# another")
    assert fingerprint(root) == before


def test_content_moved_between_files_is_a_change(root: Path) -> None:
    before = fingerprint(root)
    (root / "data" / "help" / "nlu.yml").rename(root / "data" / "help" / "rules.yml")
    assert fingerprint(root) != before


def test_going_back_to_earlier_data_finds_its_model_and_makes_it_the_newest(root: Path) -> None:
    trainer = FakeTrainer()
    first, _ = ensure_model(root, trainer)
    os.utime(first, (1, 1))
    original = (root / "config.yml").read_text()
    (root / "config.yml").write_text("# another")
    second, _ = ensure_model(root, trainer)
    (root / "config.yml").write_text(original)
    assert ensure_model(root, trainer) == (first, False)
    assert first.stat().st_mtime >= second.stat().st_mtime


def test_only_the_newest_models_are_kept(root: Path) -> None:
    trainer = FakeTrainer()
    made = []
    for number in range(KEPT_MODELS + 2):
        (root / "config.yml").write_text(f"# {number}")
        model, _ = ensure_model(root, trainer)
        os.utime(model, (number, number))
        made.append(model.name)
    assert models(root) == sorted(made[-KEPT_MODELS:])


def test_a_failed_training_leaves_the_models_as_they_were(root: Path) -> None:
    before, _ = ensure_model(root, FakeTrainer())

    def fail(folder: Path, name: str) -> None:
        (folder / f"{name}.tar.gz").write_bytes(b"half a mo")
        raise TrainingFailed("a rule contradicts another")

    (root / "config.yml").write_text("# another")
    with pytest.raises(TrainingFailed, match="contradicts"):
        ensure_model(root, fail)
    assert [path.name for path in (root / "models").iterdir() if path.name != ".lock"] == [
        before.name
    ]


def test_what_a_killed_training_left_goes_with_the_next(root: Path) -> None:
    left = root / "models" / ".training-killed"
    left.mkdir(parents=True)
    (left / "log").write_text("half")
    ensure_model(root, FakeTrainer())
    assert not left.exists()


def test_a_training_that_makes_nothing_is_a_failure(root: Path) -> None:
    with pytest.raises(TrainingFailed, match="without a model"):
        ensure_model(root, lambda folder, name: None)


def test_a_first_training_is_announced_as_such_and_none_without_need(root: Path) -> None:
    assert "модели ещё нет" in due(root, root)
    ensure_model(root, FakeTrainer())
    assert due(root, root) == ""
    (root / "domain" / "new.yml").write_text("intents: []\n")
    assert "данные изменились" in due(root, root)
