"""A conversation becomes a conversation test that Rasa can read, in the feature's file."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from studio.conversations import Turn
from studio.files import ProjectFiles
from studio.story import Circumstances, Stories, StoryRefused, story
from studio.words import words
from tests.studio.studio_fakes import FILES

KNOWN = Circumstances({"has_linked_account", "wish"}, {"link_account_form"})
HELP = FILES["tests/stories/test_help.yml"]
STORY = """  - story: "Говорит: спасибо"
    steps:
      - user: |-
          спасибо вам
        intent: thank
      - action: utter_thank
"""


def turn(words_: str, intent: str, *actions: dict[str, Any], **fields: Any) -> Turn:
    user = {"kind": "user", "text": words_, "intent": intent, **fields}
    done = [{"kind": "action", "policy": "RulePolicy", **one} for one in actions]
    return Turn(datetime.now(timezone.utc), user, done, [], [user, *done])


def steps(*turns: Turn) -> list[Any]:
    written = yaml.safe_load(story("Имя", turns, KNOWN, words()))
    assert written[0]["story"] == "Имя"
    found: list[Any] = written[0]["steps"]
    return found


def test_what_was_said_and_done_is_written_in_order() -> None:
    assert steps(
        turn("привет\nвсем", "greet", {"name": "utter_greet"}),
        turn("/affirm", "affirm", {"name": "action_question_closed"}),
    ) == [
        {"user": "привет\nвсем", "intent": "greet"},
        {"action": "utter_greet"},
        {"user": "/affirm", "intent": "affirm"},
        {"action": "action_question_closed"},
    ]


def test_forms_and_the_slots_that_matter_are_written() -> None:
    opened = {
        "name": "link_account_form",
        "loop": "link_account_form",
        "slots": {"requested_slot": "account_number", "failures": "1"},
    }
    closed = {
        "name": "link_account_form",
        "loop": None,
        "slots": {"requested_slot": None, "has_linked_account": True},
    }
    assert steps(turn("счёт", "link_account", opened), turn("1", "provide_number", closed)) == [
        {"user": "счёт", "intent": "link_account"},
        {"action": "link_account_form"},
        {"active_loop": "link_account_form"},
        {"slot_was_set": [{"requested_slot": "account_number"}]},
        {"user": "1", "intent": "provide_number"},
        {"action": "link_account_form"},
        {"active_loop": None},
        {"slot_was_set": [{"requested_slot": None}, {"has_linked_account": True}]},
    ]


def test_what_nobody_said_is_left_out_and_the_open_form_is_not() -> None:
    notice = Turn(datetime.now(timezone.utc), None)
    said = turn("да", "affirm", form="link_account_form", asked="account_number")
    assert steps(notice, said) == steps(said)
    assert steps(notice, said)[0] == {"active_loop": "link_account_form"}


def test_what_another_action_called_is_expected_only_of_forms() -> None:
    followed = {"policy": "followup_action"}
    form = {"name": "link_account_form", "loop": "link_account_form", **followed}
    again = {"name": "link_account_form", **followed}
    other = {"name": "action_continue", "slots": {"wish": None}, **followed}
    end = {"name": "action_question_closed"}
    assert steps(
        turn("а", "greet", form), turn("б", "greet", again), turn("в", "greet", other, end)
    ) == [
        {"user": "а", "intent": "greet"},
        {"active_loop": "link_account_form"},
        {"action": "link_account_form"},
        {"user": "б", "intent": "greet"},
        {"action": "link_account_form"},
        {"user": "в", "intent": "greet"},
        {"slot_was_set": [{"wish": None}]},
    ]


def test_a_conversation_that_begins_inside_a_form_says_so() -> None:
    assert steps(turn("1", "deny", form="link_account_form", asked="account_number"))[:2] == [
        {"active_loop": "link_account_form"},
        {"slot_was_set": [{"requested_slot": "account_number"}]},
    ]


def test_hidden_numbers_become_made_up_ones_and_ids_go() -> None:
    assert steps(
        turn("•••45", "provide_number", asked="account_number"),
        turn("•••", "provide_number", asked="account_number"),
        turn("горячая •••90", "provide_number", asked="reading"),
        turn('/select_account{"account": "•••45"}', "select_account"),
    ) == [
        {"user": "7060012345", "intent": "provide_number"},
        {"user": "7060012345", "intent": "provide_number"},
        {"user": "горячая 56545", "intent": "provide_number"},
        {"intent": "select_account"},
    ]


@pytest.mark.parametrize("name", ["Просто", "С: двоеточием", "'", "- #", "да", "[1]", "\u2028"])
def test_any_name_is_written_so_that_it_is_read_back(name: str) -> None:
    assert yaml.safe_load(story(name, [turn("а", "greet")], KNOWN, words()))[0]["story"] == name


def test_a_story_is_appended_and_nothing_else_changes(project: Path) -> None:
    assert Stories(ProjectFiles(project)).add("help", STORY) == "tests/stories/test_help.yml"
    assert (project / "tests/stories/test_help.yml").read_text() == f"{HELP}\n{STORY}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "text"),
        ("абв", "text"),
        ("  - story: [", "text"),
        (STORY + STORY.replace("Говорит", "Ещё"), "text"),
        (STORY.replace("steps", "step"), "text"),
        (STORY + "rules: []\n", "text"),
        (STORY + "stories: []\n", "text"),
        (STORY.replace('"Говорит: спасибо"', '""'), "name"),
        (STORY.replace('"Говорит: спасибо"', "x" * 121), "name"),
        (STORY.replace('"Говорит: спасибо"', "Thanks"), "same_name"),
        (STORY.removeprefix("  "), "text"),
        (STORY + 'version: "2.0"\n', "text"),
        (STORY.replace("steps", "condition: []\n    steps"), "text"),
    ],
)
def test_what_is_not_one_new_story_is_refused(project: Path, text: str, problem: str) -> None:
    with pytest.raises(StoryRefused, match=f"^{problem}$"):
        Stories(ProjectFiles(project)).add("help", text)
    assert (project / "tests/stories/test_help.yml").read_text() == HELP


@pytest.mark.parametrize("feature", ["", "accounts", "../help", "/etc/passwd", "help.yml"])
def test_only_files_of_conversation_tests_are_written(project: Path, feature: str) -> None:
    with pytest.raises(StoryRefused, match=r"^feature$"):
        Stories(ProjectFiles(project)).add(feature, STORY)
