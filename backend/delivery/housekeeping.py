"""Deletes what is no longer needed, once an hour, in one process at a time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from backend.delivery.queue import MESSAGES, Queue
from backend.storage.database import Database

# Repeated deliveries are known for longer than any messenger repeats them (48 hours promised).
KEEP_EVENTS = "7 days"
KEEP_MESSAGES = "30 days"
# Longer than any address of a picture is valid after the picture was sent.
KEEP_PICTURES = "16 days"
KEEP_LOG = "90 days"
# Wrong account numbers count for an hour.
KEEP_WRONG_NUMBERS = "2 hours"
# Who was told of another's link; open objections stay.
KEEP_NOTICES = "90 days"
# A period of billing is over long before.
KEEP_REMINDERS = "400 days"

_OLD = "now() - CAST(CAST(:age AS text) AS interval)"
_STATEMENTS = {
    "inbox": f"DELETE FROM inbox WHERE state = 'done' AND received_at < {_OLD}",
    "outbox": f"""DELETE FROM outbox WHERE state IN ('sent', 'unreachable', 'withdrawn')
                  AND created_at < {_OLD}""",
    "pictures": f"""UPDATE outbox SET picture = NULL WHERE picture IS NOT NULL
                    AND state IN ('sent', 'unreachable') AND created_at < {_OLD}""",
    "log": f"DELETE FROM event_log WHERE at < {_OLD}",
    "wrong_numbers": f"DELETE FROM wrong_numbers WHERE at < {_OLD}",
    "notices": f"""DELETE FROM link_notices WHERE told_at < {_OLD}
                   AND (objected_at IS NULL OR closed_at IS NOT NULL)""",
    "reminders": f"DELETE FROM reminders WHERE created_at < {_OLD}",
}


class Housekeeping:
    """The periodic task that keeps every table bounded."""

    def __init__(self, database: Database, keep_log: str = KEEP_LOG) -> None:
        """`keep_log` is a PostgreSQL interval: how long the event log is kept."""
        self._database = database
        self._ages = {
            "inbox": KEEP_EVENTS,
            "outbox": KEEP_MESSAGES,
            "pictures": KEEP_PICTURES,
            "log": keep_log,
            "wrong_numbers": KEEP_WRONG_NUMBERS,
            "notices": KEEP_NOTICES,
            "reminders": KEEP_REMINDERS,
        }

    def register(self, queue: Queue) -> None:
        """Registers the hourly task."""
        queue.periodic("housekeeping", MESSAGES, "17 * * * *", self.run)

    async def run(self, **_: Any) -> None:
        """Deletes everything that is too old."""
        for name, statement in _STATEMENTS.items():
            async with self._database.autocommit() as connection:
                await connection.execute(text(statement), {"age": self._ages[name]})
