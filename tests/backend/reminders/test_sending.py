"""A reminder is sent once, by day, to who wants it and lacks a reading, whatever dies."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from backend.billing.errors import BillingUnavailable, Trouble
from backend.readings.outcomes import ConfirmedReading
from backend.reminders import sending
from tests.backend.reminders.reminder_world import MOSCOW, NOON, ONE, TWO, Accounts, World
from tests.durability_fakes import Machine


async def test_who_wants_it_and_lacks_a_reading_is_reminded_once(world: World) -> None:
    await world.person()
    await world.machine.start()
    assert await world.wave() == 1
    assert await world.machine.vk.until_sent(1) == [f"vk closing {ONE}"]
    world.now += timedelta(days=1)
    assert await world.wave() == 1
    await world.done()
    assert len(world.machine.vk.sent) == 1


async def test_each_messenger_gets_its_own_peoples(world: World) -> None:
    await world.person("1", channel="vk")
    await world.person("1", channel="viber")
    await world.machine.start()
    await world.wave()
    await world.machine.vk.until_sent(1)
    await world.machine.viber.until_sent(1)


async def test_who_did_not_ask_is_not_written_to(world: World) -> None:
    await world.person(wants=False)
    refused = await world.person("2")
    await world.choices.turn_off(refused, NOON)
    assert await world.reminders.plan() == 0
    assert not await world.reminders.remind("vk:1")
    assert not await world.reminders.remind("vk:2")


async def test_opened_and_closing_are_two_reminders_of_a_period(world: World) -> None:
    resident = await world.person()
    world.now = NOON.replace(day=1)
    assert await world.reminders.remind(resident)
    world.now = NOON.replace(day=2)
    assert not await world.reminders.remind(resident)
    world.now = NOON
    assert await world.reminders.remind(resident)
    rows = await world.machine.rows("SELECT period, kind FROM reminders ORDER BY id")
    assert [tuple(row) for row in rows] == [("2026-11", "opened"), ("2026-11", "closing")]


async def test_several_accounts_make_one_message_with_what_is_missing(world: World) -> None:
    resident = await world.person("1", ONE, TWO)
    world.billing.give(ONE)
    assert await world.reminders.remind(resident)
    (row,) = await world.machine.rows("SELECT message FROM outbox")
    assert row.message["text"] == f"vk closing {TWO}"


async def test_an_account_that_is_gone_does_not_stop_the_others(world: World) -> None:
    resident = await world.person("1", "7060000000", TWO)
    assert await world.reminders.remind(resident)


@pytest.mark.parametrize("hour", [0, 9, 19, 23])
async def test_nobody_is_written_to_at_night(world: World, hour: int) -> None:
    resident = await world.person()
    world.now = NOON.replace(hour=hour)
    assert await world.reminders.plan() == 0
    assert not await world.reminders.remind(resident)
    (row,) = await world.machine.rows("SELECT look_at FROM reminder_choices")
    assert row.look_at.astimezone(MOSCOW).hour == 10
    assert row.look_at > world.now


async def test_a_wave_is_bounded_and_spread_over_the_minute(machine: Machine) -> None:
    world = World(machine, Accounts(), per_minute=6)
    for number in range(8):
        await world.person(str(number))
    assert await world.reminders.plan() == 6
    rows = await machine.rows(
        "SELECT extract(epoch FROM scheduled_at - now())::float AS after"
        " FROM procrastinate_jobs ORDER BY scheduled_at"
    )
    assert [round(row.after / 10) for row in rows] == [0, 1, 2, 3, 4, 5]
    assert await world.reminders.plan() == 2
    assert await world.reminders.plan() == 0


async def test_two_processes_plan_nobody_twice(database_url: str, machine: Machine) -> None:
    async with Machine(database_url) as other:
        first, second = World(machine, Accounts()), World(other, Accounts())
        for number in range(30):
            await first.person(str(number))
        planned = await asyncio.gather(*(one.reminders.plan() for one in (first, second) * 3))
        assert sum(planned) == 30
        assert len(await machine.rows("SELECT 1 FROM procrastinate_jobs")) == 30


async def test_two_processes_remind_once(database_url: str, machine: Machine) -> None:
    async with Machine(database_url) as other:
        first, second = World(machine, Accounts()), World(other, Accounts())
        resident = await first.person()
        made = await asyncio.gather(
            *(one.reminders.remind(resident) for one in (first, second) * 4)
        )
        assert sum(made) == 1
        assert len(await machine.rows("SELECT 1 FROM outbox")) == 1


async def test_a_process_killed_before_the_commit_has_said_nothing_and_another_says_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    resident = await world.person()

    async def killed(*_: Any) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(sending, "queue_message", killed)
        with pytest.raises(asyncio.CancelledError):
            await world.reminders.remind(resident)
    assert await world.machine.rows("SELECT 1 FROM reminders") == []
    (row,) = await world.machine.rows("SELECT version FROM conversations")
    assert row.version == 3
    assert await world.reminders.remind(resident)


async def test_a_job_of_a_dead_process_is_done_by_another(world: World) -> None:
    await world.person()
    await world.wave()
    # As the death of the process that had taken the job leaves it.
    await world.machine.run("UPDATE procrastinate_jobs SET status = 'doing'")
    await world.machine.start()
    await world.machine.vk.until_sent(1)


async def test_a_reading_given_after_the_wave_was_planned_stops_it(world: World) -> None:
    await world.person()
    await world.wave()
    world.billing.give()
    await world.machine.start()
    await world.done()
    assert world.machine.vk.sent == []
    assert world.billing.asked == [ONE]


async def test_a_reading_that_billing_has_not_answered_yet_counts(world: World) -> None:
    resident = await world.person()
    world.machine.billing.troubles.append(BillingUnavailable(Trouble.TIMEOUT))
    reading = ConfirmedReading("m-1", "ГВС", Decimal(5))
    await world.machine.submissions.submit(resident, ONE, [reading], event_id="e")
    assert not await world.reminders.remind(resident)


async def test_a_wish_withdrawn_while_billing_is_asked_stops_it(world: World) -> None:
    resident = await world.person()

    async def stop() -> None:
        await world.choices.turn_off(resident, NOON)

    world.billing.during = stop
    assert not await world.reminders.remind(resident)
    assert await world.machine.rows("SELECT 1 FROM reminders") == []
