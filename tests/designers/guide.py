"""Reads docs/designers.md as a designer would, sentence by sentence, and does what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.designers.project_copy import ProjectCopy

FIND = re.compile(r"В файле `([^`]+)` найдите$")
FIND_EACH = re.compile(r"В файле `([^`]+)` найдите каждое$")
REPLACE = re.compile(r"и замените (на|каждое на)$")
UNDER = re.compile(r"В файле `([^`]+)` под строкой `([^`]+)` добавьте$")
REMOVE = re.compile(r"В файле `([^`]+)` удалите$")
_FILES = r"В файл(?:е|ах) (?P<files>`[^`]+`(?:(?:, | и )`[^`]+`)*) "
# Edits that a sentence tells without a block of code.
RENAME = re.compile(_FILES + r"замените каждое слово `(?P<old>[^`]+)` на `(?P<new>[^`]+)`")
REMOVE_PHRASES = re.compile(_FILES + r"удалите каждое `(?P<line>[^`]+)` с его фразами")
REMOVE_LINES = re.compile(_FILES + r"удалите каждую строку с намерением `(?P<intent>[^`]+)`")
# How a sentence ends that tells to edit a file by the block after it.
EDITS = (
    "добавьте",
    "найдите",
    "найдите каждое",
    "замените на",
    "замените каждое на",
    "удалите",
)
_FENCE = re.compile(r"```\w*")


class GuideIsWrong(Exception):
    """What the guide tells to do can't be done."""


@dataclass(frozen=True)
class Block:
    """A block of code and the paragraph before it; a paragraph before none has no code."""

    sentence: str
    code: str


@dataclass(frozen=True)
class Recipe:
    """A chapter of the guide."""

    title: str
    blocks: tuple[Block, ...]

    @property
    def edits(self) -> bool:
        """True if it tells to edit files."""
        return any(
            block.sentence.endswith(EDITS)
            or any(one.search(block.sentence) for one in (RENAME, REMOVE_PHRASES, REMOVE_LINES))
            for block in self.blocks
        )

    @property
    def commands(self) -> list[str]:
        """The lines to type in the terminal."""
        return [
            line
            for block in self.blocks
            for line in block.code.splitlines()
            if not block.sentence.endswith(EDITS)
        ]


def recipes(guide: Path) -> dict[str, Recipe]:
    """The chapters by title."""
    chapters = re.split(r"^## ", guide.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    found = {}
    for chapter in chapters:
        title, _, body = chapter.partition("\n")
        found[title] = Recipe(title, tuple(_blocks(body)))
    return found


def follow(recipe: Recipe, project: ProjectCopy) -> int:
    """Does every edit of the recipe and returns how many there were.

    Raises:
        GuideIsWrong: a file or a line that the guide names is not there, or not unique.
    """
    edits, wanted = 0, None
    for block in recipe.blocks:
        if found := FIND.search(block.sentence) or FIND_EACH.search(block.sentence):
            wanted = found[1], block.code
        elif found := REPLACE.search(block.sentence):
            if wanted is None:
                raise GuideIsWrong("nothing was looked for")
            _replace(project, *wanted, block.code, once=found[1] == "на")
            edits, wanted = edits + 1, None
        elif found := UNDER.search(block.sentence):
            _add_under(project, found[1], found[2], block.code)
            edits += 1
        elif found := REMOVE.search(block.sentence):
            _replace(project, found[1], block.code, "", once=True)
            edits += 1
        edits += _follow_sentence(block.sentence, project)
    return edits


def _follow_sentence(sentence: str, project: ProjectCopy) -> int:
    edits = 0
    for found in RENAME.finditer(sentence):
        edits += _edit(project, found, rf"\b{found['old']}\b", found["new"])
    for found in REMOVE_PHRASES.finditer(sentence):
        item = rf"^( *){re.escape(found['line'])}\n(?:\1 +.*\n|\n)+"
        edits += _edit(project, found, item, "")
    for found in REMOVE_LINES.finditer(sentence):
        line = rf"^(?:\w+\|)*{found['intent']}(?:\|\w+)*\t.*\n"
        edits += _edit(project, found, line, "")
    return edits


def _edit(project: ProjectCopy, found: re.Match[str], old: str, new: str) -> int:
    """Replaces the pattern in every file that the sentence names and returns how many there are."""
    paths = re.findall(r"`([^`]+)`", found["files"])
    for path in paths:
        text, count = re.subn(old, new, project.read(path), flags=re.MULTILINE)
        if not count:
            raise GuideIsWrong(f"{path} has nothing of {found[0]}")
        project.write(path, text)
    return len(paths)


def _replace(project: ProjectCopy, path: str, old: str, new: str, *, once: bool) -> None:
    text = project.read(path)
    count = text.count(old)
    if count == 0 or (once and count > 1):
        raise GuideIsWrong(f"{path} has {count} times:\n{old}")
    project.write(path, text.replace(old, new))


def _add_under(project: ProjectCopy, path: str, line: str, code: str) -> None:
    lines = project.read(path).splitlines()
    at = [number for number, one in enumerate(lines, start=1) if one.strip() == line]
    if len(at) != 1:
        raise GuideIsWrong(f"{path} has {len(at)} lines {line}")
    project.write(
        path, "\n".join([*lines[: at[0]], *code.split("\n")[:-1], *lines[at[0] :]]) + "\n"
    )


def _blocks(body: str) -> Iterator[Block]:
    """The paragraphs; the last one before a block tells what to do with it."""
    paragraph: list[str] = []
    code: list[str] | None = None
    ended = False
    for line in body.splitlines():
        if _FENCE.fullmatch(line):
            if code is None:
                code = []
            else:
                yield Block(" ".join(paragraph), "\n".join([*code, ""]))
                paragraph, code = [], None
        elif code is not None:
            code.append(line)
        elif not line.strip():
            ended = True
        else:
            if ended and paragraph:
                yield Block(" ".join(paragraph), "")
                paragraph = []
            ended = False
            paragraph.append(line.strip())
    if paragraph:
        yield Block(" ".join(paragraph), "")
