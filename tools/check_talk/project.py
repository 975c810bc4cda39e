"""The conversation of a project, read from its YAML files, every name with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tools.check_talk.documents import Document, read
from tools.check_talk.problems import Place, Problem

PLACEHOLDER = re.compile(r"(?<!{){(\w+)}(?!})")
_ENTITY_MARK = re.compile(r"\[([^]]+)\](?:\([^)]*\)|\{[^}]*\})")
STEP_KINDS = ("intent", "action", "slot_was_set", "active_loop", "user", "or")


@dataclass(frozen=True)
class Named:
    """A name that the domain lists."""

    name: str
    place: Place


@dataclass(frozen=True)
class ButtonAt:
    """A button of a text."""

    title: str
    payload: str
    place: Place


@dataclass(frozen=True)
class Variation:
    """One wording of a response."""

    text: str
    channel: str | None
    buttons: tuple[ButtonAt, ...]
    place: Place


@dataclass(frozen=True)
class Response:
    """What the bot says under a name."""

    name: str
    variations: tuple[Variation, ...]
    place: Place

    @property
    def placeholders(self) -> set[str]:
        """The variables of its texts."""
        return {name for one in self.variations for name in PLACEHOLDER.findall(one.text)}


@dataclass(frozen=True)
class Step:
    """A step of a path: «intent list_accounts», «loop link_account_form», «slot wish»."""

    kind: str
    name: str
    value: Any
    place: Place


@dataclass(frozen=True)
class Flow:
    """A rule, a story or a conversation test."""

    kind: str
    name: str
    place: Place
    condition: tuple[Step, ...]
    steps: tuple[Step, ...]

    def walked(self) -> tuple[str, ...]:
        """What is said and done, in order: «intent:x», «action:y»."""
        return tuple(
            f"{step.kind}:{step.name}" for step in self.steps if step.kind in ("intent", "action")
        )


@dataclass(frozen=True)
class Phrase:
    """A training phrase without its entity marks."""

    intent: str
    text: str
    place: Place


class Project:
    """The files under `root`. Names are there only if `unreadable` and `misshapen` are empty."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.unreadable: list[Problem] = []
        self.domain_documents = self._read("domain.yml", "domain/*.yml")
        self.data_documents = self._read("data/*/*.yml")
        self.test_documents = self._read("tests/stories/*.yml")

    def _read(self, *patterns: str) -> list[Document]:
        found = []
        for pattern in patterns:
            for path in sorted(self.root.glob(pattern)):
                document, problems = read(self.root, path)
                self.unreadable += problems
                if document is not None:
                    found.append(document)
        return found

    def listed(self, section: str) -> list[Named]:
        """The names in a section of the domain, in every file, also those that stand twice."""
        found = []
        for document in self.domain_documents:
            content = document.content.get(section) or []
            for index, one in enumerate(content):
                key = index if isinstance(content, list) else one
                name = next(iter(one)) if isinstance(one, dict) else one
                found.append(Named(str(name), document.place(section, key)))
        return found

    def names(self, section: str) -> set[str]:
        """The names in a section of the domain."""
        return {one.name for one in self.listed(section)}

    @cached_property
    def slots(self) -> dict[str, dict[str, Any]]:
        """The description of each slot."""
        return self._merged("slots")

    @cached_property
    def forms(self) -> dict[str, list[str]]:
        """The slots that each form asks for."""
        return {
            name: list((one or {}).get("required_slots") or [])
            for name, one in self._merged("forms").items()
        }

    def _merged(self, section: str) -> dict[str, Any]:
        whole: dict[str, Any] = {}
        for document in self.domain_documents:
            whole.update(document.content.get(section) or {})
        return whole

    @cached_property
    def responses(self) -> dict[str, Response]:
        """What the bot says, by name."""
        found = {}
        for document in self.domain_documents:
            for name, variations in (document.content.get("responses") or {}).items():
                path = ("responses", name)
                found[name] = Response(
                    name,
                    tuple(
                        _variation(document, (*path, index), one)
                        for index, one in enumerate(variations)
                    ),
                    document.place(*path),
                )
        return found

    @cached_property
    def flows(self) -> list[Flow]:
        """The rules and stories."""
        return [flow for document in self.data_documents for flow in _flows(document)]

    @cached_property
    def tests(self) -> list[Flow]:
        """The conversation tests."""
        return [flow for document in self.test_documents for flow in _flows(document)]

    @cached_property
    def phrases(self) -> list[Phrase]:
        """The training phrases."""
        return [phrase for document in self.data_documents for phrase in _phrases(document)]

    def intents_with_phrases(self) -> Iterator[Named]:
        """Each block of phrases: its intent and where it begins."""
        for document in self.data_documents:
            for index, block in enumerate(document.content.get("nlu") or []):
                if "intent" in block:
                    yield Named(str(block["intent"]), document.place("nlu", index, "intent"))


def _variation(document: Document, path: tuple[Any, ...], one: dict[str, Any]) -> Variation:
    buttons = tuple(
        ButtonAt(
            str(button["title"]),
            str(button["payload"]),
            document.place(*path, "buttons", number, "title"),
        )
        for number, button in enumerate(one.get("buttons") or [])
    )
    return Variation(str(one["text"]), one.get("channel"), buttons, document.place(*path, "text"))


def _flows(document: Document) -> Iterator[Flow]:
    for kind, section in (("rule", "rules"), ("story", "stories")):
        for index, one in enumerate(document.content.get(section) or []):
            path = (section, index)
            yield Flow(
                kind,
                str(one[kind]),
                document.place(*path, kind),
                tuple(_steps(document, (*path, "condition"), one.get("condition") or [])),
                tuple(_steps(document, (*path, "steps"), one["steps"])),
            )


def _steps(document: Document, path: tuple[Any, ...], steps: list[Any]) -> Iterator[Step]:
    for index, one in enumerate(steps):
        here = (*path, index)
        if "or" in one:
            yield from _steps(document, (*here, "or"), one["or"])
        if "intent" in one:
            words = str(one["user"]).strip() if "user" in one else None
            place = document.place(*here, "intent")
            yield Step("intent", str(one["intent"]), words, place)
        if "action" in one:
            yield Step("action", str(one["action"]), None, document.place(*here, "action"))
        if "active_loop" in one:
            loop = one["active_loop"]
            name = "" if loop is None else str(loop)
            yield Step("loop", name, None, document.place(*here, "active_loop"))
        for number, slot in enumerate(one.get("slot_was_set") or []):
            name, value = next(iter(slot.items())) if isinstance(slot, dict) else (slot, True)
            place = document.place(*here, "slot_was_set", number)
            yield Step("slot", str(name), value, place)


def _phrases(document: Document) -> Iterator[Phrase]:
    for index, block in enumerate(document.content.get("nlu") or []):
        if "intent" not in block:
            continue
        start = document.place("nlu", index, "examples").line
        for number, line in enumerate(block["examples"].split("\n"), start=1):
            if line.strip():
                words = _ENTITY_MARK.sub(r"\1", line.strip()[1:]).strip()
                yield Phrase(str(block["intent"]), words, document.at(start + number))
