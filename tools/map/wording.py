"""The content of labels.yml, for all who need it without reading the project."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def labels() -> dict[str, Any]:
    """The content of labels.yml."""
    text = Path(__file__).with_name("labels.yml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def word(name: str) -> str:
    """A sentence of the page itself."""
    return str(labels()["page"][name])
