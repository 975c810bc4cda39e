"""One turn: an event and the resident's conversation in, a new conversation and messages out.

Everything a turn changes is written by one statement in one transaction. Killed before the commit,
nothing has happened and the turn runs again; killed after it, the turn finds itself done.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import TextClause

from backend.delivery.buttons import REMEMBERED_KEYBOARDS
from backend.delivery.farewell import leave_nothing
from backend.delivery.masking import masked_texts
from backend.delivery.model import (
    Button,
    EventKind,
    IncomingEvent,
    Keyboard,
    OutgoingMessage,
)
from backend.delivery.queue import MESSAGES, PutJob, ended_sql, put_sql
from backend.delivery.stored import (
    event_from_json,
    keyboard_from_json,
    keyboard_to_json,
    message_to_json,
)
from backend.delivery.text import split
from backend.delivery.worker import Running
from backend.reminders.offering import may_be_offered_sql
from backend.storage.database import Database


class TurnConflict(Exception):
    """Another turn of the same resident was committed meanwhile; this one must run again."""


@dataclass
class Said:
    """One thing the bot says in a turn, before it is cut to a messenger's limit."""

    text: str
    buttons: tuple[Button, ...] = ()
    picture: bytes | None = None
    without_picture: str | None = None


@dataclass(frozen=True)
class Change:
    """What an action changes that stands or falls with its turn: one statement, fit for WITH.

    In `sql` the word HOLDS stands for the condition that the turn is written; the names of
    `values` are the action's own.
    """

    sql: str
    values: dict[str, Any]


@dataclass
class Turn:
    """A turn under way. The handler changes `events` and fills `said`, `changes` and `log`.

    `events` is the conversation as a bounded list of Rasa events (JSON); `version` counts turns.
    `accounts` are those that were linked when the turn began, oldest link first; `may_be_offered`:
    a reminder may be offered once readings are accepted.
    `is_last`: after it nothing of the resident is left but what it says, until that has been sent.
    `withholds`: long numbers in what the resident wrote are not kept.
    """

    event: IncomingEvent
    version: int
    events: list[dict[str, Any]]
    keyboards: list[Keyboard]
    accounts: tuple[str, ...] = ()
    may_be_offered: bool = False
    said: list[Said] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)
    failure: BaseException | None = None
    saved: bool = False
    is_last: bool = False
    withholds: bool = False

    def messages(self, limit: int) -> list[OutgoingMessage]:
        """What is said, cut to `limit` characters; the last message bears the keyboard.

        The turn's last buttons become the current keyboard. A turn without buttons repeats the
        current one, since a messenger may drop it when a message comes without.
        """
        buttons = next((said.buttons for said in reversed(self.said) if said.buttons), ())
        if buttons:
            board = Keyboard(self._next_question(), buttons)
            self.keyboards = [*self.keyboards, board][-REMEMBERED_KEYBOARDS:]
        current = self.keyboards[-1] if self.keyboards else None
        parts = [
            (part, said if index == 0 else None)
            for said in self.said
            for index, part in enumerate(split(said.text, limit) or [""])
        ]
        return [
            OutgoingMessage(
                key=f"{self.event.channel}:{self.event.event_id}:{index}",
                channel=self.event.channel,
                user_id=self.event.user_id,
                text=part,
                keyboard=current if index == len(parts) - 1 else None,
                picture=said.picture if said else None,
                without_picture=said.without_picture if said else None,
            )
            for index, (part, said) in enumerate(parts)
        ]

    def _next_question(self) -> str:
        # A conversation begins with the time: after everything was deleted, a button from before
        # never bears the number of a new question.
        newest = self.keyboards[-1].question if self.keyboards else ""
        if newest.isdecimal():
            return str(int(newest) + 1)
        return str(int(self.event.received_at.timestamp() * 1000))


TurnHandler = Callable[[Turn], Awaitable[None]]

# The turn under way in this task.
current_turn: ContextVar[Turn | None] = ContextVar("current_turn", default=None)

# Together with what the actions of most turns would ask.
_READ = text(f"""
    SELECT inbox.event, inbox.state, conversations.version, conversations.events,
           conversations.keyboards,
           ARRAY(SELECT account FROM linked_accounts
                  WHERE resident = inbox.resident ORDER BY id) AS accounts,
           {may_be_offered_sql("inbox.resident", "inbox.channel || ':' || inbox.event_id")}
           AS may_be_offered
      FROM inbox LEFT JOIN conversations USING (resident)
     WHERE inbox.id = :inbox_id
""")

# Everything depends on `saved`: if the conversation is another one meanwhile, nothing is written.
_WRITE = f"""
    WITH saved AS (
        INSERT INTO conversations (resident, version, events, keyboards, updated_at)
        VALUES (:resident, :version + 1, CAST(:events AS jsonb), CAST(:keyboards AS jsonb), now())
            ON CONFLICT (resident) DO UPDATE
           SET version = excluded.version, events = excluded.events,
               keyboards = excluded.keyboards, updated_at = now()
         WHERE conversations.version = :version
        RETURNING version
    ), person AS (
        INSERT INTO residents (resident, channel, user_id)
        SELECT :resident, :channel, :user_id FROM saved
            ON CONFLICT (resident) DO UPDATE SET unreachable_since = NULL
         WHERE residents.unreachable_since IS NOT NULL AND :has_written
    ), done AS (
        UPDATE inbox SET state = :state, done_at = now(),
                         event = CASE WHEN :withholds THEN event || '{{"text": ""}}' ELSE event END
          FROM saved WHERE id = :inbox_id
    ), queued AS (
        INSERT INTO outbox (key, resident, channel, user_id, message, picture)
        SELECT message->>'key', :resident, :channel, :user_id, message - 'picture',
               decode(message->>'picture', 'base64')
          FROM saved, jsonb_array_elements(CAST(:messages AS jsonb)) AS message
        RETURNING id
    ), ended AS (
        {
    ended_sql("CAST(:job_id AS bigint)", "CAST(:worker_id AS bigint)")
} AND EXISTS (SELECT 1 FROM saved)
        RETURNING id
    ), logged AS (
        INSERT INTO event_log (resident, turn, kind, data)
        SELECT :resident, :version + 1, entry->>'kind', entry - 'kind'
          FROM saved, jsonb_array_elements(CAST(:log AS jsonb)) AS entry
    )CHANGES
    SELECT (SELECT count(*) FROM ended) AS ended,
           (SELECT array_agg(id ORDER BY id) FROM queued) AS queued, put.job_id, put.taken
      FROM saved LEFT JOIN LATERAL {
    put_sql(
        MESSAGES,
        "deliver",
        "'out:' || CAST(:resident AS text)",
        "jsonb_build_object('resident', CAST(:resident AS text))",
        "CAST(:sender AS bigint)",
    )
} AS put ON :deliver
"""
_HOLDS = "EXISTS (SELECT 1 FROM saved)"


@dataclass(frozen=True)
class Written:
    """What a written turn leaves to do.

    `queued` are the messages with their ids in the outbox, unless it has to look at them first;
    `delivery` is the job that sends them; `ended` means that the turn's own job is over.
    """

    queued: list[tuple[int, OutgoingMessage]] = field(default_factory=list)
    delivery: PutJob | None = None
    ended: bool = False


async def read_turn(connection: AsyncConnection, inbox_id: int) -> Turn | None:
    """Reads the event with what belongs to it; None when it is done or parked already.

    Nothing is locked: of two processes that run the same turn, one cannot write it.
    """
    row = (await connection.execute(_READ, {"inbox_id": inbox_id})).one_or_none()
    if row is None or row.state != "stored":
        return None
    return Turn(
        event=event_from_json(row.event),
        version=row.version or 0,
        events=row.events or [],
        keyboards=[keyboard_from_json(board) for board in row.keyboards or []],
        accounts=tuple(row.accounts),
        may_be_offered=row.may_be_offered,
    )


async def write_with_turn(database: Database, change: Change) -> None:
    """Leaves a change to the turn of this task; without one it is written now."""
    turn = current_turn.get()
    if turn is not None:
        turn.changes.append(change)
        return
    async with database.statement() as connection:
        await connection.execute(text(change.sql.replace("HOLDS", "true")), change.values)


async def write_turn(
    connection: AsyncConnection,
    inbox_id: int,
    turn: Turn,
    messages: list[OutgoingMessage],
    *,
    state: str = "done",
    deliver: bool = True,
    job: Running | None = None,
    sender: int | None = None,
) -> Written:
    """Writes all that the turn changed. `deliver` False: the messages go out another way.

    `job`, the turn's own, ends with it. `sender` may own the job that sends the messages.

    Raises:
        TurnConflict: the conversation is not the one this turn read.
    """
    if turn.is_last:
        found = await leave_nothing(
            connection,
            turn.event,
            inbox_id,
            turn.version,
            [message_to_json(message) for message in messages],
        )
        if not found:
            raise TurnConflict(turn.event.channel)
        return Written()
    if turn.withholds:
        turn.events = masked_texts(turn.events)
    result = await connection.execute(
        _write(tuple(change.sql for change in turn.changes)),
        {
            **{name: value for one in turn.changes for name, value in one.values.items()},
            "resident": turn.event.resident,
            "channel": turn.event.channel,
            "user_id": turn.event.user_id,
            "version": turn.version,
            "events": json.dumps(turn.events, ensure_ascii=False),
            "keyboards": json.dumps(
                [keyboard_to_json(board) for board in turn.keyboards], ensure_ascii=False
            ),
            "inbox_id": inbox_id,
            "state": state,
            "has_written": turn.event.kind is not EventKind.LINKED,
            "withholds": turn.withholds,
            "messages": json.dumps(
                [message_to_json(message) for message in messages] if deliver else [],
                ensure_ascii=False,
            ),
            "log": json.dumps(turn.log, ensure_ascii=False),
            "deliver": deliver and bool(messages),
            "job_id": job.id if job is not None else None,
            "worker_id": job.worker_id if job is not None else None,
            "sender": sender,
        },
    )
    row = result.one_or_none()
    if row is None:
        raise TurnConflict(turn.event.channel)
    if row.job_id is None:
        return Written(ended=row.ended == 1)
    put = PutJob(row.job_id, f"out:{turn.event.resident}", row.taken, sender)
    # Whoever has not written may have left: the outbox looks before it sends.
    known = turn.event.kind is not EventKind.LINKED
    queued = list(zip(row.queued, messages, strict=True)) if known else []
    return Written(queued, put, row.ended == 1)


@lru_cache(maxsize=16)
def _write(changes: tuple[str, ...]) -> TextClause:
    also = "".join(
        f", change_{index} AS ({sql.replace('HOLDS', _HOLDS)})" for index, sql in enumerate(changes)
    )
    return text(_WRITE.replace("CHANGES", also))
