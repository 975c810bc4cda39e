"""The numbered stream of everything that changed, which the page follows by long polling."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any, Protocol


class Publishable(Protocol):
    """Anything the page can be told about."""

    def to_json(self) -> dict[str, Any]:
        """The present state as JSON."""
        ...


@dataclass(frozen=True)
class Change:
    """Something with this kind is new or different."""

    number: int
    kind: str
    item: Publishable


class Feed:
    """Keeps the last `keep` changes; a reader who fell behind is told to start afresh."""

    def __init__(self, keep: int = 5000) -> None:
        self._changes: deque[Change] = deque(maxlen=keep)
        self._arrived = asyncio.Event()
        self.last = 0

    def publish(self, kind: str, item: Publishable) -> None:
        """Adds a change and wakes every waiting reader."""
        self.last += 1
        self._changes.append(Change(self.last, kind, item))
        self._arrived.set()
        self._arrived = asyncio.Event()

    def since(self, number: int) -> list[Change] | None:
        """Changes after `number`, or None if some of them are gone already."""
        if number > self.last:
            return None
        if number == self.last:
            return []
        if not self._changes or self._changes[0].number > number + 1:
            return None
        newer: list[Change] = []
        for change in reversed(self._changes):
            if change.number <= number:
                break
            newer.append(change)
        newer.reverse()
        return newer

    async def wait(self, number: int, timeout: float) -> None:
        """Returns when there is a change after `number`, or after `timeout` seconds."""
        if self.last > number:
            return
        try:
            await asyncio.wait_for(self._arrived.wait(), timeout)
        except asyncio.TimeoutError:
            return

    def forget(self) -> None:
        """Drops the past: readers start afresh."""
        self._changes.clear()
        self.last += 1
        self._arrived.set()
        self._arrived = asyncio.Event()
