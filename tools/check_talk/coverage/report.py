"""The table of what the tests reach, and a problem for each thing they don't."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tools.check_talk.coverage.texts import named_by_tests, texts
from tools.check_talk.coverage.walked import branches, is_walked, walked_branches
from tools.check_talk.problems import Problem, word
from tools.check_talk.project import Project


@dataclass(frozen=True)
class Row:
    """How many of a kind there are, and how many of them a test reaches."""

    caption: str
    reached: int
    total: int

    def __str__(self) -> str:
        share = 100 * self.reached // self.total if self.total else 100
        return f"  {self.caption:<28} {self.reached:>4} / {self.total:<4} {share:>3} %"


@dataclass(frozen=True)
class Coverage:
    """A row for each kind, and what is not reached."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def coverage(project: Project, heard: Iterable[str]) -> Coverage:
    """`heard` are the responses that tests of actions and of the serving process looked up."""
    rows, missing = [], []
    for kind in ("rule", "story"):
        flows = [flow for flow in project.flows if flow.kind == kind]
        left = [flow for flow in flows if not is_walked(flow, project.tests)]
        missing += [Problem("flow_not_walked", flow.place, {"name": flow.name}) for flow in left]
        rows.append(Row(word(f"row_{kind}"), len(flows) - len(left), len(flows)))
    walked = walked_branches(project.tests)
    ways = branches(project)
    unused = [way for way in ways if (way.form, way.name) not in walked]
    for way in unused:
        step, _, slot = way.name.partition(" ")
        values = {"form": way.form, "branch": word(f"branch_{step}", slot=slot)}
        missing.append(Problem("branch_not_walked", way.place, values))
    rows.append(Row(word("row_branch"), len(ways) - len(unused), len(ways)))
    reached = named_by_tests(project) | set(heard)
    every = list(texts(project))
    silent = [text for text in every if text.name not in reached]
    missing += [Problem("text_not_heard", text.place, {"name": text.name}) for text in silent]
    rows.append(Row(word("row_text"), len(every) - len(silent), len(every)))
    return Coverage(tuple(rows), tuple(missing))
