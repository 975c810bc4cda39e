"""Every table stays bounded, and nothing that is still needed is deleted."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from backend.delivery.housekeeping import Housekeeping
from tests.durability_fakes import Machine, event


@pytest.fixture
async def machine(database_url: str) -> AsyncIterator[Machine]:
    async with Machine(database_url) as one:
        yield one


async def age(machine: Machine, table: str, column: str, days: float) -> None:
    await machine.run(f"UPDATE {table} SET {column} = now() - make_interval(days => {days})")


async def kept(machine: Machine, table: str, keep_log: str = "90 days") -> list[str]:
    await Housekeeping(machine.database, keep_log).run()
    return [row[0] for row in await machine.rows(f"SELECT * FROM {table}")]


@pytest.mark.parametrize(
    ("state", "days", "stays"),
    [("done", 8, False), ("done", 2, True), ("parked", 400, True), ("stored", 400, True)],
)
async def test_events(machine: Machine, state: str, days: int, stays: bool) -> None:
    await machine.inbox.store(event("раз"))
    await machine.run("UPDATE inbox SET state = :state", state=state)
    await age(machine, "inbox", "received_at", days)
    assert bool(await kept(machine, "inbox")) is stays


async def test_a_delivery_repeated_after_48_hours_is_still_known(machine: Machine) -> None:
    given = event("раз")
    await machine.inbox.store(given)
    await machine.run("UPDATE inbox SET state = 'done'")
    await age(machine, "inbox", "received_at", 3)
    await kept(machine, "inbox")
    assert not await machine.inbox.store(given)


@pytest.mark.parametrize(
    ("state", "days", "stays"),
    [
        ("sent", 31, False),
        ("unreachable", 31, False),
        ("sent", 29, True),
        ("parked", 400, True),
        ("queued", 400, True),
    ],
)
async def test_messages(machine: Machine, state: str, days: int, stays: bool) -> None:
    await machine.run(
        "INSERT INTO outbox (key, resident, channel, user_id, message, state)"
        " VALUES ('k', 'vk:1', 'vk', '1', '{}', :state)",
        state=state,
    )
    await age(machine, "outbox", "created_at", days)
    assert bool(await kept(machine, "outbox")) is stays


@pytest.mark.parametrize(
    ("state", "days", "stays"),
    [
        ("sent", 17, False),
        ("unreachable", 17, False),
        ("sent", 15, True),  # Viber may still fetch it
        ("parked", 20, True),  # it can be sent again
        ("queued", 20, True),
    ],
)
async def test_pictures(machine: Machine, state: str, days: int, stays: bool) -> None:
    await machine.run(
        "INSERT INTO outbox (key, resident, channel, user_id, message, picture, state)"
        " VALUES ('k', 'viber:1', 'viber', '1', '{}', 'png', :state)",
        state=state,
    )
    await age(machine, "outbox", "created_at", days)
    assert len(await kept(machine, "outbox")) == 1
    (row,) = await machine.rows("SELECT picture FROM outbox")
    assert (row.picture is not None) is stays


@pytest.mark.parametrize(
    ("days", "keep", "stays"),
    [(91, "90 days", False), (89, "90 days", True), (8, "7 days", False)],
)
async def test_the_log(machine: Machine, days: int, keep: str, stays: bool) -> None:
    await machine.run(
        "INSERT INTO event_log (resident, turn, kind, data) VALUES ('vk:1', 1, 'user', '{}')"
    )
    await age(machine, "event_log", "at", days)
    assert bool(await kept(machine, "event_log", keep)) is stays


@pytest.mark.parametrize(("hours", "stays"), [(1.9, True), (2.1, False)])
async def test_wrong_numbers(machine: Machine, hours: float, stays: bool) -> None:
    await machine.run("INSERT INTO wrong_numbers (resident) VALUES ('vk:1')")
    await machine.run(
        f"UPDATE wrong_numbers SET at = now() - make_interval(secs => {hours * 3600})"
    )
    assert bool(await kept(machine, "wrong_numbers")) is stays


@pytest.mark.parametrize(
    ("days", "objected", "closed", "stays"),
    [
        (89, False, False, True),
        (91, False, False, False),
        (400, True, False, True),
        (91, True, True, False),
    ],
)
async def test_notices_of_links(
    machine: Machine, days: int, objected: bool, closed: bool, stays: bool
) -> None:
    await machine.run(
        "INSERT INTO link_notices (resident, account, objected_at, closed_at) VALUES ('vk:1',"
        " '7060012345', CASE WHEN :objected THEN now() END, CASE WHEN :closed THEN now() END)",
        objected=objected,
        closed=closed,
    )
    await age(machine, "link_notices", "told_at", days)
    assert bool(await kept(machine, "link_notices")) is stays


async def test_finished_jobs_do_not_stay(machine: Machine) -> None:
    await machine.start()
    await machine.say("раз")
    await machine.vk.until_sent(1)
    await machine.queue.stop(2)
    assert await machine.rows("SELECT 1 FROM procrastinate_jobs") == []
    assert await machine.rows("SELECT 1 FROM procrastinate_events") == []
