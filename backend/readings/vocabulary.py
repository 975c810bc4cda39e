"""The words that the reading of numbers and meters knows, loaded once from the YAML beside it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

_FILE = Path(__file__).with_name("vocabulary.yml")


class Vocabulary:
    """A read-only view of the YAML. A name that is not in it raises KeyError."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data
        self._sets: dict[tuple[str, ...], frozenset[str]] = {}

    def at(self, *path: str) -> Any:
        """The value at `path` as YAML holds it."""
        value: Any = self._data
        for name in path:
            value = value[name]
        return value

    def words(self, *path: str) -> frozenset[str]:
        """The list at `path` as a set of words."""
        if path not in self._sets:
            self._sets[path] = frozenset(str(word) for word in self.at(*path))
        return self._sets[path]


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The vocabulary, read from disk on the first call only."""
    return Vocabulary(YAML(typ="safe").load(_FILE))
