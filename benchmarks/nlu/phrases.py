"""Reads the phrases to learn from (data/*/nlu.yml) and to measure on (tests/nlu/*.tsv)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Phrase:
    """What a resident might write and what it means; a double wish may be taken either way."""

    text: str
    intent: str
    also: tuple[str, ...] = ()


PhraseSet = tuple[Phrase, ...]


def read_training() -> PhraseSet:
    """Every example of data/*/nlu.yml."""
    return tuple(
        Phrase(line.removeprefix("- ").strip(), block["intent"])
        for path in sorted((ROOT / "data").glob("*/nlu.yml"))
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        if "intent" in block
        for line in block["examples"].splitlines()
    )


def read_table(name: str) -> PhraseSet:
    """tests/nlu/<name>.tsv: intent (or intent|other), tab, text, under a heading line."""
    return read_file(ROOT / "tests" / "nlu" / f"{name}.tsv")


def read_file(path: Path) -> PhraseSet:
    """A table anywhere; further columns are ignored."""
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    columns = (line.split("\t") for line in lines if line.strip())
    return tuple(_phrase(row[0].split("|"), row[1]) for row in columns)


def _phrase(intents: list[str], text: str) -> Phrase:
    return Phrase(text=text, intent=intents[0], also=tuple(intents[1:]))
