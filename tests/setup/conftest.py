"""Fixtures of the set-up's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.setup.setup_project import ROOT, Project, make_project
from tools.train import TrainingFailed, ensure_model


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path)


@pytest.fixture(scope="session")
def trained_model() -> Path:
    """The model of the present data in models/; `make test` has trained it already."""
    try:
        return ensure_model(ROOT)[0]
    except TrainingFailed as error:
        pytest.fail(f"the data cannot be trained: {error}")
