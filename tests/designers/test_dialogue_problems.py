"""What only Rasa can find: contradicting paths, and conversation tests that go another way."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.designers.project_copy import ROOT, ProjectCopy, copy_project
from tools.check_talk.checks import check
from tools.check_talk.coverage.report import coverage
from tools.check_talk.coverage.texts import named_by_tests, texts
from tools.check_talk.dialogue.contradictions import contradictions
from tools.check_talk.project import Project

SECOND_ANSWER = """
  - rule: Thanks in another way
    steps:
      - intent: thank
      - action: utter_goodbye
      - action: action_continue
"""
HALF_A_RULE = """
  - rule: Says thanks with a form
    steps:
      - intent: thank
      - action: submit_readings_form
"""
# Rasa's own checks alone.
STRUCTURE = """
from pathlib import Path
from server.internals.light_import import without_tensorflow
without_tensorflow("")
from tools.check_talk.checks import check
from tools.check_talk.dialogue.structure import structure
root = Path(".").resolve()
for problem in structure(root, check(root).project):
    print(problem.told())
"""


def run(project: ProjectCopy) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.check_talk"],
        cwd=project.root,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.fixture(scope="module")
def project_as_it_is() -> Project:
    found = check(ROOT).project
    assert found is not None
    return found


def test_rules_that_contradict_each_other_are_told_before_any_training(
    project: ProjectCopy,
) -> None:
    project.append("data/help/rules.yml", SECOND_ANSWER)
    project.change("data/help/rules.yml", "  - rule: Thanks\n", "  - rule: Gives thanks\n")
    done = run(project)
    assert done.returncode == 1
    assert re.search(r"data/help/rules\.yml:\d+  «.*» противоречит правилу «", done.stdout)
    assert "Thanks in another way" in done.stdout
    assert not list((project.root / "models").glob("*.gz"))


def test_an_incomplete_rule_is_told(project: ProjectCopy) -> None:
    project.change("data/help/rules.yml", "rules:\n", f"rules:{HALF_A_RULE}")
    done = subprocess.run(
        [sys.executable, "-c", STRUCTURE],
        cwd=project.root,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert "Правило «Says thanks with a form» не говорит, чем кончается" in done.stdout


def test_stories_that_disagree_are_told_with_both_names(project_as_it_is: Project) -> None:
    said = (
        "Story structure conflict after action 'action_list_accounts':\n"
        "  link_account_form predicted in 'Looks at the accounts and goes on to add one'\n"
        "  action_listen predicted in 'Gives readings, then looks at the accounts'\n"
    )
    (problem,) = contradictions(said, project_as_it_is)
    assert problem.kind == "story_conflict"
    assert problem.place.file == "data/accounts/stories.yml"
    assert "«action_listen» («Gives readings, then looks at the accounts»)" in problem.sentence


def test_what_rasa_says_otherwise_is_passed_on_by_its_last_reason(
    project_as_it_is: Project,
) -> None:
    said = "INFO rasa\nTraceback\nYamlException: something is odd\n"
    (problem,) = contradictions(said, project_as_it_is)
    assert "YamlException: something is odd" in problem.sentence


def test_a_text_and_a_rule_that_nothing_reaches_are_counted(project: ProjectCopy) -> None:
    project.change(
        "tests/stories/test_help.yml", "- action: utter_out_of_scope\n", "- action: utter_help\n"
    )
    found = check(project.root).project
    assert found is not None
    heard = {text.name for text in texts(found)} - {"utter_out_of_scope"}
    result = coverage(found, heard)
    assert {problem.kind for problem in result.problems} == {"flow_not_walked", "text_not_heard"}
    rows = {row.caption: (row.reached, row.total) for row in result.rows}
    assert rows["реплики"] == (len(heard), len(heard) + 1)
    assert "utter_out_of_scope" not in named_by_tests(found)


def test_words_for_one_messenger_must_be_heard_there(project: ProjectCopy) -> None:
    project.change(
        "domain/help.yml",
        '    - text: "Пожалуйста! Рад помочь."\n',
        '    - text: "Пожалуйста! Рад помочь."\n    - text: "Рад помочь."\n      channel: vk\n',
    )
    found = check(project.root).project
    assert found is not None
    every = {text.name for text in texts(found)}
    assert "utter_thank@vk" in every
    missing = coverage(found, every - {"utter_thank@vk"}).problems
    assert [problem.values["name"] for problem in missing] == ["utter_thank@vk"]


@pytest.mark.model
def test_a_conversation_that_goes_another_way_is_told_at_its_step(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project", model=True)
    tests = "tests/stories/test_help.yml"
    then = "      - action: action_continue\n      - user: |-\n          баланс\n"
    complaint = "        intent: complaint\n      - action: utter_complaint\n"
    said_instead = complaint.replace("utter_complaint", "utter_contacts")
    wrong = project.change(tests, complaint + then, said_instead + then)
    misread = project.change(
        tests,
        "          хочу пиццу\n        intent: out_of_scope\n      - action: utter_out_of_scope\n",
        "          хочу пиццу\n        intent: thank\n      - action: utter_thank\n",
    )
    done = run(project)
    assert done.returncode == 1
    assert f"{tests}:{wrong + 1}  Разговор «" in done.stdout
    assert "ожидалось «utter_contacts», а бот делает «utter_complaint»" in done.stdout
    assert f"{tests}:{misread + 1}  Разговор «" in done.stdout
    assert "фраза «хочу пиццу» понята как «out_of_scope», а не «thank»" in done.stdout
    assert "Понял с первого раза" in done.stdout
