"""Who wants to be reminded: asked for and stopped by the resident, offered at most twice."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time, timedelta

from sqlalchemy import text
from sqlalchemy.sql.elements import TextClause

from backend.storage.database import Database

MOST_OFFERS = 2
# An offer that was passed over is not repeated in the same month.
OFFER_AGAIN = "25 days"

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
# Not after the very first readings: whoever comes again has a use for it.
_OFFER = text(f"""
    INSERT INTO reminder_choices (resident, channel, user_id, offers, offered_at)
    SELECT :resident, :channel, :user_id, 1, now()
     WHERE EXISTS (SELECT 1 FROM submissions
                    WHERE key = :key AND resident = :resident AND state = 'accepted')
       AND EXISTS (SELECT 1 FROM submissions
                    WHERE key <> :key AND resident = :resident AND state = 'accepted')
        ON CONFLICT (resident) DO UPDATE
       SET offers = reminder_choices.offers + 1, offered_at = now()
     WHERE reminder_choices.wanted IS NULL AND reminder_choices.offers < {MOST_OFFERS}
       AND reminder_choices.offered_at < now() - interval '{OFFER_AGAIN}'
    RETURNING resident
""")


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
        key = f"{resident.partition(':')[0]}:{event_id}"
        return await self._write(_OFFER, resident, key=key)

    async def _write(self, statement: TextClause, resident: str, **values: object) -> bool:
        channel, _, user_id = resident.partition(":")
        person = {"resident": resident, "channel": channel, "user_id": user_id}
        async with self._database.transaction() as connection:
            result = await connection.execute(statement, {**person, **values})
        return result.first() is not None
