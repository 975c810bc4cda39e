"""One machine with reminders, billing's accounts and a clock that tests turn."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from backend.billing.errors import AccountNotFound
from backend.billing.model import Account, Meter, Period
from backend.delivery.model import Button
from backend.delivery.turn import Said
from backend.reminders.choices import ReminderChoices
from backend.reminders.schedule import Daytime, Plan
from backend.reminders.sending import Pace, Reminders
from tests.durability_fakes import Machine, eventually

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
