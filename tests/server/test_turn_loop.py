"""The event loop of turns: apart from the one that receives webhooks."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from server.turn_loop import TurnLoop


@pytest.fixture
def loop() -> Iterator[TurnLoop]:
    found = TurnLoop()
    found.start()
    yield found
    found.stop()


async def test_work_runs_in_another_thread_and_its_result_comes_back(loop: TurnLoop) -> None:
    async def where() -> str:
        return threading.current_thread().name

    assert await loop.run(where()) == "turns"


async def test_an_error_over_there_is_raised_here(loop: TurnLoop) -> None:
    async def fails() -> None:
        raise KeyError("over there")

    with pytest.raises(KeyError, match="over there"):
        await loop.run(fails())


async def test_work_may_ask_for_work_in_its_own_loop(loop: TurnLoop) -> None:
    async def inner() -> int:
        return 7

    async def outer() -> int:
        return await loop.run(inner())

    assert await loop.run(outer()) == 7


async def test_what_is_given_up_here_ends_over_there(loop: TurnLoop) -> None:
    ended = threading.Event()

    async def patient() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(loop.run(patient()), 0.05)
    assert await asyncio.to_thread(ended.wait, 5)


async def test_a_turn_that_computes_leaves_the_webhooks_their_time(loop: TurnLoop) -> None:
    async def compute() -> int:
        ends, rounds = time.monotonic() + 0.5, 0
        while time.monotonic() < ends:
            rounds += sum(range(100))
        return rounds

    turn = asyncio.create_task(loop.run(compute()))
    meanwhile = 0
    while not turn.done():
        await asyncio.sleep(0.001)
        meanwhile += 1
    # In one loop it would have been one round.
    assert meanwhile > 20


async def test_stopping_cancels_what_still_runs() -> None:
    loop, ended = TurnLoop(), threading.Event()
    loop.start()

    async def patient() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.create_task(loop.run(patient()))
    await asyncio.sleep(0.05)
    await asyncio.to_thread(loop.stop)
    assert ended.is_set()
    with pytest.raises(asyncio.CancelledError):
        await task
