"""How connectors store what they received: the event and its job are committed together.

A webhook is answered only after `store` returned.
"""

from __future__ import annotations

import json
from typing import Any, Protocol

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.delivery.model import IncomingEvent, OutgoingMessage
from backend.delivery.queue import TURNS, give_sql, put_sql
from backend.delivery.stored import event_to_json
from backend.storage.database import DATABASE_ERRORS, Database


class StorageUnavailable(Exception):
    """The event could not be stored durably: the webhook must answer 503."""


class Inbox(Protocol):
    """Durable, duplicate-free storage of incoming events."""

    async def store(self, event: IncomingEvent) -> bool:
        """Stores the event and its processing; False if it was known already.

        Raises:
            StorageUnavailable: nothing was stored.
        """
        ...

    async def answer_now(self, event: IncomingEvent) -> list[OutgoingMessage]:
        """Stores the event, handles it at once and returns the answer instead of sending it.

        For Viber's conversation_started, whose answer is the webhook's response body. Returns an
        empty list for a repeated event or if the turn did not end in time.

        Raises:
            StorageUnavailable: nothing was stored.
        """
        ...

    async def resident_left(self, channel: str, user_id: str) -> None:
        """The resident forbade messages: nothing is sent until they write again."""
        ...


# The lock makes ids of one resident grow in the order of commits, across all processes.
_INSERT = """
    WITH alone AS MATERIALIZED (
        SELECT pg_advisory_xact_lock(hashtextextended(CAST(:resident AS text), 0))
    ), fresh AS (
        INSERT INTO inbox (channel, event_id, resident, event, received_at)
        SELECT :channel, :event_id, :resident, CAST(:event AS jsonb), :received_at FROM alone
            ON CONFLICT (channel, event_id) DO NOTHING
        RETURNING id
    )
"""
_TURN = (TURNS, "turn", "CAST(:resident AS text)", "jsonb_build_object('inbox_id', fresh.id)")
_PUT = put_sql(*_TURN, "CAST(:owner AS bigint)")
_STORE = text(f"{_INSERT} SELECT fresh.id, put.job_id, put.taken FROM fresh, {_PUT} AS put")
_HAND_OVER = text(f"{_INSERT} SELECT fresh.id FROM fresh, {give_sql(*_TURN)} AS given")
_STORE_ONLY = text(_INSERT + "SELECT id FROM fresh")
_LEFT = text("""
    WITH person AS (
        UPDATE residents SET unreachable_since = now()
         WHERE resident = :resident AND unreachable_since IS NULL
    ), last AS (
        DELETE FROM outbox WHERE resident = :resident AND state = 'queued' AND forget
    )
    UPDATE outbox SET state = 'unreachable'
     WHERE resident = :resident AND state = 'queued' AND NOT forget
""")


class HandingOver:
    """The inbox of a process that runs no turns: each is given to one that has room for it."""

    def __init__(self, database: Database) -> None:
        """`database` is shared with the processes that run turns."""
        self._database = database

    async def store(self, event: IncomingEvent) -> bool:
        """See Inbox.store."""
        try:
            return await self._store(event)
        except DATABASE_ERRORS:
            # A connection from before the database's restart. Storing twice is harmless.
            try:
                return await self._store(event)
            except DATABASE_ERRORS as error:
                raise StorageUnavailable(type(error).__name__) from error

    async def answer_now(self, event: IncomingEvent) -> list[OutgoingMessage]:
        """Never: whoever needs an answer at once asks a process that runs turns."""
        raise StorageUnavailable("no turns are run here")

    async def resident_left(self, channel: str, user_id: str) -> None:
        """See Inbox.resident_left."""
        await resident_left(self._database, channel, user_id)

    async def _store(self, event: IncomingEvent) -> bool:
        async with self._database.autocommit() as connection:
            return (await connection.execute(_HAND_OVER, _columns(event))).first() is not None


async def store_event(
    connection: AsyncConnection, event: IncomingEvent, owner: int | None = None
) -> Any:
    """Stores an event and its turn, by itself or in the caller's transaction.

    Returns the event's `id`, its `job_id` and whether the job is `taken` by `owner`, a worker of
    the queue of turns; None if the event was known already.
    """
    values = {**_columns(event), "owner": owner}
    return (await connection.execute(_STORE, values)).one_or_none()


async def store_alone(connection: AsyncConnection, event: IncomingEvent) -> int | None:
    """Stores an event whose turn the caller runs: its id, or None if it was known already."""
    found = (await connection.execute(_STORE_ONLY, _columns(event))).scalar_one_or_none()
    return None if found is None else int(found)


async def resident_left(database: Database, channel: str, user_id: str) -> None:
    """See Inbox.resident_left."""
    try:
        async with database.transaction() as connection:
            await connection.execute(_LEFT, {"resident": f"{channel}:{user_id}"})
    except DATABASE_ERRORS as error:
        raise StorageUnavailable(type(error).__name__) from error


def _columns(event: IncomingEvent) -> dict[str, object]:
    return {
        "channel": event.channel,
        "event_id": event.event_id,
        "resident": event.resident,
        "event": json.dumps(event_to_json(event), ensure_ascii=False),
        "received_at": event.received_at,
    }
