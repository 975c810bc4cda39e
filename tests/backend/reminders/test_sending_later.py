"""A reminder whose moment is wrong waits, keeps its buttons, and is sent only while it is true."""

from __future__ import annotations

import asyncio
import contextvars
import json
from datetime import date
from decimal import Decimal
from typing import Any

from backend.billing.errors import BillingUnavailable, Trouble
from backend.billing.model import Account, Period
from backend.delivery.messenger import ResidentUnreachable, RetryLater
from backend.delivery.turn import Turn
from backend.readings.outcomes import ConfirmedReading
from backend.reminders import sending
from tests.backend.reminders.reminder_world import BUTTONS, METER, NOON, ONE, World
from tests.durability_fakes import FakeMessenger, FakeTalk, eventually


async def test_billing_away_means_later(world: World) -> None:
    resident = await world.person()
    world.billing.troubles.append(BillingUnavailable(Trouble.TIMEOUT))
    assert not await world.reminders.remind(resident)
    assert await world.reminders.plan() == 0
    world.now += sending.BILLING_AGAIN
    assert await world.reminders.plan() == 1
    assert await world.reminders.remind(resident)


async def test_who_writes_at_this_moment_is_reminded_later(world: World) -> None:
    resident = await world.person()
    await world.machine.run("UPDATE conversations SET updated_at = now()")
    assert not await world.reminders.remind(resident)
    await world.machine.run("UPDATE conversations SET updated_at = now() - interval '11 minutes'")
    world.now += sending.QUIET
    assert await world.reminders.plan() == 1
    assert await world.reminders.remind(resident)


async def test_who_blocked_the_bot_is_left_alone_until_they_return(world: World) -> None:
    resident = await world.person()
    world.machine.vk.troubles.append(ResidentUnreachable("blocked", code=901))
    await world.machine.start()
    await world.wave()
    await eventually(lambda: world.machine.rows("SELECT 1 FROM outbox WHERE state = 'unreachable'"))
    december = Period("2026-12", open=True, opens=date(2026, 12, 1), closes=date(2026, 12, 25))
    world.billing.known[ONE] = Account(ONE, december, (METER,))
    world.now = NOON.replace(month=12)
    assert await world.reminders.plan() == 0
    assert not await world.reminders.remind(resident)
    await world.machine.say("снова я")
    await world.machine.vk.until_sent(1)
    await world.machine.run("UPDATE conversations SET updated_at = now() - interval '1 day'")
    assert await world.wave() == 1
    assert (await world.machine.vk.until_sent(2))[1] == f"vk closing {ONE}"


async def test_who_unsubscribed_is_left_alone(world: World) -> None:
    resident = await world.person("1", channel="viber")
    await world.machine.inbox.resident_left("viber", "1")
    assert await world.reminders.plan() == 0
    assert not await world.reminders.remind(resident)


async def test_the_open_question_keeps_its_buttons_and_its_id(world: World) -> None:
    resident = await world.person()
    confirm = [["Подтверждаю", "/affirm"], ["Не подтверждаю", "/deny"]]
    await world.machine.run(
        "UPDATE conversations SET keyboards = CAST(:k AS jsonb)",
        k=json.dumps([{"question": "3", "buttons": confirm}]),
    )
    await world.reminders.remind(resident)
    (row,) = await world.machine.rows("SELECT version, keyboards FROM conversations")
    (shown,) = row.keyboards
    assert shown["question"] == "3"
    assert shown["buttons"] == [*confirm, *([one.caption, one.payload] for one in BUTTONS)]
    assert row.version == 4
    (message,) = await world.machine.rows("SELECT message FROM outbox")
    assert message.message["keyboard"] == shown


async def test_a_second_reminder_adds_no_button_twice(world: World) -> None:
    resident = await world.person()
    for world.now in (NOON.replace(day=1), NOON):
        assert await world.reminders.remind(resident)
    (row,) = await world.machine.rows("SELECT keyboards FROM conversations")
    assert [payload for _, payload in row.keyboards[0]["buttons"]] == [
        "/submit_readings",
        "/list_accounts",
        "/turn_off_reminders",
    ]


async def test_a_turn_under_way_runs_again_with_the_reminders_buttons(world: World) -> None:
    resident = await world.person()
    seen: list[int] = []

    async def during(turn: Turn) -> None:
        seen.append(turn.version)
        if len(seen) == 1:
            # Another process does not share the turn's transaction.
            alone = contextvars.Context().run(
                asyncio.ensure_future, world.reminders.remind(resident)
            )
            assert await alone

    assert isinstance(world.machine.talk, FakeTalk)
    world.machine.talk.during = during
    await world.machine.start()
    await world.machine.say("привет")
    await world.machine.vk.until_sent(2)
    assert seen == [3, 4]


async def stuck(world: World) -> FakeMessenger:
    """A queued reminder whose messenger wants it later."""
    await world.person()
    vk = world.machine.vk
    vk.troubles.append(RetryLater("flood", code=9, after=3600))
    await world.machine.start()
    await world.wave()
    await eventually(lambda: world.machine.rows("SELECT 1 FROM outbox WHERE attempts = 1"))
    await world.done()
    return vk


async def retry(world: World) -> list[Any]:
    await world.machine.run("UPDATE procrastinate_jobs SET scheduled_at = now()")
    await eventually(lambda: world.machine.rows("SELECT 1 FROM outbox WHERE state <> 'queued'"))
    return [row.state for row in await world.machine.rows("SELECT state FROM outbox ORDER BY id")]


async def test_a_reminder_that_waited_is_sent_while_it_is_true(world: World) -> None:
    vk = await stuck(world)
    assert await retry(world) == ["sent"]
    assert len(vk.sent) == 1


async def test_a_reminder_that_waited_until_the_night_comes_by_day(world: World) -> None:
    vk = await stuck(world)
    world.now = NOON.replace(hour=20)
    assert await retry(world) == ["withdrawn"]
    world.now = NOON.replace(day=24)
    assert await world.wave() == 1
    assert await vk.until_sent(1) == [f"vk closing {ONE}"]


async def test_a_reminder_that_waited_is_not_sent_after_a_reading(world: World) -> None:
    vk = await stuck(world)
    reading = ConfirmedReading("m-1", "ГВС", Decimal(5))
    await world.machine.submissions.submit("vk:1", ONE, [reading], event_id="e")
    assert await retry(world) == ["withdrawn"]
    assert vk.sent == []


async def test_a_reminder_that_waited_is_not_sent_to_who_stopped_them(world: World) -> None:
    vk = await stuck(world)
    await world.choices.turn_off("vk:1", NOON)
    assert await retry(world) == ["withdrawn"]
    assert vk.sent == []
