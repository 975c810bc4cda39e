"""Sends reminders: planned in waves, decided with billing's word, queued once.

    plan (every minute, in one process) ──▶ remind (a job per resident) ──▶ outbox ──▶ messenger

The rows that a reminder is remembered by, its message and its buttons are committed together, so
there is one per resident, period and kind whatever dies. Just before it leaves, the outbox asks
`is_withdrawn`: a message that waited for its messenger must not come at night, or after a reading.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.billing.errors import AccountNotFound, BillingError
from backend.billing.model import Account
from backend.billing.port import Billing
from backend.delivery.model import Keyboard, OutgoingMessage
from backend.delivery.outbox import queue_message
from backend.delivery.queue import REMINDERS, Queue, TryAgain, defer_sql
from backend.delivery.stored import keyboard_from_json, keyboard_to_json
from backend.delivery.turn import Said
from backend.delivery.worker import Running
from backend.reminders.schedule import Daytime, Plan, make_plan
from backend.storage.database import DATABASE_ERRORS, Database

logger = logging.getLogger(__name__)

# The outbox's guard of these keys is Reminders.is_withdrawn.
KEY = "remind"
# A resident who has just written is not interrupted.
QUIET = timedelta(minutes=10)
# Billing was away: the resident is looked at again.
BILLING_AGAIN = timedelta(minutes=15)
# A planned resident comes up again after this, should the job have been removed by hand.
PLANNED_AGAIN = timedelta(hours=2)
# No messenger shows more rows of buttons.
MOST_BUTTONS = 10

_PLAN = text(f"""
    WITH due AS MATERIALIZED (
        SELECT resident FROM reminder_choices JOIN residents USING (resident)
         WHERE wanted AND look_at <= :now AND unreachable_since IS NULL
           AND reminder_choices.channel = ANY(:channels)
           AND EXISTS (SELECT 1 FROM linked_accounts
                        WHERE linked_accounts.resident = reminder_choices.resident)
         ORDER BY look_at LIMIT :wave
           FOR UPDATE OF reminder_choices SKIP LOCKED
    ), planned AS (
        UPDATE reminder_choices SET look_at = :again FROM due
         WHERE reminder_choices.resident = due.resident
        RETURNING reminder_choices.resident
    ), numbered AS (
        SELECT resident, row_number() OVER () - 1 AS place FROM planned
    )
    SELECT resident, {
    defer_sql(
        REMINDERS,
        "remind",
        "'remind:' || resident",
        "jsonb_build_object('resident', resident)",
        "now() + make_interval(secs => place * CAST(:pause AS float))",
    )
} FROM numbered
""")
_PERSON = text("""
    SELECT reminder_choices.channel, reminder_choices.user_id, chosen_at,
           coalesce(conversations.updated_at > now() - make_interval(secs => :quiet), false)
               AS talking,
           ARRAY(SELECT account FROM linked_accounts
                  WHERE linked_accounts.resident = reminder_choices.resident ORDER BY id)
               AS accounts
      FROM reminder_choices JOIN residents USING (resident) LEFT JOIN conversations USING (resident)
     WHERE resident = :resident AND wanted AND unreachable_since IS NULL
""")
# What went through the bot: readings billing has not confirmed yet, and those given before the
# period opened that count in it all the same.
_GIVEN = text("""
    SELECT account, receipt->>'period' AS period, readings FROM submissions
     WHERE account = ANY(:accounts) AND state <> 'refused'
       AND submitted_at > now() - interval '70 days'
""")
_STILL_WANTED = text("""
    SELECT 1 FROM reminder_choices JOIN residents USING (resident)
     WHERE resident = :resident AND wanted AND unreachable_since IS NULL
       FOR UPDATE OF reminder_choices
""")
_REMEMBER = text("""
    INSERT INTO reminders (resident, period, kind, accounts, message_key, expires_at)
    VALUES (:resident, :period, :kind, :accounts, :key, :expires_at)
        ON CONFLICT (resident, period, kind) DO NOTHING
    RETURNING id
""")
_LOOK_AT = text("""
    UPDATE reminder_choices SET look_at = :look_at WHERE resident = :resident AND wanted
""")
_KEYBOARDS = text("SELECT keyboards FROM conversations WHERE resident = :resident FOR UPDATE")
# A turn that is under way read the older version: it runs again, with the new keyboard.
_SHOW = text("""
    UPDATE conversations SET version = version + 1, keyboards = CAST(:keyboards AS jsonb)
     WHERE resident = :resident
""")
_FATE = text("""
    SELECT coalesce(bool_or(wanted), false) AS wanted, bool_or(expires_at < :now) AS expired,
           bool_or(EXISTS (
               SELECT 1 FROM submissions
                WHERE submissions.resident = reminders.resident AND state <> 'refused'
                  AND account = ANY(reminders.accounts) AND submitted_at > reminders.created_at
           )) AS given, count(*) AS known
      FROM reminders LEFT JOIN reminder_choices USING (resident)
     WHERE reminders.resident = :resident AND message_key = :key
""")
_TAKE_BACK = text("""
    WITH gone AS (DELETE FROM reminders WHERE resident = :resident AND message_key = :key)
    UPDATE reminder_choices SET look_at = least(look_at, now())
     WHERE resident = :resident AND wanted
""")

# Words a reminder for a channel: its text and its buttons.
Words = Callable[[str, Plan], Said]


@dataclass(frozen=True)
class Pace:
    """When and how fast residents are written to, and in which messengers."""

    daytime: Daytime
    per_minute: int
    channels: Sequence[str]


class Reminders:
    """The periodic task, the job and the last check before a reminder leaves."""

    def __init__(
        self,
        database: Database,
        billing: Billing,
        words: Words,
        pace: Pace,
        now: Callable[[], datetime],
    ) -> None:
        """`now` gives a time with a zone."""
        self._database = database
        self._billing = billing
        self._words = words
        self._pace = pace
        self._now = now

    def register(self, queue: Queue) -> None:
        """Registers the task of every minute and the job per resident."""
        queue.task("remind", REMINDERS, self._run)
        queue.periodic("plan_reminders", REMINDERS, "* * * * *", self._plan_due)

    async def _plan_due(self) -> None:
        await self.plan()

    async def plan(self) -> int:
        """Plans the next wave, spread over a minute; returns how many residents are in it."""
        now = self._now()
        if not self._pace.daytime.includes(now) or not self._pace.channels:
            return 0
        async with self._database.autocommit() as connection:
            rows = await connection.execute(
                _PLAN,
                {
                    "now": now,
                    "again": now + PLANNED_AGAIN,
                    "wave": self._pace.per_minute,
                    "pause": 60 / self._pace.per_minute,
                    "channels": list(self._pace.channels),
                },
            )
            planned = len(rows.all())
        if planned:
            logger.info("reminders: %s residents are looked at", planned)
        return planned

    async def _run(self, *, resident: str, job: Running, at: str | None = None) -> None:
        try:
            await self.remind(resident, at=None if at is None else datetime.fromisoformat(at))
        except DATABASE_ERRORS as error:
            raise TryAgain(f"database: {type(error).__name__}", after=2) from error

    async def remind(self, resident: str, at: datetime | None = None) -> bool:
        """Reminds one resident if that is due; True if a message was queued.

        `at` tries out what another moment would bring: the hour does not matter then.
        """
        now, daytime = at or self._now(), self._pace.daytime
        async with self._database.autocommit() as connection:
            query = {"resident": resident, "quiet": QUIET.total_seconds()}
            person = (await connection.execute(_PERSON, query)).one_or_none()
        if person is None or not person.accounts:
            return False
        if at is None and not daytime.includes(now):
            await self._look_again(resident, daytime.next(now))
            return False
        if at is None and person.talking:
            await self._look_again(resident, now + QUIET)
            return False
        try:
            accounts = await self._ask_billing(person.accounts)
        except BillingError as error:
            logger.info("reminders: billing is away: %s", type(error).__name__)
            await self._look_again(resident, now + BILLING_AGAIN)
            return False
        today = daytime.day(now)
        plan = make_plan(
            accounts,
            await self._given(accounts),
            today=today,
            since=daytime.day(person.chosen_at),
        )
        expires_at = daytime.ends(today) if at is None else self._now() + timedelta(hours=1)
        next_look = daytime.begins(plan.next_day) if at is None else None
        return await self._remember(resident, person, plan, expires_at, next_look)

    async def is_withdrawn(self, resident: str, key: str) -> bool:
        """True if the queued reminder `key` must not be sent any more; see outbox.Guard."""
        async with self._database.transaction() as connection:
            query = {"resident": resident, "key": key}
            fate = (await connection.execute(_FATE, {**query, "now": self._now()})).one()
            if fate.known and fate.wanted and not fate.expired and not fate.given:
                return False
            # Never sent, so it may be made anew, with what is true then.
            await connection.execute(_TAKE_BACK, query)
        logger.info("reminders: one is withdrawn")
        return True

    async def _ask_billing(self, numbers: Sequence[str]) -> list[Account]:
        # One after another: the pace of residents is then billing's too.
        accounts = []
        for number in numbers:
            try:
                accounts.append(await self._billing.account(number))
            except AccountNotFound:
                continue
        return accounts

    async def _given(self, accounts: Sequence[Account]) -> set[tuple[str, str, str]]:
        periods = {account.number: account.period.month for account in accounts}
        async with self._database.autocommit() as connection:
            rows = (await connection.execute(_GIVEN, {"accounts": list(periods)})).all()
        # Without a receipt the readings are on their way, into the period that is open now.
        return {
            (row.account, row.period or periods[row.account], reading["meter_id"])
            for row in rows
            for reading in row.readings
        }

    async def _look_again(self, resident: str, when: datetime) -> None:
        async with self._database.autocommit() as connection:
            await connection.execute(_LOOK_AT, {"resident": resident, "look_at": when})

    async def _remember(
        self,
        resident: str,
        person: Any,
        plan: Plan,
        expires_at: datetime,
        next_look: datetime | None,
    ) -> bool:
        key = f"{KEY}:{resident}:{uuid4().hex}"
        async with self._database.transaction() as connection:
            query = {"resident": resident}
            if (await connection.execute(_STILL_WANTED, query)).one_or_none() is None:
                return False
            if next_look is not None:
                await connection.execute(_LOOK_AT, {**query, "look_at": next_look})
            fresh = False
            for period, kind in plan.due:
                row = {
                    **query,
                    "period": period,
                    "kind": kind.value,
                    "accounts": [one.account.number for one in plan.missing],
                    "key": key,
                    "expires_at": expires_at,
                }
                fresh |= (await connection.execute(_REMEMBER, row)).one_or_none() is not None
            if not fresh:
                return False
            said = self._words(person.channel, plan)
            await queue_message(
                connection,
                OutgoingMessage(
                    key=key,
                    channel=person.channel,
                    user_id=person.user_id,
                    text=said.text,
                    keyboard=await _keyboard(connection, resident, said),
                ),
            )
        logger.info("reminders: one (%s) for %s", plan.kind.value, person.channel)
        return True


async def _keyboard(connection: AsyncConnection, resident: str, said: Said) -> Keyboard | None:
    """The keyboard on the resident's screen with the reminder's buttons added to it.

    So the open question keeps its buttons, under its own id, and goes on.
    """
    found = (await connection.execute(_KEYBOARDS, {"resident": resident})).one_or_none()
    if found is None or not found.keyboards:
        return None
    *earlier, current = [keyboard_from_json(stored) for stored in found.keyboards]
    known = {button.payload for button in current.buttons}
    added = tuple(button for button in said.buttons if button.payload not in known)
    shown = Keyboard(current.question, current.buttons + added)
    if len(shown.buttons) > MOST_BUTTONS:
        return current
    boards = [keyboard_to_json(board) for board in (*earlier, shown)]
    await connection.execute(
        _SHOW, {"resident": resident, "keyboards": json.dumps(boards, ensure_ascii=False)}
    )
    return shown
