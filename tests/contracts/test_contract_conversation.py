"""Intents, slots, forms and actions: what one file names, another one has."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pytest
from rasa_sdk import FormValidationAction
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import Action

from actions.help import ANSWER, FORM_SLOTS
from tests.contracts.project_files import (
    calls,
    constants,
    domain,
    flows,
    modules,
    phrases,
)
from tools.check_talk.known_to_code import TECHNICAL

LASTING_SLOTS = {
    "has_linked_account",
    "can_link_account",
    "has_history_account",
    "wish",
    "offered_number",
    "consent_shown",
}
BUILT_IN_SLOTS = {"requested_slot"}


def coded(slots: Iterable[str]) -> set[str]:
    """The slots that code fills; the answers to questions that designers add are Rasa's affair."""
    return {slot for slot in slots if not slot.startswith(ANSWER)}


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


def test_only_technical_intents_have_no_phrases() -> None:
    counted: dict[str, int] = defaultdict(int)
    for intent, _, _ in phrases():
        counted[intent] += 1
    assert set(counted) == set(domain()["intents"]) - TECHNICAL


def test_every_form_has_a_validator_for_each_of_its_slots(registered: dict[str, Any]) -> None:
    for form, content in domain()["forms"].items():
        validator = getattr(registered[f"validate_{form}"], "__self__", None)
        assert isinstance(validator, FormValidationAction)
        for slot in coded(content["required_slots"]):
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
        assert named == coded(content["required_slots"])


def test_leaving_a_form_empties_every_slot_that_does_not_outlive_it() -> None:
    assert set(FORM_SLOTS) == coded(domain()["slots"]) - LASTING_SLOTS


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
        if mapping["type"] != "custom" and not name.startswith(ANSWER)
    ] == []


def test_only_slots_that_rules_branch_on_influence_the_conversation() -> None:
    branching = {"has_linked_account", "can_link_account", "has_history_account", "wish"}
    influencing = {
        name
        for name, content in domain()["slots"].items()
        if content.get("influence_conversation", content["type"] != "any")
    }
    assert influencing == branching


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
