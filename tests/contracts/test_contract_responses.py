"""Every text is used, every used text exists, and every variable of a text is filled."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict

import pytest
from project_files import (
    PLACEHOLDER,
    RESERVED,
    calls,
    constants,
    domain,
    domain_files,
    flows,
    modules,
    names_of,
    placeholders,
    responses,
    texts,
)

from backend.billing.errors import REFUSALS
from backend.privacy.erasure import tables_with_residents
from backend.readings.reasons import Reason
from backend.readings.verdicts import Kind
from backend.settings import AfterClosing

# Names that Python puts together: the beginning, and what may follow it.
FAMILIES: dict[str, set[str]] = {
    "utter_wish_": set(domain()["intents"]),
    "utter_balance_": {"debt", "paid", "overpaid"},
    "utter_data_": {table.name for table in tables_with_residents()},
    "utter_readings_refused_": set(REFUSALS),
    "utter_history_channel_": {"vk", "viber", "max", "telegram", "web"},
    "utter_reading_": {
        Kind.NOT_A_NUMBER.value,
        Kind.BELOW_PREVIOUS.value,
        Kind.TOO_MANY_DIGITS.value,
        Kind.VERIFICATION_EXPIRED.value,
    },
    "utter_reading_question_": {
        Kind.BELOW_PREVIOUS.value,
        Kind.TOO_MANY_DECIMALS.value,
        Kind.DIAL_OVER.value,
        Kind.UNUSUALLY_HIGH.value,
        Kind.THOUSANDFOLD_SLIP.value,
        Kind.VOLUME_INSTEAD.value,
    },
    "utter_after_closing_": {mode.value for mode in AfterClosing},
    "utter_button_": {reason.value for reason in Reason},
}
# Families whose every member must have its text; of the others some may be missing.
WHOLE = (
    "utter_balance_",
    "utter_reading_",
    "utter_reading_question_",
    "utter_after_closing_",
    "utter_button_",
    "utter_history_channel_",
)
# Variables of responses whose names or variables are only known when Python runs.
VARIABLES: dict[str, set[str]] = {
    "utter_wish_": set(),
    "utter_balance_": {"account", "amount", "date", "pay"},
    "utter_data_": {"count"},
    "utter_readings_refused_": {"reason"},
    "utter_history_channel_": set(),
    "utter_history_month": {"month", "volume"},
    "utter_history_month_estimated": {"month", "volume"},
    "utter_reading_": {"meter", "value", "previous", "allowed", "when"},
    "utter_reading_question_": {"meter", "value", "proposal", "volume", "limit", "previous"},
    "utter_after_closing_": set(),
    "utter_button_": set(),
    "utter_reading_notice_verification_soon": {"meter", "when"},
    "utter_reading_notice_long_silence": {"meter", "when"},
    "utter_readings_refused": {"reason"},
    "utter_question_closed": set(),
    "utter_another_question_open": set(),
    "utter_no_question_open": set(),
}
# Slots that texts may show: they are always set when the text is said.
SHOWN_SLOTS = {"utter_ask_unlink_account_form_unlink_confirmed": {"account_to_unlink"}}
CALLERS = {"utter_message": 0, "line": 1, "button": 1, "phrase": 1, "has": 1}
# A key in the metadata that Rasa keeps of a message.
NOT_RESPONSES = {"utter_action"}
OWN_ARGUMENTS = {"response", "buttons", "domain", "payload", "channel"}


def members(prefix: str) -> set[str]:
    return {prefix + one for one in FAMILIES[prefix]}


def from_flows() -> set[str]:
    return {name for flow in flows() for name in flow.names("action") if name.startswith("utter_")}


def form_questions() -> set[str]:
    wanted = set()
    for form, content in domain()["forms"].items():
        for slot in content["required_slots"]:
            if f"action_ask_{form}_{slot}" not in domain()["actions"]:
                wanted.add(f"utter_ask_{form}_{slot}")
    return wanted


def python_names() -> dict[str, str]:
    """Every whole response name in Python, with where it stands."""
    found = {}
    for path, tree in modules("actions", "server", "backend", "channels").items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                name = node.value
                if re.fullmatch(r"utter_[a-z_]*[a-z]", name) and name not in NOT_RESPONSES:
                    found[name] = f"{path}:{node.lineno}"
    return found


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


def test_every_used_response_exists() -> None:
    used = from_flows() | form_questions() | set(python_names())
    for prefix in WHOLE:
        used |= members(prefix)
    assert sorted(used - set(responses())) == []


def test_every_response_is_used() -> None:
    used = from_flows() | form_questions() | set(python_names())
    for prefix in FAMILIES:
        used |= members(prefix)
    assert sorted(set(responses()) - used) == []


def test_names_that_python_puts_together_are_known_families() -> None:
    assert set(python_prefixes()) == set(FAMILIES)


@pytest.mark.parametrize(
    "section", ["intents", "entities", "slots", "forms", "actions", "responses"]
)
def test_nothing_is_defined_in_two_domain_files(section: str) -> None:
    counted = Counter(
        name for content in domain_files().values() for name in names_of(content, section)
    )
    assert [name for name, count in counted.items() if count > 1] == []


def filled() -> dict[str, list[set[str]]]:
    """For each response the variables that each of its callers passes."""
    found: dict[str, list[set[str]]] = defaultdict(list)
    for path, tree in modules("actions", "server").items():
        for function, call in calls(tree, *CALLERS):
            if function == "has":
                continue
            keywords = {word.arg: word.value for word in call.keywords}
            if function == "utter_message":
                name = keywords["response"]
            elif len(call.args) > CALLERS[function]:
                name = call.args[CALLERS[function]]
            else:
                continue
            names = constants(name)
            if names is None or None in keywords:
                continue  # Stands in VARIABLES.
            given = {str(word) for word in keywords} - OWN_ARGUMENTS
            for one in names:
                assert one in responses(), f"{path}:{call.lineno}"
                found[one].append(given)
    return found


def declared(response: str) -> set[str] | None:
    if response in VARIABLES:
        return VARIABLES[response]
    prefixes = [
        prefix for prefix in FAMILIES if response.startswith(prefix) and response in members(prefix)
    ]
    return VARIABLES[max(prefixes, key=len)] if prefixes else None


def test_every_placeholder_is_filled_by_every_caller() -> None:
    passed, empty = filled(), []
    for response in responses():
        allowed = SHOWN_SLOTS.get(response, set())
        sets = list(passed.get(response, []))
        if (known := declared(response)) is not None:
            sets.append(known)
        if response in from_flows() | form_questions():
            sets.append(set())
        assert sets, f"nobody is known to say {response}"
        for given in sets:
            empty += [f"{response}: {one}" for one in placeholders(response) - given - allowed]
    assert empty == []


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
