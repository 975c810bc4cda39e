"""Which texts a test has heard."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.check_talk.code import form_questions
from tools.check_talk.coverage.walked import walked_branches
from tools.check_talk.problems import Place
from tools.check_talk.project import Project

# The tests that say texts without a trained model; tests/heard.py reads the variable.
SAYING = ("tests/actions", "tests/server/test_phrases.py")
HEARD = "HEARD_RESPONSES"


class TestsFailed(Exception):
    """The message is the end of what pytest said."""


@dataclass(frozen=True)
class Text:
    """A wording: the response's name, followed by «@vk» or «@viber» if it is for one messenger."""

    name: str
    place: Place


def texts(project: Project) -> Iterator[Text]:
    """Every wording that a resident can see."""
    for response in project.responses.values():
        channels = {one.channel: one.place for one in reversed(response.variations)}
        for channel, place in channels.items():
            yield Text(f"{response.name}@{channel}" if channel else response.name, place)


def named_by_tests(project: Project) -> set[str]:
    """The responses that conversation tests name as steps, or that their forms ask."""
    named = {step.name for test in project.tests for step in test.steps if step.kind == "action"}
    walked = walked_branches(project.tests)
    asked = {
        name
        for name, (form, slot) in form_questions(project).items()
        if (form, f"ask {slot}") in walked
    }
    return {name for name in named if name.startswith("utter_")} | asked


def heard_by_tests(root: Path, tests: Iterable[str] = SAYING) -> set[str]:
    """Runs the tests that say texts and returns what they looked up.

    Raises:
        TestsFailed: one of them failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        note = Path(folder) / "heard.json"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "addopts="]
        done = subprocess.run(  # noqa: S603 (no part of the command comes from outside)
            [*command, *tests],
            cwd=root,
            env={**os.environ, HEARD: str(note)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise TestsFailed("\n".join(done.stdout.splitlines()[-30:]))
        return set(json.loads(note.read_text(encoding="utf-8")))
