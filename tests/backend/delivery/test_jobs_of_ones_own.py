"""Jobs that belong to their process from birth, and end together with what they have done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from backend.delivery import queue as queue_module
from backend.delivery.model import Button
from backend.delivery.queue import MESSAGES, TURNS, Queue
from backend.delivery.turn import Said, Turn
from tests.durability_fakes import FakeTalk, Machine, eventually


@pytest.fixture
async def machine(database_url: str) -> AsyncIterator[Machine]:
    async with Machine(database_url) as one:
        await one.start()

        async def works() -> bool:
            return one.queue.is_working

        await eventually(works)
        yield one


async def no_jobs(machine: Machine) -> bool:
    return not await machine.rows("SELECT 1 FROM procrastinate_jobs")


def count_fetches(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    manager, fetched = machine.queue.app.job_manager, []
    real = manager.fetch_job

    async def fetch(*args: Any, **options: Any) -> Any:
        job = await real(*args, **options)
        if job is not None:
            fetched.append(job.task_name)
        return job

    monkeypatch.setattr(manager, "fetch_job", fetch)
    return fetched


async def test_a_lone_message_is_answered_without_a_job_being_looked_for(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched = count_fetches(machine, monkeypatch)
    await machine.say("раз", user="1")
    await machine.say("два", user="2")
    await machine.vk.until_sent(2)
    await eventually(lambda: no_jobs(machine))
    assert fetched == []


async def test_several_messages_of_a_turn_are_sent_by_one_job_which_ends_with_the_last(
    machine: Machine,
) -> None:
    async def talkative(turn: Turn) -> None:
        turn.said = [Said("ещё"), Said("и ещё", (Button("Да", "/affirm"),))]

    real = machine.talk.handle

    async def handle(turn: Turn) -> None:
        await real(turn)
        await talkative(turn)

    machine.talk.handle = handle  # type: ignore[method-assign]
    await machine.say("раз")
    assert await machine.vk.until_sent(2) == ["ещё", "и ещё"]
    await eventually(lambda: no_jobs(machine))
    assert await machine.state_of("outbox") == ["sent", "sent"]


async def test_what_comes_during_a_turn_follows_it_at_once(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "POLL", 60)
    for active in machine.queue._workers.values():
        active.fetch_job_polling_interval = 60
    go_on = asyncio.Event()

    async def wait(turn: Turn) -> None:
        if turn.event.text == "раз":
            await go_on.wait()

    machine.talk.during = wait
    await machine.say("раз")
    await machine.talk.until(lambda: len(machine.talk.begun) == 1)
    await machine.say("два", "три")
    await asyncio.sleep(0.2)  # they are noticed while the first one is in their way
    go_on.set()
    assert await asyncio.wait_for(machine.vk.until_sent(3), 5) == ["re: раз", "re: два", "re: три"]


async def test_a_job_of_one_s_own_that_was_never_begun_is_given_back(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the webhook's task had been cancelled between the commit and the handing over.
    monkeypatch.setattr(Queue, "adopt", lambda *args, **given: None)
    await machine.say("раз")
    monkeypatch.undo()
    assert await asyncio.wait_for(machine.vk.until_sent(1), 9) == ["re: раз"]
    assert machine.talk.of("1") == ["раз"]


async def test_of_two_machines_each_answers_what_it_received(database_url: str) -> None:
    talks = FakeTalk(), FakeTalk()
    async with Machine(database_url, talks[0]) as one, Machine(database_url, talks[1]) as two:
        for each in (one, two):
            await each.start()
            await eventually(lambda each=each: _is_working(each))  # type: ignore[misc]
        await one.say("раз", user="1")
        await two.say("два", user="2")
        for talk in talks:
            await talk.until(lambda talk=talk: bool(talk.handled))  # type: ignore[misc]
        assert (talks[0].of("1"), talks[1].of("2")) == (["раз"], ["два"])


async def _is_working(machine: Machine) -> bool:
    return machine.queue.is_working


async def test_more_than_a_process_can_hold_waits_to_be_taken(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched = count_fetches(machine, monkeypatch)
    go_on = machine.talk.hold()
    held = 4 * queue_module.CONCURRENCY[TURNS]
    for number in range(held + 3):
        await machine.say("раз", user=str(number))
    assert machine.queue.owner(TURNS) is None
    assert machine.queue.owner(MESSAGES) is not None
    go_on.set()
    await machine.vk.until_sent(held + 3)
    assert fetched.count("turn") >= 1
    await eventually(lambda: no_jobs(machine))
