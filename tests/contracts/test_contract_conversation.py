"""Intents, slots, forms and actions: what one file names, another one has."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from typing import Any

import pytest
from project_files import (
    Flow,
    calls,
    constants,
    domain,
    domain_files,
    flows,
    modules,
    names_of,
    phrases,
)
from rasa_sdk import FormValidationAction
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import Action

from actions.help import FORM_SLOTS

# Intents nobody says: the bot makes them of events, buttons and what it did not understand.
TECHNICAL = {
    "nlu_fallback",
    "open_chat",
    "stale_button",
    "unsupported_message",
    "select_account",
    "select_meter",
    "correct_readings",
    "explain_reading",
    "accept_link",
    "report_link",
}
LEAST_PHRASES = 20
LASTING_SLOTS = {
    "has_linked_account",
    "can_link_account",
    "has_history_account",
    "wish",
    "offered_number",
    "consent_shown",
}
BUILT_IN_SLOTS = {"requested_slot"}


@pytest.fixture(scope="module")
def registered() -> dict[str, Any]:
    executor = ActionExecutor()
    executor.register_package("actions")
    return executor.actions


def test_actions_of_the_domain_are_those_of_the_code(registered: dict[str, Any]) -> None:
    assert sorted(registered) == sorted(domain()["actions"])


def test_every_concrete_action_is_made_without_arguments() -> None:
    def kinds(base: type) -> set[type]:
        return {base} | {deeper for one in base.__subclasses__() for deeper in kinds(one)}

    ours = [one for one in kinds(Action) if one.__module__.startswith("actions")]
    assert ours
    names = [one().name() for one in ours if not getattr(one, "__abstractmethods__", None)]
    assert len(names) == len(set(names))


def test_actions_of_rules_and_stories_exist() -> None:
    known = {*domain()["actions"], *domain()["forms"], *domain()["responses"]}
    unknown = [
        (flow.name, name) for flow in flows() for name in flow.names("action") if name not in known
    ]
    assert unknown == []


def test_actions_are_used_by_rules_forms_or_the_core_fallback() -> None:
    used = {name for flow in flows() for name in flow.names("action")}
    for form, content in domain()["forms"].items():
        used |= {f"validate_{form}"}
        used |= {f"action_ask_{form}_{slot}" for slot in content["required_slots"]}
    assert sorted(set(domain()["actions"]) - used) == []


def test_intents_of_rules_and_stories_exist() -> None:
    unknown = [
        (flow.name, name)
        for flow in flows()
        for name in flow.names("intent")
        if name not in domain()["intents"]
    ]
    assert unknown == []


def test_every_intent_has_a_rule() -> None:
    begun = {flow.steps[0] for flow in flows() if flow.kind == "rule"}
    assert [name for name in domain()["intents"] if f"intent:{name}" not in begun] == []


def test_only_technical_intents_have_no_phrases() -> None:
    counted: dict[str, int] = defaultdict(int)
    for intent, _, _ in phrases():
        counted[intent] += 1
    assert set(counted) == set(domain()["intents"]) - TECHNICAL
    assert {name for name, count in counted.items() if count < LEAST_PHRASES} == set()


def test_phrases_stand_with_the_feature_that_has_the_intent() -> None:
    home = {
        name: path.removeprefix("domain/").removesuffix(".yml")
        for path, content in domain_files().items()
        for name in names_of(content, "intents")
    }
    # What every feature shares has its phrases with the help.
    strays = {
        (intent, file)
        for intent, _, file in phrases()
        if file.split("/")[1] != (home[intent] if home[intent] != "domain" else "help")
    }
    assert strays == set()


def test_no_phrase_means_two_things() -> None:
    meanings: dict[str, set[str]] = defaultdict(set)
    for intent, phrase, _ in phrases():
        plain = " ".join(re.findall(r"[\w/.,-]+", phrase.casefold().replace("ё", "е"))).strip(" .,")
        meanings[plain or phrase].add(intent)
    assert {words: found for words, found in meanings.items() if len(found) > 1} == {}


def test_no_phrase_is_empty() -> None:
    assert [intent for intent, phrase, _ in phrases() if not phrase] == []


def test_every_form_slot_is_a_slot_of_that_form() -> None:
    for form, content in domain()["forms"].items():
        for slot in content["required_slots"]:
            (mapping,) = domain()["slots"][slot]["mappings"]
            assert {"active_loop": form, "requested_slot": slot} in mapping["conditions"]


def test_every_form_has_a_validator_for_each_of_its_slots(registered: dict[str, Any]) -> None:
    for form, content in domain()["forms"].items():
        validator = getattr(registered[f"validate_{form}"], "__self__", None)
        assert isinstance(validator, FormValidationAction)
        for slot in content["required_slots"]:
            assert hasattr(validator, f"extract_{slot}"), (form, slot)
            assert hasattr(validator, f"validate_{slot}"), (form, slot)


def test_a_validator_validates_nothing_but_slots_of_its_form(registered: dict[str, Any]) -> None:
    for form, content in domain()["forms"].items():
        validator = registered[f"validate_{form}"].__self__
        named = {
            name.split("_", 1)[1]
            for name in vars(type(validator))
            if name.startswith(("extract_", "validate_"))
        }
        assert named == set(content["required_slots"])


def test_leaving_a_form_empties_every_slot_that_does_not_outlive_it() -> None:
    assert set(FORM_SLOTS) == set(domain()["slots"]) - LASTING_SLOTS


def test_slots_that_the_code_names_exist() -> None:
    known = {*domain()["slots"], *BUILT_IN_SLOTS}
    unknown = []
    for path, tree in modules("actions").items():
        for _, call in calls(tree, "SlotSet", "get_slot"):
            names = constants(call.args[0]) or []
            unknown += [f"{path}:{call.lineno} {name}" for name in names if name not in known]
    assert unknown == []


def test_slots_are_set_by_the_code_alone() -> None:
    assert [
        name
        for name, content in domain()["slots"].items()
        for mapping in content["mappings"]
        if mapping["type"] != "custom"
    ] == []


def test_only_slots_that_rules_branch_on_influence_the_conversation() -> None:
    branching = {"has_linked_account", "can_link_account", "has_history_account", "wish"}
    influencing = {
        name
        for name, content in domain()["slots"].items()
        if content.get("influence_conversation", content["type"] != "any")
    }
    assert influencing == branching


def test_every_rule_is_walked_by_a_conversation_test() -> None:
    walked = [flow.steps for flow in flows("tests/stories/*.yml")]

    def is_walked(rule: Flow) -> bool:
        size = len(rule.steps)
        return any(
            story[start : start + size] == rule.steps
            for story in walked
            for start in range(len(story) - size + 1)
        )

    rules = [flow for flow in flows() if flow.kind == "rule"]
    assert [rule.name for rule in rules if not is_walked(rule)] == []


def test_every_story_is_walked_by_a_conversation_test() -> None:
    """With what is said inside its forms between the story's own steps."""
    walked = [flow.steps for flow in flows("tests/stories/*.yml")]

    def is_walked(story: Flow) -> bool:
        rests = [iter(steps) for steps in walked]
        return any(all(step in rest for step in story.steps) for rest in rests)

    stories = [flow for flow in flows() if flow.kind == "story"]
    assert [story.name for story in stories if not is_walked(story)] == []


def test_conversation_tests_name_only_what_exists() -> None:
    known = {*domain()["actions"], *domain()["forms"], *domain()["responses"]}
    for flow in flows("tests/stories/*.yml"):
        assert set(flow.names("action")) <= known, flow.name
        assert set(flow.names("intent")) <= set(domain()["intents"]), flow.name


def test_there_is_a_file_of_conversation_tests_for_every_feature() -> None:
    features = {flow.file.split("/")[1] for flow in flows()}
    tested = {flow.file for flow in flows("tests/stories/*.yml")}
    assert tested == {f"tests/stories/test_{feature}.yml" for feature in features}


def test_nothing_connects_or_runs_at_import() -> None:
    """Modules of actions hold definitions and constants only, so that importing is harmless."""
    harmless = (
        ast.FunctionDef,
        ast.AsyncFunctionDef,
        ast.ClassDef,
        ast.Import,
        ast.ImportFrom,
        ast.Assign,
        ast.AnnAssign,
    )
    for path, tree in modules("actions").items():
        for node in tree.body:
            documentation = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            assert documentation or isinstance(node, harmless), f"{path}:{node.lineno}"
