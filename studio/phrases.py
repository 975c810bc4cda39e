"""Writes phrases into data/<feature>/nlu.yml; every other byte of the file stays as it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from studio.files import ProjectFiles

LONGEST = 200
_INTENT = re.compile(r"^(?P<indent>[ ]*)- intent:[ \t]*(?P<name>[\w/]+)[ \t]*(?:#.*)?$")
_EXAMPLES = re.compile(r"^[ ]*examples:[ \t]*\|[+-]?[ \t]*(?:#.*)?$")
_EXAMPLE = re.compile(r"^(?P<indent>[ ]*)-[ \t]+(?P<phrase>.*?)[ \t]*$")
_COMMENT = re.compile(r"^[ ]*#[ \t]*(?P<words>.*?)[ \t]*$")
_MARKED = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
_WORDS = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class Example:
    """A phrase of the training data and where it stands; `line` counts from 1."""

    intent: str
    phrase: str
    path: Path
    line: int


@dataclass(frozen=True)
class Block:
    """The examples of one `- intent:`; `end` is the number of lines up to its last example."""

    intent: str
    comment: str | None
    indent: str
    example_indent: str
    end: int
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Refusal:
    """Why a phrase is not written: «empty», «too_long», «elsewhere» or «measured»."""

    phrase: str
    reason: str
    intent: str | None = None
    place: str | None = None


class Refused(Exception):
    """Nothing was written."""

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__(", ".join(sorted({one.reason for one in refusals})))
        self.refusals = refusals


class UnknownIntent(Exception):
    """No file has phrases of the intent."""


@dataclass(frozen=True)
class Written:
    """What an assignment did; `known` stood under the intent already."""

    file: str
    added: list[str]
    known: list[str]


def bare(phrase: str) -> str:
    """The phrase without case, spaces and signs: equal for phrases that count as one."""
    lowered = phrase.lower().replace("\u0451", "\u0435")
    return _WORDS.sub(" ", lowered).strip() or lowered.strip()


def clean(phrase: str) -> str:
    """The phrase as one line that YAML and Rasa take literally."""
    visible = "".join(
        character if unicodedata.category(character)[0] != "C" else " " for character in phrase
    )
    # [word](entity) would be taken for an entity, a leading slash for a button.
    plain = _MARKED.sub(r"\1", visible)
    return " ".join(plain.split()).lstrip("-/ ").strip()


class Phrases:
    """The training phrases of the project."""

    def __init__(self, files: ProjectFiles, own_comment: str) -> None:
        """`own_comment` stands over the blocks that are written here."""
        self._files = files
        self._own_comment = own_comment

    def intents(self) -> dict[str, str]:
        """Each intent that has phrases, and its feature."""
        return {
            block.intent: feature
            for feature, path in self._files.phrases().items()
            for block in blocks(path)
        }

    def known(self) -> dict[str, Example]:
        """Every phrase by its bare form."""
        return {
            bare(example.phrase): example
            for path in self._files.phrases().values()
            for block in blocks(path)
            for example in block.examples
        }

    def add(self, intent: str, phrases: Sequence[str]) -> Written:
        """Writes the phrases as examples of the intent, under a comment of their own.

        Raises:
            UnknownIntent: the intent has no phrases anywhere.
            Refused: a phrase can't be an example of it; then none is written.
            NotWritable, Changed: see ProjectFiles.replace.
        """
        feature = self.intents().get(intent)
        if feature is None:
            raise UnknownIntent(intent)
        path = self._files.phrases()[feature]
        wanted = {bare(one): one for one in map(clean, phrases)}
        known = self.known()
        self._check(intent, wanted, known)
        added = [phrase for key, phrase in wanted.items() if key not in known]
        if added:
            before = path.read_bytes()
            after = insert(before.decode(), path, intent, added, self._own_comment)
            self._files.replace(path, before, after.encode())
        already = [phrase for key, phrase in wanted.items() if key in known]
        return Written(self._files.name_of(path), added, already)

    def _check(self, intent: str, wanted: dict[str, str], known: dict[str, Example]) -> None:
        measured = self._measured()
        refusals = []
        for key, phrase in wanted.items():
            found = known.get(key)
            if not key:
                refusals.append(Refusal(phrase, "empty"))
            elif len(phrase) > LONGEST:
                refusals.append(Refusal(phrase, "too_long"))
            elif found is not None and found.intent != intent:
                place = f"{self._files.name_of(found.path)}:{found.line}"
                refusals.append(Refusal(phrase, "elsewhere", found.intent, place))
            elif key in measured:
                refusals.append(Refusal(phrase, "measured", place=measured[key]))
        if refusals or not wanted:
            raise Refused(refusals or [Refusal("", "empty")])

    def _measured(self) -> dict[str, str]:
        found = {}
        for path in self._files.measuring():
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                phrase = line.partition("\t")[2]
                found[bare(phrase)] = f"{self._files.name_of(path)}:{number}"
        return found


def blocks(path: Path) -> list[Block]:
    """The blocks of a file that are written as the project writes them: `examples: |`."""
    return list(_blocks(path.read_text(encoding="utf-8").splitlines(), path))


def _blocks(lines: list[str], path: Path) -> Iterator[Block]:
    for at, line in enumerate(lines):
        begun = _INTENT.match(line)
        if not begun or at + 1 >= len(lines) or not _EXAMPLES.match(lines[at + 1]):
            continue
        before = _COMMENT.match(lines[at - 1]) if at else None
        indent, end, examples = begun["indent"], at + 2, []
        example_indent = indent + "    "
        for place in range(at + 2, len(lines)):
            found = _EXAMPLE.match(lines[place])
            if found and len(found["indent"]) > len(indent):
                plain = _MARKED.sub(r"\1", found["phrase"])
                examples.append(Example(begun["name"], plain, path, place + 1))
                example_indent, end = found["indent"], place + 1
            elif lines[place].strip():
                break
        comment = before["words"] if before else None
        yield Block(begun["name"], comment, indent, example_indent, end, tuple(examples))


def insert(content: str, path: Path, intent: str, phrases: Sequence[str], comment: str) -> str:
    """The file's content with the phrases in it.

    They follow the intent's block under `comment`, which is made after the intent's last block if
    it is not there.

    Raises:
        ValueError: the result would not be the old data and the phrases.
    """
    newline = "\r\n" if "\r\n" in content else "\n"
    lines = content.splitlines(keepends=True)
    own = [one for one in _blocks(content.splitlines(), path) if one.intent == intent]
    target = next((one for one in own if one.comment == comment), None)
    last = target or own[-1]
    new = [f"{last.example_indent}- {phrase}{newline}" for phrase in phrases]
    if target is None:
        head = ["", f"{last.indent}# {comment}", f"{last.indent}- intent: {intent}"]
        new = [*(f"{line}{newline}" for line in [*head, f"{last.indent}  examples: |"]), *new]
    if last.end and not lines[last.end - 1].endswith("\n"):
        new = [newline, *new]
        new[-1] = new[-1].removesuffix(newline)
    result = "".join([*lines[: last.end], *new, *lines[last.end :]])
    _check_insertion(content, result, intent, phrases)
    return result


def _check_insertion(before: str, after: str, intent: str, phrases: Sequence[str]) -> None:
    """Whatever the layout of a hand-written file, only the phrases may come to it."""
    was, now = _pairs(before), _pairs(after)
    for phrase in phrases:
        was.append((intent, phrase))
    if sorted(was) != sorted(now):
        raise ValueError(f"the phrases of {intent} can't be written safely")


def _pairs(content: str) -> list[tuple[str, str]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data = yaml.load(content, Loader=loader)  # noqa: S506 (both are safe loaders)
    return [
        (str(block.get("intent")), line.strip()[1:].strip())
        for block in data["nlu"]
        for line in str(block.get("examples", "")).splitlines()
        if line.strip()
    ]
