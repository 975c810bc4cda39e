"""The words of words.yml."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

# What masking leaves of a number (backend/delivery/masking.py).
_HIDDEN = re.compile(r"•••(?:\d\d)?")


@dataclass(frozen=True)
class Words:
    """See words.yml."""

    from_conversations: str
    hidden_account: tuple[str, ...]
    hidden_number: tuple[str, ...]
    account_words: tuple[str, ...]

    def with_numbers(self, text: str, asked: str | None = None) -> str:
        """The text with made-up numbers instead of hidden ones; nothing of the true ones stays."""
        return self.numbered(text, asked)[0]

    def numbered(self, text: str, asked: str | None = None) -> tuple[str, ...]:
        """The same, the likelier shape of a number first; only one if nothing is hidden."""
        shapes = [self.hidden_number, self.hidden_account]
        before = re.findall(r"\w+", _HIDDEN.split(text)[0].lower())
        if asked == "account_number" or not set(before).isdisjoint(self.account_words):
            shapes.reverse()
        found = []
        for shape in shapes:
            numbers = itertools.cycle(shape)
            found.append(_HIDDEN.sub(lambda _: next(numbers), text))  # noqa: B023
        return tuple(dict.fromkeys(found))


@lru_cache(maxsize=1)
def words() -> Words:
    """The words, read once."""
    path = Path(__file__).with_name("words.yml")
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Words(
        from_conversations=str(content["from_conversations"]),
        hidden_account=tuple(content["hidden_account"]),
        hidden_number=tuple(content["hidden_number"]),
        account_words=tuple(content["account_words"]),
    )
