"""YAML files as plain values that remember on which line each of them stands."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tools.check_talk.problems import Place, Problem

Path_ = tuple[Any, ...]
_INTEGER = re.compile(r"[-+]?[0-9]+")
_QUOTED = r'[:{,-]\s+"(?:[^"\\]|\\.)*"'
# Quotes of a text processor: YAML takes them for letters.
_CURLY = "\u201c\u201d\u201e\u201f"
_CURLY_QUOTES = rf'[:{{,-]\s+(?:[{_CURLY}]|"[^"]*[{_CURLY}]\s*(?:[,}}\]]|$))'
# Spaces that look like one and are letters to YAML, where its own spaces belong.
_HARD_SPACE = re.compile(r"^[ -]*(?:\w+: *)?[\u00a0\u2000-\u200b\u202f\u205f\u3000]")
# A dash of a text processor where YAML's own belongs, and other signs that begin a list elsewhere.
WRONG_DASH = re.compile(r"^\s*[\u2010-\u2015\u2212\u2022](?=\s|\w)")
_BARE = r"""[^"'{\[,}\s][^"',{}]*?"""
# An intent whose phrases follow without the line that begins them.
_NO_EXAMPLES = re.compile(r"^( *)- intent: (?P<name>\S+) *\n\1 +- (?!\w+:)", re.MULTILINE)
# What git leaves in a file when two people changed the same lines.
_MERGE_MARK = re.compile(r"^(?:<{7}|\|{7}|={7}|>{7})(?= |$)")
# What the parser calls something else: the line itself tells better what is wrong with it.
_LINES = (
    ("wrong_dash", WRONG_DASH),
    (
        "lost_comma",
        re.compile(
            rf"""[{{,]\s*\w+:\s+(?:"(?:[^"\\]|\\.)*"\s*|{_BARE}\s)(?P<name>title|payload):\s"""
        ),
    ),
    ("curly_quotes", re.compile(_CURLY_QUOTES)),
    ("dash_space", re.compile(r"^\s*-[^\W\d_]")),
    ("yaml_quote_inside", re.compile(_QUOTED + r"""\s*(?P<name>[^\s,:}\]"#]+)""")),
    ("yaml_quote_inside", re.compile(_QUOTED + r"""(?P<name>)"(?=\s*[,}\]]|\s*$)""")),
    ("yaml_colon", re.compile(r"""[{,]\s*\w+:\s+[^"'{\[,}\s][^,}]*:\s""")),
)
_NO_SPACE = re.compile(r"""(?P<name>text|title|payload|intent|action|rule|story):["'/\w].*""")
_OPEN_QUOTE = re.compile(r"""^[^#"\']*[:\[{,-]\s+(?:"(?:[^"\\]|\\.)*|'[^']*)$""")
# What the parser says, and the kind of problem that a designer is told; the first that fits.
_SAYINGS = (
    ("tab", re.compile(r"found character '\\t'|found a tab character")),
    ("colon", re.compile(r"mapping values are not allowed")),
    ("quote", re.compile(r"while scanning a quoted scalar")),
    ("quote", re.compile(r"while parsing a flow (mapping|sequence)")),
    ("indent", re.compile(r"expected <block end>|did not find expected|could not find expected")),
    ("reserved", re.compile(r"found character|undefined alias|while scanning an? (alias|anchor)")),
)


@dataclass(frozen=True)
class Document:
    """A file: its values, the line of each value by its path, and its lines."""

    file: str
    content: Any
    lines: dict[Path_, int]
    text: tuple[str, ...]

    def place(self, *path: Any) -> Place:
        """Where a value stands; the nearest one around it if it has no line of its own."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.at(self.lines.get(path, 1))

    def at(self, line: int) -> Place:
        """The place of a line, counted from 1."""
        shown = self.text[line - 1] if 0 < line <= len(self.text) else ""
        return Place(self.file, line, shown)


def read(root: Path, path: Path) -> tuple[Document | None, list[Problem]]:
    """The document, and what is wrong with its spelling; None if it can't be read at all."""
    name = path.relative_to(root).as_posix()
    text, problems = read_text(root, path)
    return (None, problems) if text is None else _parsed(name, text)


def read_text(root: Path, path: Path) -> tuple[str | None, list[Problem]]:
    """A file's text without the mark that Windows puts before it; None if it is not whole UTF-8."""
    name, content = path.relative_to(root).as_posix(), path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return None, [_undecodable(name, content, error)]
    lines = text.splitlines()
    marked = [at for at, line in enumerate(lines, start=1) if _MERGE_MARK.match(line)]
    begun = [at for at in marked if lines[at - 1].startswith("<")] or marked[:1]
    places = [Place(name, at, lines[at - 1]) for at in begun]
    return (None if marked else text), [Problem("merge_marks", place) for place in places]


def _undecodable(name: str, content: bytes, error: UnicodeDecodeError) -> Problem:
    number = content.count(b"\n", 0, error.start) + 1
    line = content.split(b"\n")[number - 1].rstrip(b"\r")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Problem("not_utf8", Place(name, 1), {"name": "UTF-16"})
    # Everything before the last letter was right.
    if error.reason == "unexpected end of data":
        return Problem("cut_file", Place(name, number, line.decode("utf-8", "ignore")))
    place = Place(name, number, line.decode("cp1251", "replace"))
    return Problem("not_utf8", place, {"name": "Windows-1251"})


@lru_cache(maxsize=256)
def _parsed(name: str, text: str) -> tuple[Document | None, list[Problem]]:
    lines = tuple(text.splitlines())
    hard = [at for at, line in enumerate(lines, start=1) if _HARD_SPACE.search(line)]
    if hard:
        return None, [Problem("hard_space", Place(name, at, lines[at - 1])) for at in hard]
    try:
        node = YAML().compose(text)
    except MarkedYAMLError as error:
        return None, [_unreadable(name, lines, error)]
    except YAMLError as error:
        position = text[: getattr(error, "position", 0)].count("\n") + 1
        shown = lines[position - 1] if position <= len(lines) else ""
        return None, [Problem("yaml_character", Place(name, position, shown))]
    reader = _Reader(name, lines)
    content = reader.value(node, ()) if node is not None else {}
    if content is None or (isinstance(content, dict) and not set(content) - {"version"}):
        return None, [Problem("empty_file", Place(name, 1, lines[0] if lines else ""))]
    # A text of several lines may well begin one with a dash.
    for at, line in enumerate(lines):
        if WRONG_DASH.match(line) and at not in reader.quoted:
            reader.problems.append(Problem("wrong_dash", Place(name, at + 1, line)))
    return Document(name, content, reader.found, lines), reader.problems


def _unreadable(name: str, lines: tuple[str, ...], error: MarkedYAMLError) -> Problem:
    if found := _NO_EXAMPLES.search("\n".join(lines)):
        at = found.string.count("\n", 0, found.start()) + 1
        return Problem("no_examples", Place(name, at, lines[at - 1]), {"name": found["name"]})
    said = f"{error.context or ''} {error.problem or ''}"
    kind = next((kind for kind, saying in _SAYINGS if saying.search(said)), "other")
    # An open quote is found at the end of the file, but it stands where it was opened.
    mark = error.problem_mark or error.context_mark
    if kind == "quote" and error.context_mark is not None:
        mark = error.context_mark
    line = min((mark.line if mark else 0) + 1, max(len(lines), 1))
    if kind == "indent" and error.context == "while scanning a simple key" and error.context_mark:
        line = error.context_mark.line + 1
    # A quote that was forgotten is closed by the next one, lines later: there YAML gets lost.
    opened = [at for at, one in enumerate(lines[:line], start=1) if _OPEN_QUOTE.search(one)]
    if opened:
        kind, line = "quote", opened[0]
        if re.search(_CURLY_QUOTES, lines[line - 1]):
            return Problem("curly_quotes", Place(name, line, lines[line - 1]))
    elif told := _told_by_a_line(name, lines, error):
        return told
    shown = lines[line - 1] if line <= len(lines) else ""
    return Problem(f"yaml_{kind}", Place(name, line, shown))


def _told_by_a_line(name: str, lines: tuple[str, ...], error: MarkedYAMLError) -> Problem | None:
    """What one of the lines shows at which YAML got lost."""
    marks = [mark.line for mark in (error.problem_mark, error.context_mark) if mark]
    # Where YAML got lost may be the line after the one that is wrong.
    for at in dict.fromkeys(one for mark in marks for one in (mark, mark - 1)):
        for kind, looks in _LINES if 0 <= at < len(lines) else ():
            if found := looks.search(lines[at]):
                return Problem(kind, Place(name, at + 1, lines[at]), found.groupdict())
    return None


class _Reader:
    """Turns nodes into values and notes where they stood."""

    def __init__(self, file: str, text: tuple[str, ...]) -> None:
        self.file = file
        self.text = text
        self.found: dict[Path_, int] = {(): 1}
        # The lines that are inside a text, from 0.
        self.quoted: set[int] = set()
        self.problems: list[Problem] = []

    def value(self, node: Node, path: Path_) -> Any:
        """The node's plain value."""
        self.found.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.value(one, (*path, index)) for index, one in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        if node.style is not None:
            # A block ends where the next line begins, a text in quotes in its last line.
            is_block = node.end_mark.column == 0
            end = node.end_mark.line + (0 if is_block else 1)
            self.quoted.update(range(node.start_mark.line + 1, end))
        self._plain(node, path)
        return _scalar(node)

    def _plain(self, node: ScalarNode, path: Path_) -> None:
        """What YAML allows in a text without quotes, and nobody means."""
        if node.style is not None:
            return
        at = node.start_mark.line
        if found := _NO_SPACE.fullmatch(node.value):
            self.problems.append(Problem("colon_space", self._place(at), {"name": found["name"]}))
        rest = self.text[node.end_mark.line][node.end_mark.column :].strip()
        if not path or path[-1] not in {"text", "title"}:
            return
        if rest.startswith("#"):
            self.problems.append(Problem("cut_text", self._place(at), {"name": rest}))
        if node.value.startswith(tuple(_CURLY)):
            self.problems.append(Problem("curly_quotes", self._place(at)))
        elif node.value and node.tag.rsplit(":", 1)[-1] != "str":
            self.problems.append(Problem("no_quotes", self._place(at), {"name": node.value}))

    def _place(self, line: int) -> Place:
        return Place(self.file, line + 1, self.text[line])

    def _mapping(self, node: MappingNode, path: Path_) -> dict[Any, Any]:
        content: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = _scalar(key_node) if isinstance(key_node, ScalarNode) else str(key_node.value)
            line = key_node.start_mark.line + 1
            here = (*path, key)
            place = self._place(line - 1)
            if isinstance(key_node, ScalarNode):
                self._plain(key_node, ())
            if isinstance(key, str) and key.startswith("-"):
                self.problems.append(Problem("dash_space", place))
            if key in content:
                first = self.found[here]
                self.problems.append(Problem("same_key", place, {"name": key, "first": first}))
            self.found[here] = line
            content[key] = self.value(value_node, here)
        return content


def _scalar(node: ScalarNode) -> Any:
    kind = node.tag.rsplit(":", 1)[-1]
    if kind == "null":
        return None
    if kind == "bool":
        return node.value.lower() in {"true", "yes", "on"}
    if kind == "int" and _INTEGER.fullmatch(node.value):
        return int(node.value)
    if kind == "float":
        try:
            return float(node.value)
        except ValueError:
            return node.value
    return node.value
