"""Writes a conversation down as a conversation test: what was said, what the bot must do."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from studio.conversations import Turn
from studio.files import ProjectFiles
from studio.words import Words

VERSION = 'version: "3.1"\n\n'
FOLLOW_UP = "followup_action"
REQUESTED = "requested_slot"
LONGEST_NAME = 120
_STORY = re.compile(r"^[ ]{2}- story:", re.MULTILINE)


class StoryRefused(Exception):
    """Nothing was saved: «name», «same_name», «feature» or «text» is wrong."""


@dataclass(frozen=True)
class Circumstances:
    """What a story needs to know of the domain."""

    influencing_slots: Collection[str]
    forms: Collection[str]


def story(name: str, turns: Iterable[Turn], known: Circumstances, words: Words) -> str:
    """The conversation as one story, indented for a file of conversation tests.

    Actions that another one called (`action_continue` calling a form) are left out, since tests do
    not run actions; only forms can be expected, because their loop is open.
    """
    lines = [f"  - story: {_scalar(name)}", "    steps:"]
    loop: str | None = None
    begun = False
    for turn in turns:
        if turn.user is None:
            continue
        if not begun and turn.user.get("form"):
            loop = turn.user["form"]
            lines += [f"      - active_loop: {loop}"]
            lines += _slots({REQUESTED: turn.user.get("asked")}, known)
        begun, called = True, False
        for entry in turn.entries:
            if entry["kind"] == "user":
                lines += _user(entry, words)
            elif entry["kind"] == "action":
                # What follows a called action, follows from it.
                called = called or entry.get("policy") == FOLLOW_UP
                lines += _action(entry, loop, known, called=called)
            if "loop" in entry and entry["kind"] != "bot":
                loop = entry["loop"]
    return "\n".join(lines) + "\n"


def _user(entry: dict[str, Any], words: Words) -> list[str]:
    text = words.with_numbers(
        str(entry.get("text") or ""), entry.get("hidden", ()), entry.get("asked")
    )
    intent = entry.get("intent") or "nlu_fallback"
    if not text.strip() or (text.startswith("/") and "{" in text):
        return [f"      - intent: {intent}"]
    said = [f"          {line}".rstrip() for line in text.splitlines()]
    return ["      - user: |-", *said, f"        intent: {intent}"]


def _action(
    entry: dict[str, Any], loop: str | None, known: Circumstances, *, called: bool
) -> list[str]:
    name, slots = entry["name"], dict(entry.get("slots") or {})
    changes = [] if "loop" not in entry else [f"      - active_loop: {entry['loop'] or 'null'}"]
    changes += _slots(slots, known)
    if not called:
        return [f"      - action: {name}", *changes]
    if name in known.forms and loop == name:
        return [f"      - action: {name}", *changes]
    if name in known.forms and entry.get("loop") == name:
        # Opened from elsewhere: the loop first, then the form is what follows from it.
        return [changes[0], f"      - action: {name}", *changes[1:]]
    return changes


def _slots(slots: dict[str, Any], known: Circumstances) -> list[str]:
    told = {
        name: value
        for name, value in slots.items()
        if name in known.influencing_slots or name == REQUESTED
    }
    if not told:
        return []
    lines = [f"          - {name}: {_scalar(value)}" for name, value in told.items()]
    return ["      - slot_was_set:", *lines]


def _scalar(value: Any) -> str:
    written = yaml.safe_dump(value, allow_unicode=True, width=10_000, default_flow_style=True)
    return str(written).removesuffix("\n").removesuffix("\n...")


class Stories:
    """The project's conversation tests."""

    def __init__(self, files: ProjectFiles) -> None:
        self._files = files

    def features(self) -> list[str]:
        """The features that have a file of conversation tests."""
        return list(self._files.stories())

    def add(self, feature: str, text: str) -> str:
        """Appends a story to the feature's file; returns the file's name.

        Raises:
            StoryRefused: the text is not one story with a new name, or there is no such file.
            NotWritable, Changed: see ProjectFiles.replace.
        """
        path = self._files.stories().get(feature)
        if path is None:
            raise StoryRefused("feature")
        name = self._name(text)
        if name in self._names():
            raise StoryRefused("same_name")
        before = path.read_bytes()
        old = before.decode()
        new = old.rstrip("\n") + "\n\n" + text.rstrip("\n") + "\n"
        if self._stories(new) != [*self._stories(old), *self._stories(VERSION + _HEAD + text)]:
            raise StoryRefused("text")
        self._files.replace(path, before, new.encode())
        return self._files.name_of(path)

    def _name(self, text: str) -> str:
        try:
            found: Any = self._stories(VERSION + _HEAD + text)
        except yaml.YAMLError:
            raise StoryRefused("text") from None
        # Nothing may stand beside the story's own lines, and nothing be written twice.
        inside = all(line.startswith("  ") for line in text.splitlines() if line.strip())
        if not inside or len(_STORY.findall(text)) != 1 or not _is_one_story(found):
            raise StoryRefused("text")
        name = found[0]["story"]
        if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME:
            raise StoryRefused("name")
        return name

    def _names(self) -> set[str]:
        paths: list[Path] = list(self._files.stories().values())
        return {one["story"] for path in paths for one in self._stories(path.read_text("utf-8"))}

    @staticmethod
    def _stories(content: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = yaml.safe_load(content)["stories"]
        return found


_HEAD = "stories:\n"


def _is_one_story(found: Any) -> bool:
    if not isinstance(found, list) or len(found) != 1 or not isinstance(found[0], dict):
        return False
    return set(found[0]) == {"story", "steps"} and isinstance(found[0]["steps"], list)


def as_file(text: str) -> str:
    """A story as a file of its own, for a rehearsal."""
    return VERSION + _HEAD + text
