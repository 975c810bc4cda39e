"""The look of the chart, read from style.yml."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("style.yml")


@dataclass(frozen=True)
class Style:
    """Lengths in pixels and colours as «#rrggbb»; style.yml says what each is for."""

    width: int
    panel_height: int
    head_height: int
    foot_height: int
    margin: int
    dots_per_inch: int
    font: str
    title_size: int
    meter_size: int
    value_size: int
    month_size: int
    note_size: int
    background: str
    text: str
    dim: str
    line: str
    bar: str
    estimated: str
    edge: str


@cache
def load_style(path: Path = FILE) -> Style:
    """The style of a file.

    Raises:
        ValueError: an entry is missing, unknown or of another kind; the message names it.
    """
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    wanted = {field.name: int if field.type == "int" else str for field in fields(Style)}
    if not isinstance(content, dict) or set(content) != set(wanted):
        odd = set(content) ^ set(wanted) if isinstance(content, dict) else set(wanted)
        raise ValueError(f"{path.name}: missing or unknown: {', '.join(sorted(map(str, odd)))}")
    for name, kind in wanted.items():
        if not isinstance(content[name], kind):
            raise ValueError(f"{path.name}: {name} must be of the kind {kind.__name__}")
    return Style(**content)
