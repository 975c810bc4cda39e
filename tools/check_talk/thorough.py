"""What needs Rasa and the model: contradictions, conversation tests, coverage, understanding."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from server.internals.light_import import without_tensorflow
from tools.check_talk.__main__ import say, tell
from tools.check_talk.code import Code
from tools.check_talk.coverage.report import coverage
from tools.check_talk.coverage.texts import TestsFailed, heard_by_tests
from tools.check_talk.coverage.unasked import unasked
from tools.check_talk.dialogue.contradictions import contradictions
from tools.check_talk.problems import Problem, word
from tools.check_talk.project import Project
from tools.train import QUIET, TrainingFailed, ensure_model

LOG = Path("reports") / "check-talk.log"


def thorough(root: Path, project: Project) -> bool:
    """Says what each part found; True if nothing is wrong. The rest of the talk goes to LOG."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    without_tensorflow((root / "config.yml").read_text(encoding="utf-8"))
    with ThreadPoolExecutor(1) as beside:
        # Tests of the actions say the texts that the conversation tests can't.
        hearing = beside.submit(heard_by_tests, root)
        good = _dialogue(root, project)
        say(f"\n{word('heading_coverage')}")
        try:
            reached = coverage(project, hearing.result())
        except TestsFailed as error:
            say(f"  {word('action_tests_failed')}\n{error}")
            return False
    for row in reached.rows:
        say(str(row))
    tell(reached.problems)
    if not reached.problems:
        say(f"  {word('coverage_good')}")
    return good and not reached.problems


def _dialogue(root: Path, project: Project) -> bool:
    with _aside(root / LOG):
        from tools.check_talk.dialogue.structure import structure

        found = structure(root, project)
    say(f"\n{word('heading_rasa')}")
    tell(found)
    if found:
        return False
    try:
        model, _ = ensure_model(root)
    except TrainingFailed as error:
        tell(contradictions(str(error), project))
        return False
    say(f"  {word('rasa_good')}")
    with _aside(root / LOG):
        from rasa.core.agent import Agent

        from tools.check_talk.dialogue.tests import run_tests
        from tools.check_talk.dialogue.understanding import understanding

        agent = Agent.load(str(model))
        failed: list[Problem] = [
            *run_tests(root, project, agent),
            *unasked(project, Code(root)),
        ]
    say(f"\n{word('heading_stories')}")
    tell(failed)
    if not failed:
        say(f"  {word('stories_good', count=len(project.tests))}")
    with _aside(root / LOG):
        understood = understanding(agent, {phrase.intent for phrase in project.phrases})
    say(f"\n{word('heading_nlu')}")
    heads = word("nlu_table").split(" | ")
    say(f"  {heads[0]:<38}" + "".join(f"{head:>22}" for head in heads[1:]))
    for caption, *figures in understood.rows:
        say(f"  {caption:<38}" + "".join(f"{figure:>22}" for figure in figures))
    tell(understood.problems)
    if not understood.problems:
        say(f"  {word('nlu_good')}")
    return not failed and not understood.problems


@contextlib.contextmanager
def _aside(log: Path) -> Iterator[None]:
    """Everything written meanwhile, by libraries in C too, goes to the log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, copy in enumerate(kept, start=1):
            os.dup2(copy, number)
            os.close(copy)
