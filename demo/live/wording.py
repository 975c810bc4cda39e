"""The sentences of wording.yml."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tools.check_talk.counting import counting


@cache
def _sentences() -> dict[str, str]:
    text = Path(__file__).with_name("wording.yml").read_text(encoding="utf-8")
    content: dict[str, str] = yaml.safe_load(text)
    return content


def sentence(name: str, **values: Any) -> str:
    """A sentence with its values filled in."""
    return _sentences()[name].format(**counting(values))
