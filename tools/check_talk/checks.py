"""Runs every check that needs neither Rasa nor a model: seconds, also while somebody is typing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tools.check_talk.code import Code
from tools.check_talk.kinds import (
    buttons,
    files,
    forms,
    names,
    phrases,
    placeholders,
    shape,
    texts,
    unused,
)
from tools.check_talk.problems import Problem
from tools.check_talk.project import Project

# Other findings may only follow from these: they are told first.
CAUSES = {"bad_name", "not_utf8", "file_gone", "wrong_ending"}
MISSING = {"unknown_intent", "unknown_action", "unknown_response", "unknown_slot", "unknown_form"}
KINDS: dict[str, Callable[[Project, Code], Iterator[Problem]]] = {
    "names": names.check,
    "placeholders": placeholders.check,
    "buttons": buttons.check,
    "texts": texts.check,
    "phrases": phrases.check,
    "forms": forms.check,
    "unused": unused.check,
    "files": files.check,
}


@dataclass(frozen=True)
class Findings:
    """The problems of a project; `project` is None if its files can't be read as a whole."""

    project: Project | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that break something."""
        return tuple(problem for problem in self.problems if problem.is_error)


def check(root: Path) -> Findings:
    """Everything wrong with the conversation under `root`, by file and line."""
    project = Project(root)
    unreadable = (
        [*files.lost(root), *project.unreadable]
        or list(shape.check(project))
        or list(files.unfit(project))
    )
    if unreadable:
        return Findings(None, _sorted(unreadable))
    code = Code(root)
    return Findings(
        project, _sorted([one for kind in KINDS.values() for one in kind(project, code)])
    )


def _sorted(problems: list[Problem]) -> tuple[Problem, ...]:
    unique = {(one.kind, one.place, str(one.values)): one for one in problems}
    by_place = sorted(
        unique.values(),
        key=lambda one: (not one.is_error, one.kind not in CAUSES, one.place.file, one.place.line),
    )
    return tuple(_joined(by_place))


def _joined(problems: list[Problem]) -> Iterator[Problem]:
    """A name that is missing is missing wherever it is used: that is told once."""
    again = Counter((one.kind, one.values.get("name")) for one in problems if one.kind in MISSING)
    for one in problems:
        if one.kind not in MISSING:
            yield one
        elif count := again.pop((one.kind, one.values.get("name")), 0):
            yield replace(one, more=count - 1)
