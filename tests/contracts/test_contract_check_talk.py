"""What `make check-talk` looks for in seconds holds for the project, kind by kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.contracts.project_files import ROOT
from tools.check_talk.checks import KINDS
from tools.check_talk.code import Code
from tools.check_talk.coverage.walked import branches, is_walked, walked_branches
from tools.check_talk.kinds import shape
from tools.check_talk.problems import Problem
from tools.check_talk.project import Project


@pytest.fixture(scope="module")
def project() -> Project:
    return Project(ROOT)


@pytest.fixture(scope="module")
def code() -> Code:
    return Code(ROOT)


def told(problems: Iterator[Problem]) -> list[str]:
    return [problem.told() for problem in problems]


def test_every_file_can_be_read(project: Project) -> None:
    assert told(iter(project.unreadable)) == []
    assert told(shape.check(project)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_this_kind_is_wrong(kind: str, project: Project, code: Code) -> None:
    check: Callable[[Project, Code], Iterator[Problem]] = KINDS[kind]
    assert told(check(project, code)) == []


def test_every_rule_and_story_is_walked_by_a_conversation_test(project: Project) -> None:
    left = [flow.name for flow in project.flows if not is_walked(flow, project.tests)]
    assert left == []


def test_every_branch_of_every_form_is_walked_by_a_conversation_test(project: Project) -> None:
    walked = walked_branches(project.tests)
    ways = [(way.form, way.name) for way in branches(project)]
    assert [way for way in ways if way not in walked] == []
