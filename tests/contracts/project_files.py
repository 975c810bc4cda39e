"""The project's YAML and Python as the contract tests see them; nothing is imported or trained."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
PRODUCT = ("actions", "backend", "channels", "nlu", "server", "studio")
PLACEHOLDER = re.compile(r"(?<!{){(\w+)}(?!})")
# What utter_message keeps for itself.
RESERVED = frozenset(
    {"text", "image", "json_message", "template", "response", "attachment", "buttons", "elements"}
)


@cache
def read_yaml(path: Path) -> dict[str, Any]:
    """A file's content; a key that stands twice in it is an error."""
    content: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return content


def domain_files() -> dict[str, dict[str, Any]]:
    """Each domain file's content by its path."""
    paths = [ROOT / "domain.yml", *sorted((ROOT / "domain").glob("*.yml"))]
    return {str(path.relative_to(ROOT)): read_yaml(path) for path in paths}


def names_of(content: dict[str, Any], section: str) -> list[str]:
    """The names in a section of a domain file."""
    names = []
    for one in content.get(section) or []:
        names.append(next(iter(one)) if isinstance(one, dict) else one)
    return names


@cache
def domain() -> dict[str, Any]:
    """All domain files as one; `intents`, `entities` and `actions` are lists of names."""
    whole: dict[str, Any] = {}
    for content in domain_files().values():
        for section in ("intents", "entities", "actions"):
            whole.setdefault(section, []).extend(names_of(content, section))
        for section in ("slots", "forms", "responses"):
            whole.setdefault(section, {}).update(content.get(section) or {})
    return whole


def responses() -> dict[str, list[dict[str, Any]]]:
    """Every response with its variations."""
    found: dict[str, list[dict[str, Any]]] = domain()["responses"]
    return found


def texts() -> Iterator[tuple[str, str]]:
    """(response, text) of every variation."""
    for name, variations in responses().items():
        for variation in variations:
            yield name, variation["text"]


def placeholders(response: str) -> set[str]:
    """The variables in the response's texts."""
    return {found for one in responses()[response] for found in PLACEHOLDER.findall(one["text"])}


def static_buttons() -> Iterator[tuple[str, str, str]]:
    """(response, caption, payload) of every button in the domain."""
    for name, variations in responses().items():
        for variation in variations:
            for button in variation.get("buttons", []):
                yield name, button["title"], button["payload"]


@dataclass(frozen=True)
class Flow:
    """A rule or a story: its name and its steps «intent:x», «action:y», in order."""

    kind: str
    name: str
    file: str
    steps: tuple[str, ...]

    def names(self, kind: str) -> list[str]:
        """The names in steps of a kind («intent», «action»)."""
        return [step.split(":", 1)[1] for step in self.steps if step.startswith(kind + ":")]


def flows(pattern: str = "data/*/*.yml") -> list[Flow]:
    """The rules and stories of the files."""
    found = []
    for path in sorted(ROOT.glob(pattern)):
        content = read_yaml(path)
        for kind, section in (("rule", "rules"), ("story", "stories")):
            for one in content.get(section) or []:
                steps = tuple(
                    f"{key}:{step[key]}"
                    for step in one["steps"]
                    for key in ("intent", "action")
                    if key in step
                )
                found.append(Flow(kind, one[kind], str(path.relative_to(ROOT)), steps))
    return found


@cache
def phrases() -> list[tuple[str, str, str]]:
    """(intent, phrase, file) of every training phrase, without its entity marks."""
    found = []
    for path in sorted((ROOT / "data").glob("*/nlu.yml")):
        for block in read_yaml(path)["nlu"]:
            if "intent" not in block:
                continue
            for line in block["examples"].splitlines():
                phrase = re.sub(r"\[([^]]+)\](?:\([^)]*\)|\{[^}]*\})", r"\1", line.strip()[1:])
                found.append((block["intent"], phrase.strip(), str(path.relative_to(ROOT))))
    return found


@cache
def modules(*folders: str) -> dict[str, ast.Module]:
    """The syntax trees of the Python files in folders, by path."""
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8"))
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
    }


def docstrings(tree: ast.Module) -> set[ast.expr]:
    """The nodes that are documentation: strings that stand as statements."""
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, value) of the string constants that are not documentation, also inside f-strings."""
    documentation = docstrings(tree)
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and node not in documentation:
            yield node.lineno, node.value


def calls(tree: ast.Module, *names: str) -> Iterator[tuple[str, ast.Call]]:
    """(name, call) of every call of a function or method with one of the names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            name = getattr(function, "attr", None) or getattr(function, "id", None)
            if name in names:
                yield str(name), node


def constants(node: ast.expr) -> list[str] | None:
    """The strings an expression may be; None if that is only known when it runs."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        first, second = constants(node.body), constants(node.orelse)
        return None if first is None or second is None else first + second
    return None
