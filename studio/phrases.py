"""Writes phrases into data/<feature>/nlu.yml; every other byte of the file stays as it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
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
_NUMBER = re.compile(r"[\d\s.,:;/-]*\d[\d\s.,:;/-]*")
_WORDS = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class Example:
    """A phrase of the training data and where it stands; `line` counts from 1."""

    intent: str
    phrase: str
    path: Path
    line: int
    comment: str | None = None


@dataclass(frozen=True)
class Block:
    """The examples of one `- intent:`, which stands under `comment`.

    `start` and `end` are the numbers of lines before it and up to its last example.
    """

    intent: str
    comment: str | None
    indent: str
    example_indent: str
    start: int
    end: int
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Refusal:
    """Why a phrase is not written.

    «empty», «too_long», «elsewhere», «measured», or «number»: alone it is always taken for a value.
    """

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


class Gone(Exception):
    """Phrases that were to be taken out are not there any more, or are committed."""


@dataclass(frozen=True)
class Move:
    """A phrase that was recorded under another intent."""

    phrase: str
    intent: str


@dataclass(frozen=True)
class Assignment:
    """What is written under an intent, or was.

    `known` stand there already, `repeated` say the same as others of the assignment.
    """

    intent: str
    file: str
    added: list[str]
    moved: list[Move]
    known: list[str]
    repeated: list[str]

    @property
    def phrases(self) -> list[str]:
        """What comes to the intent."""
        return [*self.added, *(one.phrase for one in self.moved)]


def bare(phrase: str) -> str:
    """The phrase without case, spaces and signs: equal for phrases that count as one."""
    lowered = phrase.lower().replace("\u0451", "\u0435")
    return _WORDS.sub(" ", lowered).strip() or lowered.strip()


def _is_number(phrase: str) -> bool:
    return _NUMBER.fullmatch(phrase) is not None


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

    def plan(self, intent: str, phrases: Sequence[str]) -> Assignment:
        """What `write` would do.

        A phrase that was recorded here under another intent and is not committed yet is moved.

        Raises:
            UnknownIntent: the intent has no phrases anywhere.
            Refused: a phrase can't be an example of it; then none is to be written.
        """
        path = self._path_of(intent)
        wanted: dict[str, str] = {}
        repeated = []
        for phrase in map(clean, phrases):
            if bare(phrase) in wanted:
                repeated.append(phrase)
            else:
                wanted[bare(phrase)] = phrase
        known = self.known()
        elsewhere = {
            key: known[key] for key in wanted if key in known and known[key].intent != intent
        }
        movable = self._recorded(elsewhere.values())
        numbers = any(one.intent == intent and _is_number(one.phrase) for one in known.values())
        self._check(
            wanted,
            {key: one for key, one in elsewhere.items() if one not in movable},
            numbers=numbers,
        )
        return Assignment(
            intent=intent,
            file=self._files.name_of(path),
            added=[phrase for key, phrase in wanted.items() if key not in known],
            moved=[Move(one.phrase, one.intent) for one in elsewhere.values()],
            known=[
                phrase for key, phrase in wanted.items() if key in known and key not in elsewhere
            ],
            repeated=repeated,
        )

    def write(self, planned: Assignment) -> None:
        """Does what was planned, in all files or in none.

        Raises:
            Gone: a phrase that is to be moved is not where it was.
            NotWritable, Changed: see ProjectFiles.replace.
        """
        moved = [(one.intent, one.phrase) for one in planned.moved]
        self._change(moved, [(planned.intent, phrase) for phrase in planned.phrases])

    def take_back(self, done: Assignment) -> None:
        """Undoes an assignment; whatever else has come to the files stays.

        Raises:
            Gone: a phrase of it is not there any more, or is committed. Nothing was changed.
            NotWritable, Changed: see ProjectFiles.replace.
        """
        moved = [(one.intent, one.phrase) for one in done.moved]
        self._change([(done.intent, phrase) for phrase in done.phrases], moved)

    def _change(self, out: Sequence[tuple[str, str]], into: Sequence[tuple[str, str]]) -> None:
        """Takes recorded phrases out and writes others; both are pairs of intent and phrase."""
        known = self.known()
        found = [known.get(bare(phrase)) for _, phrase in out]
        there = [one for one in found if one is not None]
        if [(one.intent, one.phrase) for one in there] != list(out):
            raise Gone
        if len(self._recorded(there)) < len(out):
            raise Gone
        before: dict[Path, bytes] = {}
        after: dict[Path, str] = {}

        def content(path: Path) -> str:
            if path not in before:
                before[path] = path.read_bytes()
                after[path] = before[path].decode()
            return after[path]

        for path, intent in dict.fromkeys((one.path, one.intent) for one in there):
            phrases = [one.phrase for one in there if (one.path, one.intent) == (path, intent)]
            after[path] = take_out(content(path), path, intent, phrases, self._own_comment)
        for intent in dict.fromkeys(intent for intent, _ in into):
            path = self._path_of(intent)
            phrases = [phrase for name, phrase in into if name == intent]
            after[path] = insert(content(path), path, intent, phrases, self._own_comment)
        self._files.replace_all(
            {path: (before[path], changed.encode()) for path, changed in after.items()}
        )

    def _path_of(self, intent: str) -> Path:
        feature = self.intents().get(intent)
        if feature is None:
            raise UnknownIntent(intent)
        return self._files.phrases()[feature]

    def _recorded(self, examples: Iterable[Example]) -> set[Example]:
        """Those that were recorded here and are not committed."""
        own = [one for one in examples if one.comment == self._own_comment]
        kept = {
            path: {(one.intent, one.phrase) for one in self._kept(path)}
            for path in {one.path for one in own}
        }
        return {one for one in own if (one.intent, one.phrase) not in kept[one.path]}

    def _kept(self, path: Path) -> Iterator[Example]:
        for block in _blocks(self._files.kept(path).splitlines(), path):
            yield from block.examples

    def _check(
        self, wanted: dict[str, str], elsewhere: dict[str, Example], *, numbers: bool
    ) -> None:
        measured = self._measured()
        refusals = []
        for key, phrase in wanted.items():
            found = elsewhere.get(key)
            if not key:
                refusals.append(Refusal(phrase, "empty"))
            elif len(phrase) > LONGEST:
                refusals.append(Refusal(phrase, "too_long"))
            elif found is not None:
                refusals.append(Refusal(phrase, "elsewhere", found.intent, self.place_of(found)))
            elif _is_number(phrase) and not numbers:
                refusals.append(Refusal(phrase, "number"))
            elif key in measured:
                refusals.append(Refusal(phrase, "measured", place=measured[key]))
        if refusals or not wanted:
            raise Refused(refusals or [Refusal("", "empty")])

    def place_of(self, example: Example) -> str:
        """Its file and line as people write them."""
        return f"{self._files.name_of(example.path)}:{example.line}"

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
        comment = before["words"] if before else None
        indent, end, examples = begun["indent"], at + 2, []
        example_indent = indent + "    "
        for place in range(at + 2, len(lines)):
            found = _EXAMPLE.match(lines[place])
            if found and len(found["indent"]) > len(indent):
                plain = _MARKED.sub(r"\1", found["phrase"])
                examples.append(Example(begun["name"], plain, path, place + 1, comment))
                example_indent, end = found["indent"], place + 1
            elif lines[place].strip():
                break
        yield Block(begun["name"], comment, indent, example_indent, at, end, tuple(examples))


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


def take_out(content: str, path: Path, intent: str, phrases: Sequence[str], comment: str) -> str:
    """The file's content without the phrases, which stand in the intent's blocks under `comment`.

    A block that this empties goes too, with its comment and the empty line before it.

    Raises:
        Gone: not all of them are there.
        ValueError: the result would not be the old data without the phrases.
    """
    lines = content.splitlines(keepends=True)
    going: set[int] = set()
    found: list[str] = []
    for block in _blocks(content.splitlines(), path):
        if (block.intent, block.comment) != (intent, comment):
            continue
        own = [one for one in block.examples if one.phrase in phrases]
        found += [one.phrase for one in own]
        going |= {one.line - 1 for one in own}
        if len(own) == len(block.examples):
            first = block.start - 1
            follows_gap = first > 0 and not lines[first - 1].strip()
            going |= set(range(first - follows_gap, block.end))
    if sorted(found) != sorted(phrases):
        raise Gone
    result = "".join(line for place, line in enumerate(lines) if place not in going)
    if not content.endswith("\n"):
        result = result.removesuffix("\n").removesuffix("\r")
    _check_insertion(result, content, intent, phrases)
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
        for block in data["nlu"] or []
        for line in str(block.get("examples", "")).splitlines()
        if line.strip()
    ]
