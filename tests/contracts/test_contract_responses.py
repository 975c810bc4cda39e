"""Every text is used, every used text exists, and every variable of a text is filled."""

from __future__ import annotations

import ast

import pytest

from tests.contracts.project_files import (
    PLACEHOLDER,
    RESERVED,
    calls,
    domain,
    modules,
    placeholders,
    responses,
    texts,
)
from tools.check_talk.known_to_code import SHOWN_SLOTS, VARIABLES, families

FAMILIES = families(domain()["intents"])


def python_prefixes() -> dict[str, str]:
    """The beginning of every response name that Python puts together, with where it stands."""
    found = {}
    for path, tree in modules("actions", "server", "backend", "channels").items():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                start = str(node.values[0].value)
                if start.startswith("utter_"):
                    found[start] = f"{path}:{node.lineno}"
    return found


def test_names_that_python_puts_together_are_known_families() -> None:
    assert set(python_prefixes()) == set(FAMILIES)


def test_slots_that_texts_show_are_slots() -> None:
    for response, slots in SHOWN_SLOTS.items():
        assert slots <= set(domain()["slots"])
        assert slots <= placeholders(response)


def test_declared_variables_belong_to_responses_that_exist() -> None:
    assert [name for name in VARIABLES if name not in FAMILIES and name not in responses()] == []


def test_no_variable_has_a_name_that_utter_message_keeps_for_itself() -> None:
    assert [name for name, text in texts() if RESERVED & set(PLACEHOLDER.findall(text))] == []
    assert [name for name, variables in VARIABLES.items() if variables & RESERVED] == []


def test_all_words_come_from_the_domain() -> None:
    found = []
    for path, tree in modules("actions").items():
        for _, call in calls(tree, "utter_message"):
            keywords = {word.arg for word in call.keywords}
            if call.args or "response" not in keywords or keywords & {"text", "template", "image"}:
                found.append(f"{path}:{call.lineno}")
    assert found == []


@pytest.mark.parametrize(
    "old", ["utter_button_message", "utter_template", "utter_custom_message", "utter_attachment"]
)
def test_the_old_ways_of_speaking_are_not_used(old: str) -> None:
    assert [path for path, tree in modules("actions").items() if list(calls(tree, old))] == []
