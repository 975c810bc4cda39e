"""What only Rasa can find: contradicting paths, and conversation tests that go another way."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.nlu.measuring import Figures
from tests.designers.project_copy import ROOT, ProjectCopy, copy_project
from tools.check_talk.checks import check
from tools.check_talk.code import Code
from tools.check_talk.coverage.report import coverage
from tools.check_talk.coverage.texts import named_by_tests, texts
from tools.check_talk.coverage.unasked import unasked
from tools.check_talk.dialogue.contradictions import contradictions
from tools.check_talk.problems import Problem, word
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


def test_a_contradiction_names_the_other_rule_its_place_and_what_it_does(
    project: ProjectCopy,
) -> None:
    project.append("data/help/rules.yml", SECOND_ANSWER)
    found = check(project.root).project
    assert found is not None
    pair = (
        ("utter_goodbye", "Thanks in another way", "Thanks"),
        ("utter_thank", "Thanks", "Thanks in another way"),
    )
    said = "".join(
        f"- the prediction of the action '{action}' in rule '{name}' is contradicting with "
        f"rule(s) '{other}'.\n"
        for action, name, other in pair
    )
    (problem,) = contradictions(said, found)
    place = next(flow.place for flow in found.flows if flow.name == "Thanks")
    assert problem.place.text.strip() == "- action: utter_goodbye"
    assert problem.sentence == (
        f"«Thanks in another way» противоречит правилу «Thanks» ({place}): "
        "здесь дальше «utter_goodbye», а там «utter_thank»."
    )


def test_a_contradiction_may_be_that_one_waits(project: ProjectCopy) -> None:
    found = check(project.root).project
    assert found is not None
    said = (
        "- the prediction of the action 'action_listen' in rule 'Thanks' is contradicting with "
        "rule(s) 'Says goodbye' which predicted action 'utter_goodbye'.\n"
    )
    (problem,) = contradictions(said, found)
    assert "здесь дальше ожидание ответа, а там «utter_goodbye»" in problem.sentence


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
        "tests/stories/test_out_of_scope.yml",
        "- action: utter_out_of_scope\n",
        "- action: utter_help\n",
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


ASKS_ON = """      - intent: select_account
      - action: unlink_account_form
      - slot_was_set:
          - requested_slot: unlink_confirmed
"""
MOVED = """  answer_moved:
    type: bool
    mappings:
      - type: from_intent
        intent: affirm
        value: true
        conditions:
          - active_loop: FORM
            requested_slot: answer_moved
"""


def unasked_in(project: ProjectCopy) -> list[Problem]:
    found = check(project.root).project
    assert found is not None
    return list(unasked(found, Code(project.root)))


def add_question(project: ProjectCopy, path: str, form: str, before: str) -> None:
    project.change(path, f"      - {before}\n", f"      - answer_moved\n      - {before}\n")
    project.change(path, "\nslots:\n", "\nslots:\n" + MOVED.replace("FORM", form))


def test_a_conversation_whose_form_ends_without_its_new_question_is_told(
    project: ProjectCopy,
) -> None:
    tests = "tests/stories/test_accounts.yml"
    add_question(project, "domain/accounts.yml", "unlink_account_form", "unlink_confirmed")
    found = unasked_in(project)
    assert len(found) == project.read(tests).count(ASKS_ON) > 0
    for problem in found:
        assert problem.place.file == tests
        assert problem.place.text.strip() == "- active_loop: null"
        assert "вопрос «answer_moved» в нём не задан" in problem.told()
        assert "- requested_slot: answer_moved" in problem.told()
    asked = ASKS_ON.replace("unlink_confirmed", "answer_moved")
    project.write(tests, project.read(tests).replace(ASKS_ON, asked + ASKS_ON))
    assert unasked_in(project) == []


def test_a_form_that_is_left_needs_no_further_question(project: ProjectCopy) -> None:
    add_question(project, "domain/accounts.yml", "unlink_account_form", "account_to_unlink")
    left = {"Gives readings instead of removing the account"}
    assert left.isdisjoint(problem.values["name"] for problem in unasked_in(project))


def test_a_form_that_chooses_its_questions_is_told_only_what_is_certain(
    project: ProjectCopy,
) -> None:
    # The code may end this form at once: what it asks on shows that it went through.
    form, path = "submit_readings_form", "domain/readings.yml"
    add_question(project, path, form, "readings_confirmed")
    found = check(project.root).project
    assert found is not None
    asking_on = {
        test.name
        for test in found.tests
        for step in test.steps
        if step.name == "requested_slot"
        and step.value in ("readings_confirmed", "meter_to_correct")
    }
    named = {problem.values["name"] for problem in unasked_in(project)}
    assert named
    assert named <= asking_on


def test_a_slot_that_the_code_fills_may_go_unasked(project: ProjectCopy) -> None:
    add_question(project, "domain/accounts.yml", "unlink_account_form", "unlink_confirmed")
    before = project.read("actions/accounts.py")
    project.write("actions/accounts.py", before + '\nFILLED = "answer_moved"\n')
    assert unasked_in(project) == []


def test_every_conversation_of_the_project_asks_what_its_forms_ask(
    project_as_it_is: Project,
) -> None:
    assert list(unasked(project_as_it_is, Code(ROOT))) == []


def test_figures_and_sets_have_russian_names() -> None:
    named = [word(f"figure_{name}") for name in Figures.__dataclass_fields__]
    named += [word(f"set_{name}") for name in ("dev", "test", "near")]
    assert len(set(named)) == len(named)
    assert not any(re.search("[a-z]{2}", name) for name in named)


@pytest.mark.model
def test_a_conversation_that_goes_another_way_is_told_at_its_step(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project", model=True)
    tests = "tests/stories/test_help.yml"
    then = "      - action: action_continue\n      - user: |-\n          баланс\n"
    complaint = "        intent: complaint\n      - action: utter_complaint\n"
    said_instead = complaint.replace("utter_complaint", "utter_contacts")
    wrong = project.change(tests, complaint + then, said_instead + then)
    foreign = "tests/stories/test_out_of_scope.yml"
    misread = project.change(
        foreign,
        "          хочу пиццу\n        intent: out_of_scope\n      - action: utter_out_of_scope\n",
        "          хочу пиццу\n        intent: thank\n      - action: utter_thank\n",
    )
    done = run(project)
    assert done.returncode == 1
    assert f"{tests}:{wrong + 1}  Разговор «" in done.stdout
    assert "ожидалось «utter_contacts», а бот делает «utter_complaint»" in done.stdout
    assert f"{foreign}:{misread + 1}  Разговор «" in done.stdout
    assert "фраза «хочу пиццу» понята как «out_of_scope», а не «thank»" in done.stdout
    assert "Понял с первого раза" in done.stdout
