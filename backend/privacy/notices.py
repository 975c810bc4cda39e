"""Tells those who have linked an account that somebody else has; keeps their objections.

The telling is a turn of the one who is told: it keeps its place among their messages, its buttons
are known to their conversation, and an open question stays open.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from sqlalchemy import text

from backend.delivery.model import EventKind, IncomingEvent
from backend.delivery.received import store_event
from backend.storage.database import Database

logger = logging.getLogger(__name__)

# Whoever links an account again and again does not make the bot write to the others each time.
MOST_A_DAY = 3
# An objection may come this late.
OBJECT_WITHIN = "30 days"
MOST_TOLD = 50

# In the order of residents: two turns that tell each other's residents never wait for each other.
_TO_TELL = text("""
    INSERT INTO link_notices (resident, account)
    SELECT residents.resident, :account
      FROM linked_accounts JOIN residents USING (resident)
     WHERE linked_accounts.account = :account AND residents.resident <> :resident
       AND residents.unreachable_since IS NULL
       AND (SELECT count(*) FROM link_notices AS told
             WHERE told.resident = residents.resident AND told.account = :account
               AND told.told_at > now() - interval '1 day') < :most_a_day
     ORDER BY residents.resident LIMIT :most
    RETURNING id, resident
""")
_OBJECT = text("""
    UPDATE link_notices SET objected_at = now()
     WHERE resident = :resident AND objected_at IS NULL
       AND told_at > now() - CAST(CAST(:within AS text) AS interval)
    RETURNING account
""")
_OBJECTIONS = text("""
    SELECT notice.id, notice.resident, notice.account, notice.objected_at,
           array(SELECT other.resident FROM linked_accounts AS other
                  WHERE other.account = notice.account AND other.resident <> notice.resident
                  ORDER BY other.id) AS others
      FROM link_notices AS notice
     WHERE notice.objected_at IS NOT NULL AND notice.closed_at IS NULL
     ORDER BY notice.id LIMIT 500
""")
_CLOSE = text("""
    UPDATE link_notices SET closed_at = now()
     WHERE id = :id AND objected_at IS NOT NULL AND closed_at IS NULL RETURNING account
""")


@dataclass(frozen=True)
class Objection:
    """Somebody objects to the others who have linked their account."""

    number: int
    resident: str
    account: str
    objected_at: datetime
    others: tuple[str, ...]


class LinkNotices:
    """The table of notices."""

    def __init__(self, database: Database) -> None:
        """`database` is shared with the turns."""
        self._database = database

    async def tell_others(self, resident: str, account: str) -> int:
        """Everybody else who has linked the account will be told; how many they are."""
        values = {
            "resident": resident,
            "account": account,
            "most_a_day": MOST_A_DAY,
            "most": MOST_TOLD,
        }
        async with self._database.transaction() as connection:
            told = (await connection.execute(_TO_TELL, values)).all()
            for notice in sorted(told, key=lambda row: str(row.resident)):
                channel, _, user_id = notice.resident.partition(":")
                await store_event(
                    connection,
                    IncomingEvent(
                        channel=channel,
                        event_id=f"notice:{notice.id}",
                        user_id=user_id,
                        kind=EventKind.LINKED,
                        received_at=datetime.now(timezone.utc),
                        text=account,
                    ),
                )
        return len(told)

    async def object(self, resident: str) -> tuple[str, ...]:
        """Keeps the resident's objection; the accounts it is about, none if nothing was told."""
        async with self._database.transaction() as connection:
            rows = await connection.execute(
                _OBJECT, {"resident": resident, "within": OBJECT_WITHIN}
            )
            accounts = tuple(dict.fromkeys(rows.scalars()))
        if accounts:
            logger.warning("a resident objects to another's link: python -m server.objections list")
        return accounts

    async def objections(self) -> Sequence[Objection]:
        """What an operator has to look at, oldest first."""
        async with self._database.autocommit() as connection:
            return [
                Objection(row.id, row.resident, row.account, row.objected_at, tuple(row.others))
                for row in await connection.execute(_OBJECTIONS)
            ]

    async def close(self, number: int) -> bool:
        """The objection was dealt with; False if there is no such open one."""
        async with self._database.autocommit() as connection:
            return (await connection.execute(_CLOSE, {"id": number})).one_or_none() is not None
