"""A copy of the project for tests that edit it; it is as before when a test is over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.designers.project_copy import ProjectCopy, copy_project


@pytest.fixture(scope="session")
def copied(tmp_path_factory: pytest.TempPathFactory) -> ProjectCopy:
    """The copy of all tests."""
    return copy_project(tmp_path_factory.mktemp("designers") / "project")


@pytest.fixture
def project(copied: ProjectCopy) -> Iterator[ProjectCopy]:
    """The project as it is, to be broken."""
    yield copied
    copied.restore()
