"""A reminder is sent once, by day, to who wants it and lacks a reading, whatever dies."""

from __future__ import annotations

import asyncio
import contextvars
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from durability_fakes import FakeMessenger, FakeTalk, Machine, eventually

from backend.billing.errors import AccountNotFound, BillingUnavailable, Trouble
from backend.billing.model import Account, Meter, Period
from backend.delivery import queue as queue_module
from backend.delivery.messenger import ResidentUnreachable, RetryLater
from backend.delivery.model import Button
from backend.delivery.turn import Said, Turn
from backend.readings.outcomes import ConfirmedReading
from backend.reminders import sending
from backend.reminders.choices import ReminderChoices
from backend.reminders.counting import choices, sent, try_out
from backend.reminders.schedule import Daytime, Plan
from backend.reminders.sending import Pace, Reminders

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 23, 12, tzinfo=MOSCOW)
NOVEMBER = Period("2026-11", open=True, opens=date(2026, 11, 1), closes=date(2026, 11, 25))
METER = Meter("m-1", "1710051", "ГВС", "м³", 5, 3, accepts_readings=True)
ONE, TWO = "7060012345", "7060020003"
BUTTONS = (Button("Передать", "/submit_readings"), Button("Хватит", "/turn_off_reminders"))


class Accounts:
    """Billing's accounts; `troubles` are raised one by one."""

    def __init__(self) -> None:
        self.known = {number: Account(number, NOVEMBER, (METER,)) for number in (ONE, TWO)}
        self.troubles: list[Exception] = []
        self.asked: list[str] = []
        self.during: Callable[[], Awaitable[None]] | None = None

    async def account(self, number: str) -> Account:
        self.asked.append(number)
        if self.during is not None:
            await self.during()
        if self.troubles:
            raise self.troubles.pop(0)
        if number not in self.known:
            raise AccountNotFound
        return self.known[number]

    def give(self, number: str = ONE) -> None:
        """A reading given elsewhere."""
        account = self.known[number]
        given = replace(METER, last_reading_date=NOON.date())
        self.known[number] = replace(account, meters=(given,))


def words(channel: str, plan: Plan) -> Said:
    named = ",".join(one.account.number for one in plan.missing)
    return Said(f"{channel} {plan.kind.value} {named}", BUTTONS)


class World:
    """One machine with reminders, and a clock that tests turn."""

    def __init__(self, machine: Machine, billing: Accounts, **pace: Any) -> None:
        self.machine = machine
        self.billing = billing
        self.now = NOON
        self.reminders = Reminders(
            machine.database,
            billing,  # type: ignore[arg-type]
            words,
            Pace(Daytime(MOSCOW, 10, 19), pace.pop("per_minute", 600), ("vk", "viber")),
            lambda: self.now,
        )
        self.choices = ReminderChoices(machine.database, ("vk", "viber"))
        machine.guards["remind"] = self.reminders.is_withdrawn
        self.reminders.register(machine.queue)

    async def person(
        self, user: str = "1", *accounts: str, channel: str = "vk", wants: bool = True
    ) -> str:
        """A resident with accounts, a menu on the screen and, since last month, a wish."""
        resident = f"{channel}:{user}"
        menu = [["Передать", "/submit_readings"], ["Счета", "/list_accounts"]]
        await self.machine.run(
            "INSERT INTO residents (resident, channel, user_id) VALUES (:r, :c, :u)",
            r=resident,
            c=channel,
            u=user,
        )
        await self.machine.run(
            "INSERT INTO conversations (resident, version, events, keyboards, updated_at)"
            " VALUES (:r, 3, '[]', CAST(:k AS jsonb), now() - interval '1 day')",
            r=resident,
            k=json.dumps([{"question": "3", "buttons": menu}]),
        )
        for account in accounts or (ONE,):
            await self.machine.run(
                "INSERT INTO linked_accounts (resident, account) VALUES (:r, :a)",
                r=resident,
                a=account,
            )
        if wants:
            await self.choices.turn_on(resident, NOON - timedelta(days=30))
        return resident

    async def wave(self) -> int:
        """Plans, as the periodic task does, and makes the planned jobs due."""
        planned = await self.reminders.plan()
        await self.machine.run("UPDATE procrastinate_jobs SET scheduled_at = now()")
        return planned

    async def done(self) -> None:
        """Waits until no job is left but those that wait for their time."""

        async def idle() -> bool:
            return not await self.machine.rows(
                "SELECT 1 FROM procrastinate_jobs WHERE status = 'doing'"
                " OR (status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()))"
            )

        await eventually(idle)


@pytest.fixture(autouse=True)
def prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "POLL", 0.05)


@pytest.fixture
async def machine(database_url: str) -> AsyncIterator[Machine]:
    async with Machine(database_url) as one:
        yield one


@pytest.fixture
def world(machine: Machine) -> World:
    return World(machine, Accounts())


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


async def test_the_operator_sees_who_wants_them_and_what_was_sent(world: World) -> None:
    await world.person("1")
    await world.person("2")
    await world.choices.turn_off(await world.person("3"), NOON)
    await world.machine.inbox.resident_left("vk", "2")
    await world.machine.start()
    await world.wave()
    await world.machine.vk.until_sent(1)
    await world.done()
    assert await choices(world.machine.database) == (2, 1, 1)
    (one,) = await sent(world.machine.database)
    assert (one.period, one.kind, one.state, one.number) == ("2026-11", "closing", "sent", 1)


async def test_the_operator_can_try_out_another_moment_by_night(world: World) -> None:
    await world.person()
    world.now = NOON.replace(day=10, hour=23)
    await world.machine.start()
    assert await try_out(world.machine.database, NOON) == 1
    await world.machine.vk.until_sent(1)
