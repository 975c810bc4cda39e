"""What the Python code says: names of responses, their variables and payloads, read, never run."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from tools.check_talk.known_to_code import SHOWN_SLOTS, VARIABLES, WHOLE, families
from tools.check_talk.project import Project

FOLDERS = ("actions", "server", "backend", "channels")
# Functions that say a response, and which of their arguments names it.
CALLERS = {"utter_message": 0, "line": 1, "button": 1, "phrase": 1}
OWN_ARGUMENTS = {"response", "buttons", "domain", "payload", "channel"}
# A key in the metadata that Rasa keeps of a message.
NOT_RESPONSES = {"utter_action"}
# A form with one of these asks something else than its list in the domain.
CHOOSING = {"required_slots", "next_requested_slot"}
_RESPONSE = re.compile(r"utter_[a-z_]*[a-z]")


class Code:
    """The code under `root`, as far as it says or does something in a conversation."""

    def __init__(self, root: Path) -> None:
        self.names: dict[str, str] = {}
        self.prefixes: dict[str, str] = {}
        self.filled: dict[str, list[frozenset[str]]] = defaultdict(list)
        self.actions: set[str] = set()
        self.extracted: set[str] = set()
        # Every word in quotes, and the forms that choose their questions while they run.
        self.words: set[str] = set()
        self.choosing_forms: set[str] = set()
        for folder in FOLDERS:
            for path in sorted((root / folder).rglob("*.py")):
                where = path.relative_to(root).as_posix()
                found = _read(path.read_text(encoding="utf-8"))
                for name, line in found.names:
                    self.names[name] = f"{where}:{line}"
                for prefix, line in found.prefixes:
                    self.prefixes[prefix] = f"{where}:{line}"
                for name, given in found.filled:
                    self.filled[name].append(given)
                if folder == "actions":
                    self.actions |= found.actions
                    self.extracted |= found.extracted
                    self.words |= found.words
                    self.choosing_forms |= found.choosing_forms


class _Findings:
    def __init__(self, tree: ast.Module) -> None:
        self.names: list[tuple[str, int]] = []
        self.prefixes: list[tuple[str, int]] = []
        self.filled: list[tuple[str, frozenset[str]]] = []
        self.actions: set[str] = set()
        self.extracted: set[str] = set()
        self.words: set[str] = set()
        self.choosing_forms: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.words.add(node.value)
                if _RESPONSE.fullmatch(node.value) and node.value not in NOT_RESPONSES:
                    self.names.append((node.value, node.lineno))
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                start = str(node.values[0].value)
                if start.startswith("utter_"):
                    self.prefixes.append((start, node.lineno))
            elif isinstance(node, ast.Call):
                self.filled += list(_said(node))
            elif isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("extract_"):
                self.extracted.add(node.name.removeprefix("extract_"))
            elif isinstance(node, ast.FunctionDef) and node.name == "name":
                self.actions |= _returned(node)
            elif isinstance(node, ast.ClassDef):
                self.choosing_forms |= _choosing(node)


def _returned(function: ast.FunctionDef) -> set[str]:
    return {
        str(one.value.value)
        for one in function.body
        if isinstance(one, ast.Return) and isinstance(one.value, ast.Constant)
    }


def _choosing(form: ast.ClassDef) -> set[str]:
    """The form of a class that decides by itself what is asked."""
    if not CHOOSING & {one.name for one in form.body if isinstance(one, ast.AsyncFunctionDef)}:
        return set()
    names = [one for one in form.body if isinstance(one, ast.FunctionDef) and one.name == "name"]
    return {said.removeprefix("validate_") for one in names for said in _returned(one)}


@lru_cache(maxsize=512)
def _read(text: str) -> _Findings:
    return _Findings(ast.parse(text))


def _said(call: ast.Call) -> Iterator[tuple[str, frozenset[str]]]:
    """(response, variables) of a call that says a response; nothing if only running it tells."""
    function = getattr(call.func, "attr", None) or getattr(call.func, "id", None)
    if function not in CALLERS:
        return
    keywords = {word.arg: word.value for word in call.keywords}
    if function == "utter_message" and "response" in keywords:
        named = keywords["response"]
    elif len(call.args) > CALLERS[function]:
        named = call.args[CALLERS[function]]
    else:
        return
    if None in keywords:
        return
    given = frozenset(str(word) for word in keywords) - OWN_ARGUMENTS
    for name in _constants(named):
        yield name, given


def _constants(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return _constants(node.body) + _constants(node.orelse)
    return []


def members(project: Project, prefix: str) -> set[str]:
    """The responses of a family of names."""
    return {prefix + one for one in families(project.names("intents")).get(prefix, ())}


def form_questions(project: Project) -> dict[str, tuple[str, str]]:
    """Responses that forms say by themselves, with (form, slot)."""
    actions = project.names("actions")
    return {
        f"utter_ask_{form}_{slot}": (form, slot)
        for form, slots in project.forms.items()
        for slot in slots
        if f"action_ask_{form}_{slot}" not in actions
    }


def said_by_flows(project: Project) -> set[str]:
    """Responses that rules and stories say."""
    return {
        step.name
        for flow in project.flows
        for step in flow.steps
        if step.kind == "action" and step.name.startswith("utter_")
    }


def said_by_code(project: Project, code: Code) -> tuple[set[str], set[str]]:
    """Responses that the code may say, and those of them that must have a text."""
    whole = {name for prefix in WHOLE for name in members(project, prefix)}
    maybe = {
        name for prefix in families(project.names("intents")) for name in members(project, prefix)
    }
    return set(code.names) | maybe, set(code.names) | whole


def variables_of(project: Project, code: Code, response: str) -> set[str] | None:
    """The variables that are filled whoever says the response; None if nobody says it."""
    sets: list[set[str]] = [set(one) for one in code.filled.get(response, ())]
    declared = VARIABLES.get(response)
    if declared is None:
        known = families(project.names("intents"))
        prefixes = [
            prefix
            for prefix in known
            if response.startswith(prefix) and response.removeprefix(prefix) in known[prefix]
        ]
        declared = VARIABLES[max(prefixes, key=len)] if prefixes else None
    if declared is not None:
        sets.append(set(declared))
    if response in said_by_flows(project) | set(form_questions(project)):
        sets.append(set())
    if not sets:
        return None
    return set.intersection(*sets) | SHOWN_SLOTS.get(response, set())
