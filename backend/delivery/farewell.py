"""The end of a turn in which a resident had everything deleted.

In one transaction: all rows of the resident go, those of this turn too, and what it says is queued
in rows that go as soon as they are sent.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.delivery.model import IncomingEvent
from backend.delivery.queue import MESSAGES, defer_sql
from backend.privacy.erasure import erase

_VERSION = text("SELECT version FROM conversations WHERE resident = :resident FOR UPDATE")
_FAREWELL = text(f"""
    WITH queued AS (
        INSERT INTO outbox (key, resident, channel, user_id, message, forget)
        SELECT message->>'key', :resident, :channel, :user_id, message - 'picture', true
          FROM jsonb_array_elements(CAST(:messages AS jsonb)) AS message
    )
    SELECT {
    defer_sql(
        MESSAGES,
        "deliver",
        "'out:' || CAST(:resident AS text)",
        "jsonb_build_object('resident', CAST(:resident AS text))",
    )
}
""")


async def leave_nothing(
    connection: AsyncConnection,
    event: IncomingEvent,
    inbox_id: int,
    version: int,
    messages: list[dict[str, Any]],
) -> bool:
    """Deletes everything of the event's resident and queues `messages`, JSON as the outbox has it.

    False, and nothing was done, if the conversation is not the one of `version` any more.
    """
    found = await connection.execute(_VERSION, {"resident": event.resident})
    if (found.scalar_one_or_none() or 0) != version:
        return False
    await erase(connection, event.resident, inbox_id)
    await connection.execute(
        _FAREWELL,
        {
            "resident": event.resident,
            "channel": event.channel,
            "user_id": event.user_id,
            "messages": json.dumps(messages, ensure_ascii=False),
        },
    )
    return True
