"""Keeps the calls of one token within the messenger's limit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

# https://dev.vk.com/ru/api/api-requests: a community's token.
CALLS_PER_SECOND = 20


class RateLimiter:
    """At most `calls` calls reach the server in any `per` seconds; others wait in order.

    When a call reaches the server is unknown: some time between its start and its end. So its
    place is given back `per` seconds after its end, and slow calls can't pile up into a burst.
    """

    def __init__(self, calls: int = CALLS_PER_SECOND, per: float = 1.0) -> None:
        self._places = asyncio.Semaphore(calls)
        self._per = per
        self.pace = per / calls  # seconds between calls that are spread evenly

    @property
    def is_full(self) -> bool:
        """True when a call would have to wait for its place."""
        return self._places.locked()

    async def take(self) -> None:
        """Waits for a place, which is held until `give_back`."""
        await self._places.acquire()

    def give_back(self) -> None:
        """Frees a place `per` seconds from now: its call has just ended."""
        asyncio.get_running_loop().call_later(self._per, self._places.release)

    @asynccontextmanager
    async def call(self) -> AsyncIterator[None]:
        """Waits for a place and holds it during the call and for `per` seconds more."""
        await self.take()
        try:
            yield
        finally:
            self.give_back()
