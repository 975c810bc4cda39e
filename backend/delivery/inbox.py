"""The inbox of a process that runs turns: what connectors received becomes turns here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any

from sqlalchemy import text

from backend.computing import Computing
from backend.delivery.model import IncomingEvent, OutgoingMessage
from backend.delivery.queue import MESSAGES, TURNS, PutJob, Queue, TryAgain
from backend.delivery.received import (
    StorageUnavailable,
    resident_left,
    store_alone,
    store_event,
)
from backend.delivery.turn import (
    Turn,
    TurnConflict,
    TurnHandler,
    current_turn,
    read_turn,
    write_turn,
)
from backend.delivery.worker import Running
from backend.storage.database import DATABASE_ERRORS, Database

logger = logging.getLogger(__name__)

# A turn that failed this often is parked.
MOST_FAILURES = 5
# A turn that was begun this often without an end may be what kills its process: from now on each
# beginning counts as a failure. (A database that went away in between does no harm: one more.)
MOST_ATTEMPTS = 8
FIRST_RETRY = 0.5
# Turns that compute: while one waits for the database another has the processor.
AT_A_TIME = 2
# Viber waits for the answer to conversation_started; after this the chat opens without a greeting.
ANSWER_BUDGET = 4.0


class TurnFailed(Exception):
    """The handler did not bring the turn to its end."""


_FAILED = text("""
    UPDATE inbox SET attempts = attempts + 1, error = :error
     WHERE id = :inbox_id RETURNING attempts
""")

# What is said, and the conversation that remains, when a turn is given up.
Apology = Callable[[Turn], None]
Answer = list[OutgoingMessage]
Elsewhere = Callable[[Coroutine[Any, Any, Answer]], Awaitable[Answer]]


def _here(answer: Coroutine[Any, Any, Answer]) -> Awaitable[Answer]:
    return answer


class PostgresInbox:
    """The inbox in PostgreSQL, and the `turn` task that empties it."""

    def __init__(
        self,
        database: Database,
        handler: TurnHandler,
        apology: Apology,
        limits: dict[str, int],
        elsewhere: Elsewhere = _here,
    ) -> None:
        """`handler` runs a turn, `apology` fills one that is given up; `limits` are text limits.

        `elsewhere` awaits a turn in the event loop of turns, if that is another one than the
        connectors'.
        """
        self._database = database
        self._elsewhere = elsewhere
        self._queue: Queue | None = None
        self._handler = handler
        self._apology = apology
        self._limits = limits
        self._computing = Computing(AT_A_TIME)

    def register(self, queue: Queue) -> None:
        """Registers the task that runs stored events; stored ones are its own from birth."""
        self._queue = queue
        queue.task("turn", TURNS, self._run)

    async def store(self, event: IncomingEvent) -> bool:
        """See Inbox.store."""
        try:
            return await self._store(event, self._queue)
        except DATABASE_ERRORS:
            # A connection from before the database's restart: the next one is new. Storing twice
            # is harmless. The workers may be gone as well.
            try:
                return await self._store(event, None)
            except DATABASE_ERRORS as error:
                raise StorageUnavailable(type(error).__name__) from error

    async def answer_now(self, event: IncomingEvent) -> list[OutgoingMessage]:
        """See Inbox.answer_now."""
        try:
            for _ in range(3):
                try:
                    answer = self._elsewhere(self._answer(event))
                    return await asyncio.wait_for(answer, ANSWER_BUDGET)
                except TurnConflict:
                    continue
        except asyncio.TimeoutError:
            logger.warning("%s: no greeting within %s s", event.channel, ANSWER_BUDGET)
        except DATABASE_ERRORS as error:
            raise StorageUnavailable(type(error).__name__) from error
        except Exception:
            logger.exception("%s: the greeting failed", event.channel)
        return []

    async def resident_left(self, channel: str, user_id: str) -> None:
        """See Inbox.resident_left."""
        await resident_left(self._database, channel, user_id)

    async def _store(self, event: IncomingEvent, queue: Queue | None) -> bool:
        owner = queue.owner(TURNS) if queue is not None else None
        async with self._database.autocommit() as connection:
            row = await store_event(connection, event, owner)
        if row is not None and queue is not None:
            put = PutJob(row.job_id, event.resident, row.taken, owner)
            queue.adopt(put, TURNS, "turn", {"inbox_id": row.id})
        return row is not None

    async def _answer(self, event: IncomingEvent) -> list[OutgoingMessage]:
        # The place first: a crowd that opened transactions before it waits for places would take
        # every connection from the turns that have one.
        async with self._computing.turn(), self._database.transaction() as connection:
            inbox_id = await store_alone(connection, event)
            if inbox_id is None:
                return []
            turn = await read_turn(connection, inbox_id)
            assert turn is not None
            await self._handle(turn)
            messages = turn.messages(self._limits[event.channel])
            await write_turn(connection, inbox_id, turn, messages, deliver=False)
        return messages

    async def _run(self, *, inbox_id: int, job: Running) -> None:
        assert self._queue is not None
        try:
            if job.attempts >= MOST_ATTEMPTS and await self._gave_up(inbox_id, "it never ended"):
                return
            async with self._database.unit_of_work():
                async with self._database.statement() as connection:
                    turn = await read_turn(connection, inbox_id)
                if turn is None:
                    return
                async with self._computing.turn():
                    await self._handle(turn)
                messages = turn.messages(self._limits[turn.event.channel])
                sender = self._queue.owner(MESSAGES)
                # The last turn of somebody who leaves takes several statements.
                way = self._database.transaction if turn.is_last else self._database.statement
                async with way() as connection:
                    written = await write_turn(
                        connection, inbox_id, turn, messages, job=job, sender=sender
                    )
            job.ended = written.ended
            if written.delivery is not None:
                self._queue.adopt(
                    written.delivery,
                    MESSAGES,
                    "deliver",
                    {"resident": turn.event.resident},
                    fresh=written.queued,
                )
        except DATABASE_ERRORS as error:
            raise TryAgain(f"database: {type(error).__name__}", after=1) from error
        except TurnConflict as error:
            raise TryAgain("overtaken by another turn", after=0) from error
        except Exception as error:
            await self._failed(inbox_id, error)

    async def _handle(self, turn: Turn) -> None:
        token = current_turn.set(turn)
        try:
            await self._handler(turn)
        finally:
            current_turn.reset(token)
        if turn.failure is not None:
            raise turn.failure
        if not turn.saved:
            raise TurnFailed("the conversation was not saved")

    async def _failed(self, inbox_id: int, error: Exception) -> None:
        logger.exception("turn %s failed", inbox_id)
        reason = f"{type(error).__name__}: {error}"[:500]
        try:
            failures = await self._count_failure(inbox_id, reason)
            if failures >= MOST_FAILURES:
                await self._park(inbox_id, reason)
                return
        except DATABASE_ERRORS as away:
            raise TryAgain("database", after=1) from away
        raise TryAgain(reason, after=FIRST_RETRY * 2 ** (failures - 1)) from error

    async def _gave_up(self, inbox_id: int, reason: str) -> bool:
        if await self._count_failure(inbox_id, reason) < MOST_FAILURES:
            return False
        await self._park(inbox_id, reason)
        return True

    async def _count_failure(self, inbox_id: int, reason: str) -> int:
        async with self._database.own_transaction() as connection:
            result = await connection.execute(_FAILED, {"inbox_id": inbox_id, "error": reason})
            return int(result.scalar_one_or_none() or 0)

    async def _park(self, inbox_id: int, reason: str) -> None:
        logger.error("turn %s is parked: %s", inbox_id, reason)
        async with self._database.transaction() as connection:
            turn = await read_turn(connection, inbox_id)
            if turn is None:
                return
            try:
                self._apology(turn)
            except Exception:
                # Without words the resident's later messages must go on all the same.
                logger.exception("turn %s has no apology", inbox_id)
                turn.said = []
            # Keys of their own: replayed, the turn still has those of its answers.
            messages = [
                replace(message, key=f"{message.key}:parked:{turn.version}")
                for message in turn.messages(self._limits[turn.event.channel])
            ]
            await write_turn(connection, inbox_id, turn, messages, state="parked")
