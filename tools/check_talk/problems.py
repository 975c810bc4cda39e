"""What is wrong, and where: the words for it stand in wording.yml."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tools.check_talk.counting import counting

WORDING = Path(__file__).with_name("wording.yml")
MOST_SHOWN = 110
_RUSSIAN = re.compile("[\u0400-\u04ff]")
_MIXED = re.compile(r"\w*(?:[a-z]\w*[\u0400-\u04ff]|[\u0400-\u04ff]\w*[a-z])\w*")


@dataclass(frozen=True)
class Place:
    """A line of a file; `text` is what stands there, `line` counts from 1."""

    file: str
    line: int
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Problem:
    """One finding. `kind` names its sentence in wording.yml, `values` fill the sentence."""

    kind: str
    place: Place
    values: dict[str, Any] = field(default_factory=dict, hash=False)
    # In how many more places the same is wrong.
    more: int = 0

    @property
    def is_error(self) -> bool:
        """False for a remark that breaks nothing."""
        return str(_sentences()[self.kind].get("level", "error")) == "error"

    @property
    def sentence(self) -> str:
        """What is wrong, in Russian."""
        return _filled(self.kind, "says", self.values)

    @property
    def hint(self) -> str:
        """What to do about it, in Russian; empty if that is obvious."""
        hint = _filled(self.kind, "hint", self.values)
        if letters := self._russian_letters():
            return word("russian_letters", letters=letters)
        near = self.values.get("near")
        return f"{hint} {word('near', near=near)}".strip() if near else hint

    def _russian_letters(self) -> str:
        """The Russian letters of a Latin name: no eye tells them from the right ones."""
        if _sentences()[self.kind].get("latin") is None:
            return ""
        wrong = str(self.values.get(_sentences()[self.kind]["latin"], self.place.text))
        found = [letter for name in _MIXED.findall(wrong) for letter in _RUSSIAN.findall(name)]
        return ", ".join(f"«{letter}»" for letter in dict.fromkeys(found))

    def told(self) -> str:
        """The whole finding, as it is printed."""
        lines = [f"{self.place}  {self.sentence}"]
        if self.place.text.strip():
            lines.append(f"    {_short(self.place.text.strip())}")
        if self.more:
            lines.append(f"    {word('in_more_places', count=self.more)}")
        if self.hint:
            lines.append(f"    → {self.hint}")
        return "\n".join(lines)


def word(name: str, **values: Any) -> str:
    """A sentence of wording.yml that belongs to no kind of problem."""
    text: str = _wording()["words"][name]
    return text.format(**counting(values))


@cache
def _wording() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(WORDING.read_text(encoding="utf-8"))
    return content


def _sentences() -> dict[str, dict[str, str]]:
    kinds: dict[str, dict[str, str]] = _wording()["kinds"]
    return kinds


def _filled(kind: str, part: str, values: dict[str, Any]) -> str:
    return _sentences()[kind].get(part, "").format(**counting(values))


def _short(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"
