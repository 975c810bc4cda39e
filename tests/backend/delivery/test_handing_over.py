"""Turns of a process that only receives: given to a process that has room for them."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator

import psycopg
import pytest

from backend.computing import outside
from backend.delivery import queue as queue_module
from backend.delivery.model import EventKind
from backend.delivery.queue import TURNS
from backend.delivery.received import HandingOver, StorageUnavailable
from backend.delivery.turn import Turn
from backend.storage.database import Database
from tests.backend.delivery.test_jobs_of_ones_own import count_fetches, no_jobs
from tests.durability_fakes import FakeTalk, Machine, event, eventually


@pytest.fixture
async def receiver(database_url: str) -> AsyncIterator[HandingOver]:
    database = Database(database_url)
    yield HandingOver(database)
    await database.close()


@contextlib.asynccontextmanager
async def working(url: str, talk: FakeTalk | None = None) -> AsyncIterator[Machine]:
    async with Machine(url, talk) as one:
        await one.start()

        async def may_be_given() -> bool:
            return one.queue.is_working and bool(
                await one.rows("SELECT 1 FROM queue_workers WHERE queue = 'turns'")
            )

        await eventually(may_be_given)
        yield one


async def test_what_is_received_is_answered_without_a_job_being_looked_for(
    database_url: str, receiver: HandingOver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with working(database_url) as machine:
        fetched = count_fetches(machine, monkeypatch)
        assert await receiver.store(event("раз", user="1"))
        assert await receiver.store(event("два", user="2"))
        await machine.vk.until_sent(2)
        await eventually(lambda: no_jobs(machine))
        assert fetched == []


async def test_a_repeated_delivery_has_no_effect(database_url: str, receiver: HandingOver) -> None:
    async with working(database_url) as machine:
        assert [await receiver.store(event("раз", event_id="e")) for _ in range(2)] == [True, False]
        await machine.vk.until_sent(1)
        await eventually(lambda: no_jobs(machine))
        assert machine.talk.of("1") == ["раз"]


async def test_messages_of_one_resident_follow_each_other_in_order(
    database_url: str, receiver: HandingOver
) -> None:
    async with working(database_url) as one, working(database_url) as two:
        two.talk = one.talk
        one.talk.takes = 0.05
        for words in ("раз", "два", "три", "четыре"):
            await receiver.store(event(words))
        await one.talk.until(lambda: len(one.talk.handled) == 4)
        assert one.talk.of("1") == ["раз", "два", "три", "четыре"]
        assert one.talk.most_busy["1"] == 1


async def test_the_one_with_the_least_to_do_is_given_the_next(
    database_url: str, receiver: HandingOver
) -> None:
    talks = FakeTalk(), FakeTalk()
    held = [talk.hold() for talk in talks]
    async with working(database_url, talks[0]) as one, working(database_url, talks[1]):
        assert len(await one.rows("SELECT 1 FROM queue_workers WHERE queue = 'turns'")) == 2
        for number in range(6):
            await receiver.store(event("раз", user=str(number)))
        for talk in talks:
            await talk.until(lambda talk=talk: len(talk.begun) == 3)  # type: ignore[misc]
        for go_on in held:
            go_on.set()


async def test_without_a_bot_it_waits_for_one(database_url: str, receiver: HandingOver) -> None:
    assert await receiver.store(event("раз"))
    async with working(database_url) as machine:
        assert await machine.vk.until_sent(1) == ["re: раз"]


async def test_more_than_all_can_hold_waits_to_be_taken(
    database_url: str, receiver: HandingOver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with working(database_url) as machine:
        fetched = count_fetches(machine, monkeypatch)
        go_on = machine.talk.hold()
        held = 4 * queue_module.CONCURRENCY[TURNS]
        for number in range(held + 3):
            await receiver.store(event("раз", user=str(number)))
        waiting = await machine.rows("SELECT 1 FROM procrastinate_jobs WHERE status = 'todo'")
        assert len(waiting) == 3
        go_on.set()
        await machine.vk.until_sent(held + 3)
        assert fetched.count("turn") == 3


async def test_who_comes_late_does_not_go_before_those_who_wait_already(
    database_url: str, receiver: HandingOver
) -> None:
    async with working(database_url) as machine:
        go_on: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

        async def wait(turn: Turn) -> None:
            async with outside():
                await go_on[turn.event.user_id].wait()

        machine.talk.during = wait
        concurrency = queue_module.CONCURRENCY[TURNS]
        held = [f"held {number}" for number in range(4 * concurrency)]
        waiting = [f"waits {number}" for number in range(20)]
        for user in held + waiting:
            await receiver.store(event("раз", user=user))
        await machine.talk.until(lambda: len(machine.talk.begun) == concurrency)
        # There is room again, for less than all of those who wait.
        for user in held[:8]:
            go_on[user].set()
        await machine.talk.until(lambda: len(machine.talk.begun) == concurrency + 8)
        await receiver.store(event("раз", user="late"))
        await machine.say("раз", user="later still")
        for user in [*held, *waiting, "late", "later still"]:
            go_on[user].set()
        await machine.vk.until_sent(len(held) + len(waiting) + 2)
        begun = [user for user, _ in machine.talk.begun]
        assert begun[-2:] == ["late", "later still"]


async def test_a_bot_that_ends_is_given_nothing_more(
    database_url: str, receiver: HandingOver
) -> None:
    async with working(database_url) as staying, working(database_url) as ending:
        await ending.queue.stop(2)
        for number in range(5):
            await receiver.store(event("раз", user=str(number)))
        await staying.vk.until_sent(5)
        assert ending.talk.begun == []


async def test_a_bot_that_does_not_hear_of_its_job_runs_it_all_the_same(
    database_url: str, receiver: HandingOver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As when the connection that listens was broken just then.
    async with working(database_url) as machine:
        worker = machine.queue._workers[TURNS]
        monkeypatch.setattr(worker, "_given", lambda notification: None)
        await receiver.store(event("раз"))
        assert await asyncio.wait_for(machine.vk.until_sent(1), 9) == ["re: раз"]
        assert machine.talk.of("1") == ["раз"]


async def test_a_dead_bot_is_given_nothing_and_forgotten_when_the_next_one_begins(
    database_url: str, receiver: HandingOver
) -> None:
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("""
            WITH dead AS (
                INSERT INTO procrastinate_workers (last_heartbeat)
                VALUES (now() - interval '5 seconds') RETURNING id
            )
            INSERT INTO queue_workers SELECT id, 'turns', 64 FROM dead
             UNION ALL SELECT 4711, 'turns', 64
        """)
        await receiver.store(event("раз"))
        found = await connection.execute("SELECT status FROM procrastinate_jobs")
        assert await found.fetchall() == [("todo",)]
        async with working(database_url):
            left = await connection.execute("SELECT 1 FROM queue_workers WHERE worker_id = 4711")
            assert await left.fetchall() == []


async def test_nothing_is_sent_to_a_resident_who_left_until_they_write_again(
    database_url: str, receiver: HandingOver
) -> None:
    async with working(database_url) as machine:
        await receiver.store(event("раз"))
        await machine.vk.until_sent(1)
        await receiver.resident_left("vk", "1")
        query = "SELECT unreachable_since IS NULL FROM residents"
        assert [row[0] for row in await machine.rows(query)] == [False]
        await receiver.store(event("два"))
        assert await machine.vk.until_sent(2) == ["re: раз", "re: два"]


async def test_without_a_database_nothing_is_stored() -> None:
    receiver = HandingOver(Database("postgresql://nobody@127.0.0.1:1/nothing"))
    with pytest.raises(StorageUnavailable):
        await receiver.store(event("раз"))
    with pytest.raises(StorageUnavailable):
        await receiver.resident_left("vk", "1")


async def test_it_answers_nothing_at_once(receiver: HandingOver) -> None:
    with pytest.raises(StorageUnavailable):
        await receiver.answer_now(event(kind=EventKind.OPENED))
