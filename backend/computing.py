"""Turns compute a few at a time, in order of arrival; who waits for the outside holds up nobody.

Sharing the processor among all open turns makes each of them as slow as the slowest; one after
another they wait less. For turns of one event loop.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar


class Computing:
    """Places for turns that compute."""

    def __init__(self, places: int) -> None:
        """At most `places` turns compute at a time."""
        self._free = places
        self._returning: deque[asyncio.Future[None]] = deque()
        self._arriving: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Waits for a place and holds it during the block, except while it is `outside`."""
        await self.take(self._arriving)
        seat = _Seat(self)
        token = _seat.set(seat)
        try:
            yield
        finally:
            _seat.reset(token)
            seat.end()

    async def take_again(self) -> None:
        """A place for a turn that was outside: before those that have not begun."""
        await self.take(self._returning)

    async def take(self, queue: deque[asyncio.Future[None]]) -> None:
        """A free place, or the next one that is given up when all of `queue` have theirs."""
        if self._free:
            self._free -= 1
            return
        place = asyncio.get_running_loop().create_future()
        queue.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.give()
            raise

    def give(self) -> None:
        """A place is another's now."""
        for queue in (self._returning, self._arriving):
            while queue:
                place = queue.popleft()
                if not place.done():
                    place.set_result(None)
                    return
        self._free += 1


class _Seat:
    """A turn's place: given up while one of its calls, of which several may run, is outside."""

    def __init__(self, computing: Computing) -> None:
        self._computing = computing
        self._holds = True
        self._calls = 0
        self._ended = False

    def end(self) -> None:
        self._ended = True
        self._leave()

    @asynccontextmanager
    async def outside(self) -> AsyncIterator[None]:
        self._calls += 1
        self._leave()
        try:
            yield
        finally:
            self._calls -= 1
            if self._is_wanted():
                await self._computing.take_again()
                if self._is_wanted():
                    self._holds = True
                else:
                    self._computing.give()

    def _leave(self) -> None:
        if self._holds:
            self._holds = False
            self._computing.give()

    def _is_wanted(self) -> bool:
        return not (self._calls or self._holds or self._ended)


_seat: ContextVar[_Seat | None] = ContextVar("seat", default=None)


@asynccontextmanager
async def outside() -> AsyncIterator[None]:
    """Around a wait for something that is slow by itself; the turn's place is another's meanwhile.

    After it the turn has a place again, before those that have not begun. Without a turn: nothing.
    """
    seat = _seat.get()
    if seat is None:
        yield
        return
    async with seat.outside():
        yield
