"""What was given up or waits for long, for an operator to see and to try again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from backend.delivery.masking import mask
from backend.delivery.queue import BILLING, MESSAGES, TURNS, defer_sql
from backend.storage.database import Database

LONG_WAIT = "15 minutes"
MOST_LISTED = 500

_LIST = text("""
    SELECT 'in-' || id AS name, resident, received_at AS since, attempts, error,
           event->>'text' AS about
      FROM inbox WHERE state = 'parked'
     UNION ALL
    SELECT 'out-' || id, resident, created_at, attempts, error, message->>'text'
      FROM outbox WHERE state = 'parked'
     UNION ALL
    SELECT 'sub-' || id, resident, submitted_at, attempts, error, account
      FROM submissions
     WHERE state NOT IN ('accepted', 'refused')
       AND submitted_at < now() - CAST(CAST(:wait AS text) AS interval)
     ORDER BY since LIMIT :most
""")
_EVENT = text(f"""
    WITH again AS (
        UPDATE inbox SET state = 'stored', attempts = 0, error = NULL, done_at = NULL
         WHERE id = :id AND state = 'parked' RETURNING id, resident
    )
    SELECT id, {defer_sql(TURNS, "turn", "resident", "jsonb_build_object('inbox_id', id)")}
      FROM again
""")
# Its age begins anew, or the first hitch would park it at once.
_MESSAGE = text(f"""
    WITH again AS (
        UPDATE outbox SET state = 'queued', attempts = 0, error = NULL, created_at = now()
         WHERE id = :id AND state = 'parked' RETURNING id, resident
    )
    SELECT id, {
    defer_sql(MESSAGES, "deliver", "'out:' || resident", "jsonb_build_object('resident', resident)")
} FROM again
""")
# Its job waits for its next attempt: it becomes due, or is made anew should it be missing.
_SUBMISSION = text(f"""
    WITH again AS (
        UPDATE submissions SET not_before = NULL
         WHERE id = :id AND state NOT IN ('accepted', 'refused') RETURNING id, account
    ), due AS (
        UPDATE procrastinate_jobs AS jobs SET scheduled_at = now() FROM again
         WHERE jobs.task_name = 'settle' AND jobs.status IN ('todo', 'doing')
           AND jobs.args->>'submission_id' = CAST(again.id AS text)
        RETURNING jobs.id
    )
    SELECT id, CASE WHEN NOT EXISTS (SELECT 1 FROM due) THEN {
    defer_sql(BILLING, "settle", "'bill:' || account", "jsonb_build_object('submission_id', id)")
} END FROM again
""")
_REPLAYS = {"in": _EVENT, "out": _MESSAGE, "sub": _SUBMISSION}


class NotParked(Exception):
    """There is no parked entry of this name."""


@dataclass(frozen=True)
class Entry:
    """One line of the list. `name` is what `replay` takes; numbers in `about` are masked."""

    name: str
    resident: str
    since: datetime
    attempts: int
    error: str
    about: str


class Parked:
    """Lists and replays parked events and messages, and submissions that wait for long."""

    def __init__(self, database: Database) -> None:
        """`database` may be in use by any number of serving processes."""
        self._database = database

    async def entries(self) -> Sequence[Entry]:
        """The oldest MOST_LISTED entries, oldest first."""
        async with self._database.autocommit() as connection:
            rows = await connection.execute(_LIST, {"wait": LONG_WAIT, "most": MOST_LISTED})
            return [
                Entry(
                    name=row.name,
                    resident=row.resident,
                    since=row.since,
                    attempts=row.attempts,
                    error=mask(row.error or ""),
                    about=mask(row.about or ""),
                )
                for row in rows
            ]

    async def replay(self, name: str) -> None:
        """Tries the entry again in whatever process serves.

        Raises:
            NotParked: no such entry, or it was replayed already.
        """
        kind, _, number = name.partition("-")
        statement = _REPLAYS.get(kind)
        if statement is None or not (number.isascii() and number.isdigit() and len(number) < 19):
            raise NotParked(name)
        async with self._database.autocommit() as connection:
            found = await connection.execute(statement, {"id": int(number)})
            if found.one_or_none() is None:
                raise NotParked(name)
