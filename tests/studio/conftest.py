"""The smallest project, a bot that is told what it understands, and an event log to fill."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.storage.database import Database
from tests.studio.studio_fakes import FakeBot, Log, write_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path)


@pytest.fixture
def bot() -> FakeBot:
    return FakeBot()


@pytest.fixture
def log(database: Database) -> Log:
    return Log(database)
