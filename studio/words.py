"""The words of words.yml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

# What masking leaves of a number (backend/delivery/masking.py).
_HIDDEN = re.compile(r"•••(\d\d)?")


@dataclass(frozen=True)
class Words:
    """See words.yml."""

    from_conversations: str
    hidden_account: str
    hidden_number: str

    def with_numbers(self, text: str, asked: str | None = None) -> str:
        """The text with made-up numbers instead of hidden ones, nobody's."""
        return self.numbered(text, asked)[0]

    def numbered(self, text: str, asked: str | None = None) -> tuple[str, ...]:
        """The same, the likelier shape of a number first; only one if nothing is hidden."""
        fronts = [self.hidden_number, self.hidden_account]
        if asked == "account_number":
            fronts.reverse()
        found = (
            _HIDDEN.sub(lambda hidden: front + (hidden.group(1) or "45"), text)  # noqa: B023
            for front in fronts
        )
        return tuple(dict.fromkeys(found))


@lru_cache(maxsize=1)
def words() -> Words:
    """The words, read once."""
    path = Path(__file__).with_name("words.yml")
    return Words(**yaml.safe_load(path.read_text(encoding="utf-8")))
