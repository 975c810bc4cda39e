"""Who wants to be reminded: asked for and stopped by the resident, offered at most twice."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time, timedelta
from functools import partial

from sqlalchemy import text
from sqlalchemy.sql.elements import TextClause

from backend.asked import once
from backend.delivery.turn import Change, write_with_turn
from backend.readings.outcomes import accepted_in
from backend.reminders.offering import may_be_offered_sql, question
from backend.storage.database import Database

_TURN_ON = text("""
    INSERT INTO reminder_choices (resident, channel, user_id, wanted, chosen_at, look_at)
    VALUES (:resident, :channel, :user_id, true, :now, :look_at)
        ON CONFLICT (resident) DO UPDATE
       SET wanted = true, chosen_at = :now, look_at = :look_at
     WHERE reminder_choices.wanted IS NOT TRUE
    RETURNING resident
""")
_TURN_OFF = text("""
    INSERT INTO reminder_choices (resident, channel, user_id, wanted, chosen_at)
    VALUES (:resident, :channel, :user_id, false, :now)
        ON CONFLICT (resident) DO UPDATE SET wanted = false, chosen_at = :now, look_at = NULL
     WHERE reminder_choices.wanted IS NOT FALSE
    RETURNING resident
""")
_WANTED = text("SELECT wanted FROM reminder_choices WHERE resident = :resident")
_ACCEPTED = text("""
    SELECT EXISTS (SELECT 1 FROM submissions WHERE key = :key AND state = 'accepted')
""")
_MAY_BE_OFFERED = text("SELECT " + may_be_offered_sql(":resident", ":key"))
_OFFERED = """
    INSERT INTO reminder_choices (resident, channel, user_id, offers, offered_at)
    SELECT :offered_resident, :offered_channel, :offered_user_id, 1, now() WHERE HOLDS
        ON CONFLICT (resident) DO UPDATE
       SET offers = reminder_choices.offers + 1, offered_at = now()
"""


class ReminderChoices:
    """Each resident's choice; every change belongs to the turn's transaction."""

    def __init__(self, database: Database, channels: Collection[str]) -> None:
        """`channels` are the messengers in which reminders are sent at all."""
        self._database = database
        self._channels = frozenset(channels)

    def sent_in(self, resident: str) -> bool:
        """True if reminders are sent in the resident's messenger."""
        return resident.partition(":")[0] in self._channels

    async def wanted(self, resident: str) -> bool | None:
        """True or False as the resident chose; None without a choice."""
        async with self._database.statement() as connection:
            found = await connection.execute(_WANTED, {"resident": resident})
            wanted: bool | None = found.scalar_one_or_none()
        return wanted

    async def turn_on(self, resident: str, now: datetime) -> None:
        """Reminds from tomorrow on; `now` is in the utility's zone."""
        tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
        await self._write(_TURN_ON, resident, now=now, look_at=tomorrow)

    async def turn_off(self, resident: str, now: datetime) -> None:
        """Reminds no more, and does not offer it again."""
        await self._write(_TURN_OFF, resident, now=now)

    async def may_offer(self, resident: str, event_id: str) -> bool:
        """True, and counted as an offer, if this event's readings were accepted and none is due."""
        if not self.sent_in(resident):
            return False
        channel, _, user_id = resident.partition(":")
        key = f"{channel}:{event_id}"
        if not await once(accepted_in(key), lambda: self._is(_ACCEPTED, key=key)):
            return False
        may = partial(self._is, _MAY_BE_OFFERED, resident=resident, key=key)
        if not await once(question(resident), may):
            return False
        person = {
            "offered_resident": resident,
            "offered_channel": channel,
            "offered_user_id": user_id,
        }
        await write_with_turn(self._database, Change(_OFFERED, person))
        return True

    async def _is(self, statement: TextClause, **values: object) -> bool:
        async with self._database.statement() as connection:
            return bool((await connection.execute(statement, values)).scalar_one())

    async def _write(self, statement: TextClause, resident: str, **values: object) -> bool:
        channel, _, user_id = resident.partition(":")
        person = {"resident": resident, "channel": channel, "user_id": user_id}
        async with self._database.transaction() as connection:
            result = await connection.execute(statement, {**person, **values})
        return result.first() is not None
