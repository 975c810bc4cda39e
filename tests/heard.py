"""Notes which responses tests look up in order to say them, for the coverage of texts.

`HEARD_RESPONSES` names the file to write; without it nothing is noted.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

VARIABLE = "HEARD_RESPONSES"
_heard: set[str] = set()


class HeardResponses(dict[str, Any]):
    """The domain's responses; each that is looked up is noted."""

    def __getitem__(self, name: str) -> Any:
        _heard.add(name)
        return super().__getitem__(name)


def note_wording(name: str, channel: str) -> None:
    """Notes that a wording of one messenger was said."""
    _heard.add(f"{name}@{channel}")


def write_down() -> None:
    """Writes what was noted, if somebody wants to know."""
    if VARIABLE in os.environ:
        Path(os.environ[VARIABLE]).write_text(json.dumps(sorted(_heard)), encoding="utf-8")
