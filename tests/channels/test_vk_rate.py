"""VK's limit of calls per second."""

from __future__ import annotations

import asyncio

import pytest

from channels.vk.rate import RateLimiter


async def test_no_window_sees_more_calls_than_allowed_however_long_they_take():
    limiter, per, moments = RateLimiter(calls=3, per=0.05), 0.05, []
    loop = asyncio.get_running_loop()

    async def call(number: int) -> None:
        async with limiter.call():
            # The server sees the call at its end: the worst case for a limit on starts.
            await asyncio.sleep(0.01 * (number % 3))
            moments.append(loop.time())

    await asyncio.gather(*(call(number) for number in range(12)))
    moments.sort()
    for first, fourth in zip(moments, moments[3:], strict=False):
        assert fourth - first >= per - 0.002


async def test_call_under_way_keeps_its_place():
    limiter = RateLimiter(calls=1, per=0.0)
    finish, entered = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with limiter.call():
            await finish.wait()

    async def next_one() -> None:
        async with limiter.call():
            entered.set()

    first = asyncio.create_task(slow())
    await asyncio.sleep(0)
    second = asyncio.create_task(next_one())
    for _ in range(10):
        await asyncio.sleep(0)
    assert not entered.is_set()
    finish.set()
    await asyncio.wait_for(entered.wait(), 5)
    await asyncio.gather(first, second)


async def test_failed_or_cancelled_call_gives_its_place_back():
    limiter = RateLimiter(calls=1, per=0.0)
    with pytest.raises(RuntimeError):
        async with limiter.call():
            raise RuntimeError

    async def hang() -> None:
        async with limiter.call():
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    async def quick() -> str:
        async with limiter.call():
            return "done"

    assert await asyncio.wait_for(quick(), 5) == "done"
