"""What is wrong, and where: the words for it stand in wording.yml."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

WORDING = Path(__file__).with_name("wording.yml")
MOST_SHOWN = 110


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
        near = self.values.get("near")
        return f"{hint} {word('near', near=near)}".strip() if near else hint

    def told(self) -> str:
        """The whole finding, as it is printed."""
        lines = [f"{self.place}  {self.sentence}"]
        if self.place.text.strip():
            lines.append(f"    {_short(self.place.text.strip())}")
        if self.hint:
            lines.append(f"    → {self.hint}")
        return "\n".join(lines)


def word(name: str, **values: Any) -> str:
    """A sentence of wording.yml that belongs to no kind of problem."""
    text: str = _wording()["words"][name]
    return text.format(**values)


@cache
def _wording() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(WORDING.read_text(encoding="utf-8"))
    return content


def _sentences() -> dict[str, dict[str, str]]:
    kinds: dict[str, dict[str, str]] = _wording()["kinds"]
    return kinds


def _filled(kind: str, part: str, values: dict[str, Any]) -> str:
    return _sentences()[kind].get(part, "").format(**values)


def _short(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"
