"""What the operator asks about reminders: who wants them, what was sent, and trying them out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from backend.delivery.queue import REMINDERS, defer_sql
from backend.storage.database import Database

_CHOICES = text("""
    SELECT count(*) FILTER (WHERE wanted),
           count(*) FILTER (WHERE wanted AND unreachable_since IS NOT NULL),
           count(*) FILTER (WHERE NOT wanted)
      FROM reminder_choices LEFT JOIN residents USING (resident)
""")
_SENT = text("""
    SELECT period, kind, coalesce(state, 'sent') AS state, count(*) AS number
      FROM reminders LEFT JOIN outbox ON outbox.key = message_key
     GROUP BY 1, 2, 3 ORDER BY 1 DESC, 2, 3
""")
_TRY = text(f"""
    SELECT resident, {
    defer_sql(
        REMINDERS,
        "remind",
        "'remind:' || resident",
        "jsonb_build_object('resident', resident, 'at', CAST(:at AS text))",
    )
} FROM reminder_choices WHERE wanted
""")


@dataclass(frozen=True)
class Sent:
    """How many reminders of one kind and period are in one state of the outbox."""

    period: str
    kind: str
    state: str
    number: int


async def choices(database: Database) -> tuple[int, int, int]:
    """How many residents want reminders, how many of them are unreachable, how many refused."""
    async with database.autocommit() as connection:
        wanted, unreachable, refused = (await connection.execute(_CHOICES)).one()
    return wanted, unreachable, refused


async def sent(database: Database) -> list[Sent]:
    """What became of the reminders, newest period first; old messages count as sent."""
    async with database.autocommit() as connection:
        rows = (await connection.execute(_SENT)).all()
    return [Sent(row.period, row.kind, row.state, row.number) for row in rows]


async def try_out(database: Database, at: datetime) -> int:
    """Makes the running bot look at everybody as if it were `at`; returns how many."""
    async with database.autocommit() as connection:
        return len((await connection.execute(_TRY, {"at": at.isoformat()})).all())
