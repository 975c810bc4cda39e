"""Sends what turns have queued: in order per resident, again after failures, each message once."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.delivery.messenger import (
    DeliveryError,
    Messenger,
    OperatorNeeded,
    ResidentUnreachable,
    RetryLater,
)
from backend.delivery.model import OutgoingMessage
from backend.delivery.queue import MESSAGES, Queue, TryAgain, defer_sql, ended_sql
from backend.delivery.stored import keyboard_from_json, message_to_json
from backend.delivery.worker import Running
from backend.storage.database import DATABASE_ERRORS, Database

logger = logging.getLogger(__name__)

# Backoff between attempts, in seconds; the last value repeats until the message is too old.
BACKOFF = (0.5, 1, 2, 5, 15, 30, 60, 120, 300)
OPERATOR_BACKOFF = 60.0
OLDEST = "24 hours"
# A message whose sending fails in a way nobody foresaw is parked after so many attempts.
MOST_CRASHES = 5

_NEXT = text("""
    SELECT outbox.id, outbox.key, outbox.channel, outbox.user_id, outbox.message, outbox.picture,
           outbox.attempts,
           outbox.created_at < now() - CAST(CAST(:oldest AS text) AS interval) AS too_old,
           residents.unreachable_since IS NOT NULL AS unreachable
      FROM outbox LEFT JOIN residents USING (resident)
     WHERE outbox.resident = :resident AND outbox.state = 'queued'
     ORDER BY outbox.id LIMIT 20
""")
# A message marked `forget` is the last trace of its resident: it goes instead of being kept.
# After the last one that is queued the job is over; what is queued later brings its own.
_SENT = text(f"""
    WITH last AS (DELETE FROM outbox WHERE id = :id AND forget),
    sent AS (
        UPDATE outbox SET state = 'sent', message_id = :message_id, sent_at = now(),
                          attempts = attempts + 1
         WHERE id = :id AND NOT forget
    ), ended AS (
        {ended_sql("CAST(:job_id AS bigint)", "CAST(:worker_id AS bigint)")}
           AND NOT EXISTS (SELECT 1 FROM outbox WHERE resident = :resident AND state = 'queued'
                                                  AND id <> :id)
        RETURNING id
    )
    SELECT count(*) FROM ended
""")
_FAILED = text("""
    WITH last AS (DELETE FROM outbox WHERE id = :id AND forget AND :state = 'parked')
    UPDATE outbox SET state = :state, error = :error, attempts = attempts + 1
     WHERE id = :id AND NOT (forget AND :state = 'parked')
""")
_WITHDRAWN = text("UPDATE outbox SET state = 'withdrawn' WHERE id = :id")
_UNREACHABLE = text("""
    WITH person AS (
        UPDATE residents SET unreachable_since = now()
         WHERE resident = :resident AND unreachable_since IS NULL
    ), last AS (
        DELETE FROM outbox WHERE resident = :resident AND state = 'queued' AND forget
    )
    UPDATE outbox SET state = 'unreachable', error = :error
     WHERE resident = :resident AND state = 'queued' AND NOT forget
""")
_QUEUE = text(f"""
    WITH queued AS (
        INSERT INTO outbox (key, resident, channel, user_id, message)
        VALUES (:key, :resident, :channel, :user_id, CAST(:message AS jsonb))
            ON CONFLICT (key) DO NOTHING
        RETURNING resident
    )
    SELECT {
    defer_sql(
        MESSAGES,
        "deliver",
        "'out:' || resident",
        "jsonb_build_object('resident', resident)",
    )
} FROM queued
""")

# Tells of a resident's queued message, by its key, that it must not be sent any more.
Guard = Callable[[str, str], Awaitable[bool]]


@dataclass(frozen=True)
class Queued:
    """A row of the outbox."""

    id: int
    message: OutgoingMessage
    attempts: int = 0
    too_old: bool = False
    unreachable: bool = False


class Outbox:
    """The `deliver` task: empties one resident's queue of messages."""

    def __init__(
        self,
        database: Database,
        messengers: Mapping[str, Messenger],
        guards: Mapping[str, Guard] | None = None,
    ) -> None:
        """`messengers` maps a channel's name to its API.

        `guards` maps the first word of a key («remind:…») to who is asked before it is sent.
        """
        self._database = database
        self._messengers = messengers
        self._guards = {} if guards is None else guards

    def register(self, queue: Queue) -> None:
        """Registers the task that sends messages."""
        queue.task("deliver", MESSAGES, self._deliver)

    async def _deliver(
        self, *, resident: str, job: Running, fresh: Sequence[tuple[int, OutgoingMessage]] = ()
    ) -> None:
        """Sends what is queued for the resident; `fresh` was queued a moment ago and is all."""
        try:
            rows: Sequence[Queued] = [Queued(id, message) for id, message in fresh]
            while not job.ended:
                rows = rows or await self._next(resident)
                if not rows:
                    return
                for row in rows:
                    if not await self._send(resident, row, job):
                        return
                rows = ()
        except DATABASE_ERRORS as error:
            raise TryAgain(f"database: {type(error).__name__}", after=1) from error

    async def _next(self, resident: str) -> list[Queued]:
        async with self._database.autocommit() as connection:
            query = {"resident": resident, "oldest": OLDEST}
            rows = (await connection.execute(_NEXT, query)).all()
        return [
            Queued(row.id, _message(row), row.attempts, row.too_old, row.unreachable)
            for row in rows
        ]

    async def _send(self, resident: str, row: Queued, job: Running) -> bool:
        """Sends one message. False: nothing more can be sent to this resident now."""
        if row.unreachable:
            await self._write(_UNREACHABLE, resident=resident, error="left before")
            return False
        message = row.message
        guard = self._guards.get(message.key.partition(":")[0])
        if guard is not None and await guard(resident, message.key):
            await self._write(_WITHDRAWN, id=row.id)
            return True
        messenger = self._messengers.get(message.channel)
        try:
            if messenger is None:
                raise OperatorNeeded(f"the channel {message.channel} is off")
            message_id = await messenger.send(message)
        except ResidentUnreachable as error:
            logger.info("%s: resident can't be written to (code %s)", message.channel, error.code)
            await self._write(_UNREACHABLE, resident=resident, error=_reason(error))
            return False
        except DeliveryError as error:
            again = isinstance(error, (RetryLater, OperatorNeeded)) and not row.too_old
            state = "queued" if again else "parked"
            await self._write(_FAILED, id=row.id, state=state, error=_reason(error))
            if again:
                raise TryAgain(_reason(error), after=_wait(error, row.attempts)) from error
            logger.error("%s: message %s is parked: %s", message.channel, row.id, _reason(error))
            return True
        except Exception as error:
            logger.exception("%s: message %s could not be sent", message.channel, row.id)
            again = row.attempts + 1 < MOST_CRASHES
            reason = f"{type(error).__name__}: {error}"[:300]
            state = "queued" if again else "parked"
            await self._write(_FAILED, id=row.id, state=state, error=reason)
            if again:
                raise TryAgain(reason, after=BACKOFF[row.attempts]) from error
            return True
        async with self._database.autocommit() as connection:
            sent = await connection.execute(
                _SENT,
                {
                    "id": row.id,
                    "message_id": message_id,
                    "resident": resident,
                    "job_id": job.id,
                    "worker_id": job.worker_id,
                },
            )
            job.ended = sent.scalar_one() == 1
        return True

    async def _write(self, statement: Any, **values: object) -> None:
        async with self._database.autocommit() as connection:
            await connection.execute(statement, values)


async def queue_message(connection: AsyncConnection, message: OutgoingMessage) -> None:
    """Queues a message that no turn said; one with the same key is queued only once."""
    await connection.execute(
        _QUEUE,
        {
            "key": message.key,
            "resident": f"{message.channel}:{message.user_id}",
            "channel": message.channel,
            "user_id": message.user_id,
            "message": json.dumps(message_to_json(message), ensure_ascii=False),
        },
    )


def _message(row: Any) -> OutgoingMessage:
    keyboard = row.message.get("keyboard")
    return OutgoingMessage(
        key=row.key,
        channel=row.channel,
        user_id=row.user_id,
        text=row.message["text"],
        keyboard=keyboard_from_json(keyboard) if keyboard else None,
        picture=row.picture,
        without_picture=row.message.get("without_picture"),
    )


def _wait(error: DeliveryError, attempts: int) -> float:
    if isinstance(error, OperatorNeeded):
        logger.error("a messenger refuses the bot itself: %s", _reason(error))
        return OPERATOR_BACKOFF
    if isinstance(error, RetryLater) and error.after is not None:
        return error.after
    return BACKOFF[min(attempts, len(BACKOFF) - 1)]


def _reason(error: DeliveryError) -> str:
    return f"{type(error).__name__} {error.code or ''}: {error.reason}"[:300]
