"""A fresh copy of the project for every test that edits it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.designers.project_copy import ProjectCopy, copy_project


@pytest.fixture
def project(tmp_path: Path) -> ProjectCopy:
    """The project as it is, to be broken."""
    return copy_project(tmp_path / "project")
