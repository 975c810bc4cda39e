"""Names follow one pattern each, so that a designer finds what belongs together."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from rasa_sdk.executor import ActionExecutor

from tests.contracts.project_files import ROOT, domain, flows

VERBS = (
    "accept|ask|correct|delete|explain|link|list|object|open|provide|report|select|show|submit"
    "|turn|unlink"
)
GENERIC = {"affirm", "deny", "cancel", "greet", "goodbye", "thank", "help"}
# What a resident expresses without wishing for anything, and the menu, keep their common names.
NOT_WISHES = {
    "main_menu",
    "complaint",
    "out_of_scope",
    "nlu_fallback",
    "stale_button",
    "unsupported_message",
}
WORD = r"[a-z]+(_[a-z]+)*"


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


@pytest.mark.parametrize("name", domain()["intents"])
def test_an_intent_is_a_verb_and_its_object(name: str) -> None:
    assert name in GENERIC | NOT_WISHES or re.fullmatch(rf"({VERBS})_{WORD}", name)


@pytest.mark.parametrize("name", domain()["entities"])
def test_an_entity_is_a_noun(name: str) -> None:
    assert re.fullmatch(WORD, name)


@pytest.mark.parametrize(("name", "content"), domain()["slots"].items())
def test_a_slot_is_a_noun_and_a_flag_says_so(name: str, content: dict[str, str]) -> None:
    assert re.fullmatch(WORD, name)
    if content["type"] == "bool":
        assert re.match(r"(is|has|can)_", name) or name.endswith("_confirmed")


@pytest.mark.parametrize("name", domain()["forms"])
def test_a_form_is_an_action_phrase(name: str) -> None:
    assert re.fullmatch(rf"({VERBS})_{WORD}_form", name)


@pytest.mark.parametrize("name", domain()["actions"])
def test_an_action_is_a_verb_and_its_object(name: str) -> None:
    assert re.fullmatch(rf"(action_[a-z]+_?{WORD}|validate_{WORD}_form)", name)


@pytest.mark.parametrize("name", domain()["responses"])
def test_a_response_is_a_subject_and_an_outcome(name: str) -> None:
    assert re.fullmatch(rf"utter_{WORD}", name)
    assert not name.endswith(("_error", "_ok", "_message_two"))


def test_a_class_is_called_like_its_action() -> None:
    executor = ActionExecutor()
    executor.register_package("actions")
    wrong = []
    for name, run in executor.actions.items():
        kind = type(run.__self__).__name__
        expected = {camel(name)}
        for form, content in domain()["forms"].items():
            for slot in content["required_slots"]:
                if name == f"action_ask_{form}_{slot}":
                    expected.add("ActionAsk" + camel(slot))
        if kind not in expected:
            wrong.append((name, kind))
    assert wrong == []


@pytest.mark.parametrize("name", [flow.name for flow in flows()])
def test_a_rule_or_story_is_a_sentence(name: str) -> None:
    assert re.fullmatch(r"[A-ZА-ЯЁ][A-Za-zА-Яа-яЁё0-9 ,;:'«»()/-]*[A-Za-zА-Яа-яЁё0-9»)]", name)
    assert "_" not in name


def test_no_two_rules_or_stories_have_the_same_name() -> None:
    for pattern in ("data/*/*.yml", "tests/stories/*.yml"):
        counted = Counter(flow.name for flow in flows(pattern))
        assert [name for name, count in counted.items() if count > 1] == []


def test_a_feature_has_the_same_name_everywhere() -> None:
    texts = {path.stem for path in (ROOT / "domain").glob("*.yml")}
    data = {path.name for path in (ROOT / "data").iterdir() if path.is_dir()}
    assert texts == data
    working = {
        path.stem
        for path in (ROOT / "domain").glob("*.yml")
        if re.search(r"^(actions|forms):", path.read_text("utf-8"), re.MULTILINE)
    }
    assert len(working) > 3
    assert working <= {path.stem for path in (ROOT / "actions").glob("*.py")}
