"""A full disk: what was acknowledged is stored, the rest is refused, later it goes on."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.delivery.received import StorageUnavailable
from backend.storage.embedded import EmbeddedPostgres
from backend.storage.migrate import migrate
from benchmarks.faults.disk import NoRightToMount, SmallDisk, keep_logs_small
from tests.durability_fakes import Machine, event


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    folder = Path(tempfile.mkdtemp(prefix="bot-disk-"))
    try:
        try:
            small = SmallDisk(folder / "disk")
        except NoRightToMount as error:
            pytest.skip(f"a small disk cannot be mounted here: {error}")
        yield small
        small.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server(disk: SmallDisk) -> Iterator[EmbeddedPostgres]:
    postgres = EmbeddedPostgres(disk.path)
    migrate(postgres.url)
    keep_logs_small(postgres.url)
    yield postgres
    disk.free()
    postgres.start()
    postgres.close()


@pytest.fixture
async def machine(server: EmbeddedPostgres) -> AsyncIterator[Machine]:
    async with Machine(server.url) as one:
        yield one


async def test_with_a_full_disk_what_was_acknowledged_is_stored_and_later_events_come_through(
    disk: SmallDisk, server: EmbeddedPostgres, machine: Machine
) -> None:
    acknowledged: set[str] = set()
    refused = 0

    async def deliver(number: int) -> None:
        nonlocal refused
        one = event(f"message {number} " + "я" * 3000, event_id=f"event-{number}")
        try:
            await machine.inbox.store(one)
            acknowledged.add(one.event_id)
        except StorageUnavailable:
            refused += 1

    await deliver(0)
    assert acknowledged == {"event-0"}

    await asyncio.to_thread(disk.fill)
    assert disk.is_full
    for number in range(1, 2000):
        await deliver(number)
        if refused >= 3:
            break
    assert refused >= 3

    disk.free()
    await asyncio.to_thread(server.start)
    before = len(acknowledged)
    for number in range(2000, 2050):
        await deliver(number)
        if len(acknowledged) > before:
            break
        await asyncio.sleep(0.2)
    assert len(acknowledged) > before

    async with machine.database.autocommit() as connection:
        stored = await connection.execute(text("SELECT event_id FROM inbox"))
    assert acknowledged <= {row[0] for row in stored}
