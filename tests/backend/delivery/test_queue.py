"""Jobs of dead processes, of restarts of the database, and of an orderly end."""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from backend.delivery import queue as queue_module
from backend.delivery.received import StorageUnavailable
from backend.delivery.turn import Turn
from backend.storage.embedded import EmbeddedPostgres
from backend.storage.migrate import migrate
from tests.durability_fakes import FakeTalk, Machine, event, eventually

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


@pytest.fixture
async def machine(database_url: str) -> AsyncIterator[Machine]:
    async with Machine(database_url) as one:
        yield await one.start()


@pytest.fixture
async def doomed(database_url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that stays in the turn of «замри»."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(HERE / "dying_machine.py"),
        database_url,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"started\n"
    yield process
    if process.returncode is None:
        process.kill()
    await process.wait()


def test_the_prompt_worker_was_written_for_this_version_of_procrastinate() -> None:
    assert importlib.metadata.version("procrastinate").startswith("3.10.")


async def test_a_killed_process_s_turn_is_taken_over_within_ten_seconds_and_done_once(
    database_url: str, doomed: asyncio.subprocess.Process
) -> None:
    async with Machine(database_url) as survivor:

        async def link(turn: Turn) -> None:
            async with survivor.database.transaction() as connection:
                await connection.execute(
                    text("INSERT INTO linked_accounts (resident, account) VALUES (:who, '70600')"),
                    {"who": turn.event.resident},
                )

        survivor.talk.during = link
        await survivor.say("замри", "дальше")
        assert doomed.stdout is not None
        assert await asyncio.wait_for(doomed.stdout.readline(), 10) == b"begun\n"
        await survivor.start()
        doomed.kill()
        killed = time.monotonic()
        await survivor.run("DELETE FROM linked_accounts WHERE resident <> 'vk:1'")
        await survivor.vk.until_sent(1)
        assert time.monotonic() - killed < 10
        # The second turn links again and fails for ever: only the first one's effect counts here.
        assert survivor.vk.texts()[0] == "re: замри"
        rows = await survivor.rows("SELECT resident FROM linked_accounts")
        assert rows == [("vk:1",)]


async def test_two_sweeping_processes_take_a_dead_one_s_job_over_once(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "SWEEP", 0.02)
    talk = FakeTalk()
    async with Machine(database_url, talk) as one, Machine(database_url, talk) as two:
        for number in range(20):
            await one.say("раз", user=str(number))
        await one.run("UPDATE procrastinate_jobs SET status = 'doing'")
        await one.start()
        await two.start()
        await talk.until(lambda: len(talk.handled) >= 20)

        async def ended() -> bool:
            return not await one.rows("SELECT 1 FROM procrastinate_jobs")

        await eventually(ended)
        assert len(talk.begun) == 20


async def test_a_job_whose_end_could_not_be_reported_does_not_block_its_resident(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "SWEEP", 0.1)
    async with Machine(database_url) as machine:
        await machine.start()
        manager = machine.queue.app.job_manager
        real, failures = manager.retry_job, iter([True])

        async def retry(*args: Any, **options: Any) -> None:
            if next(failures, False):
                raise ConnectionError("the database is away")
            await real(*args, **options)

        monkeypatch.setattr(manager, "retry_job", retry)
        machine.talk.failures["раз"] = 1
        await machine.say("раз", "два")
        assert await machine.vk.until_sent(2) == ["re: раз", "re: два"]
        assert machine.talk.of("1") == ["раз", "два"]
        assert next(failures, None) is None


async def test_an_orderly_end_finishes_the_turn_under_way_and_leaves_the_rest_stored(
    database_url: str,
) -> None:
    async with Machine(database_url) as machine:
        await machine.start()
        begun = asyncio.Event()

        async def slow(_turn: Turn) -> None:
            begun.set()
            await asyncio.sleep(0.3)

        machine.talk.during = slow
        await machine.say("первое", "второе")
        await begun.wait()
        await machine.queue.stop(5)
        assert await machine.state_of("inbox") == ["done", "stored"]
    async with Machine(database_url) as next_one:
        await next_one.start()
        assert await next_one.vk.until_sent(2) == ["re: первое", "re: второе"]


async def test_a_turn_that_does_not_end_in_time_is_left_to_another_process(
    database_url: str,
) -> None:
    async with Machine(database_url) as machine:
        await machine.start()

        async def forever(_turn: Turn) -> None:
            await asyncio.Event().wait()

        machine.talk.during = forever
        await machine.say("долго")
        await machine.talk.until(lambda: len(machine.talk.begun) == 1)
        started = time.monotonic()
        await machine.queue.stop(0.2)
        assert time.monotonic() - started < 3
    async with Machine(database_url) as next_one:
        await next_one.run("UPDATE procrastinate_jobs SET scheduled_at = now()")
        await next_one.start()
        assert await next_one.vk.until_sent(1) == ["re: долго"]


async def test_it_works_only_while_every_queue_has_a_worker(database_url: str) -> None:
    async with Machine(database_url) as machine:
        assert not machine.queue.is_working
        await machine.start()

        async def works() -> bool:
            return machine.queue.is_working

        await eventually(works)


@pytest.fixture(scope="module")
def restartable() -> Iterator[EmbeddedPostgres]:
    folder = Path(tempfile.mkdtemp(prefix="bot-outage-"))
    server = EmbeddedPostgres(folder)
    migrate(server.url)
    yield server
    server.close()
    shutil.rmtree(folder, ignore_errors=True)


async def test_with_the_database_away_nothing_is_stored_and_work_goes_on_when_it_is_back(
    restartable: EmbeddedPostgres,
) -> None:
    async with Machine(restartable.url) as machine:
        await machine.start()
        await machine.say("до")
        await machine.vk.until_sent(1)
        in_turn, go_on = asyncio.Event(), asyncio.Event()

        async def wait(turn: Turn) -> None:
            if turn.event.text == "во время" and not go_on.is_set():
                in_turn.set()
                await go_on.wait()

        machine.talk.during = wait
        await machine.say("во время")
        await in_turn.wait()
        restartable.stop()
        go_on.set()
        given = event("не принято")
        with pytest.raises(StorageUnavailable):
            await asyncio.wait_for(machine.inbox.store(given), 8)
        with pytest.raises(StorageUnavailable):
            await machine.inbox.resident_left("vk", "9")
        await asyncio.sleep(3)  # an outage has a length
        restartable.start()
        back = time.monotonic()
        assert await machine.inbox.store(given)
        await machine.vk.until_sent(3)
        assert time.monotonic() - back < 10
        assert machine.vk.texts() == ["re: до", "re: во время", "re: не принято"]
        assert machine.talk.of("1").count("до") == 1


async def test_a_process_that_starts_without_the_database_works_when_it_is_there(
    restartable: EmbeddedPostgres,
) -> None:
    restartable.stop()
    try:
        async with Machine(restartable.url) as machine:
            await machine.start()
            await asyncio.sleep(0.5)
            assert not machine.queue.is_working
            restartable.start()
            await machine.say("есть кто?")
            assert await machine.vk.until_sent(1) == ["re: есть кто?"]
    finally:
        restartable.start()
