"""Turns compute a few at a time; one that waits for the outside holds up nobody."""

from __future__ import annotations

import asyncio
import contextlib

from backend.computing import Computing, outside


class Turns:
    """Turns whose steps a test lets happen one by one."""

    def __init__(self, places: int) -> None:
        self.computing = Computing(places)
        self.log: list[str] = []
        self.answers: dict[str, asyncio.Event] = {}

    async def plain(self, name: str) -> None:
        async with self.computing.turn():
            self.log.append(name)
            for _ in range(5):
                await asyncio.sleep(0)
            self.log.append(f"/{name}")

    async def asking(self, name: str) -> None:
        """A turn that asks billing, and waits until the test answers."""
        answer = self.answers[name] = asyncio.Event()
        async with self.computing.turn():
            self.log.append(name)
            async with outside():
                await answer.wait()
            self.log.append(f"{name} goes on")
            await asyncio.sleep(0)
            self.log.append(f"/{name}")


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_one_place_is_one_turn_after_another_in_order_of_arrival() -> None:
    turns = Turns(1)
    await asyncio.gather(*(turns.plain(name) for name in "abc"))
    assert turns.log == ["a", "/a", "b", "/b", "c", "/c"]


async def test_two_places_are_two_turns_at_a_time() -> None:
    turns = Turns(2)
    await asyncio.gather(*(turns.plain(name) for name in "abc"))
    assert turns.log[:2] == ["a", "b"]
    assert turns.log.index("c") > min(turns.log.index("/a"), turns.log.index("/b"))


async def test_a_turn_that_waits_for_billing_holds_up_nobody() -> None:
    turns = Turns(1)
    slow = [asyncio.create_task(turns.asking(name)) for name in ("x", "y", "z")]
    await settle()
    await turns.plain("a")
    assert turns.log == ["x", "y", "z", "a", "/a"]
    for name in ("x", "y", "z"):
        turns.answers[name].set()
    await asyncio.gather(*slow)


async def test_who_comes_back_goes_on_before_those_who_have_not_begun() -> None:
    turns = Turns(1)
    slow = asyncio.create_task(turns.asking("x"))
    await settle()
    others = [asyncio.create_task(turns.plain(name)) for name in "ab"]
    await asyncio.sleep(0)
    turns.answers["x"].set()
    await asyncio.gather(slow, *others)
    assert turns.log.index("x goes on") < turns.log.index("b")


async def test_calls_side_by_side_and_cancelled_ones_lose_no_place() -> None:
    turns = Turns(1)

    async def call(seconds: float) -> None:
        async with outside():
            await asyncio.sleep(seconds)

    async def turn() -> None:
        async with turns.computing.turn():
            await asyncio.gather(call(0), call(0.01))
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(asyncio.gather(call(60), call(60)), 0.01)
            turns.log.append("turn")

    ended = asyncio.create_task(turns.asking("x"))
    waiting = asyncio.create_task(turn())
    await settle()
    ended.cancel()
    await asyncio.gather(ended, waiting, return_exceptions=True)
    given_up = asyncio.create_task(turns.plain("never"))
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    turns.log.clear()
    await asyncio.gather(*(turns.plain(name) for name in "ab"))
    assert turns.log == ["a", "/a", "b", "/b"]


async def test_outside_a_turn_nothing_is_waited_for() -> None:
    async with outside():
        pass
