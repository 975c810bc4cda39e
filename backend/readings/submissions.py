"""Confirmed submissions: a row first, then billing; never lost, never sent under two keys.

    confirmed ──▶ sent ──▶ accepted | refused
                   │ ▲
                   ▼ │ (the `settle` job, with backoff)
                 waiting

The row and its `settle` job are committed together before billing is called, in a transaction of
their own. So whatever dies afterwards, the job finds the row and finishes it under the same key.
What billing answers within the turn is written together with the turn, which says it.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from backend.asked import known
from backend.billing.errors import (
    AccountNotFound,
    BillingError,
    BillingUnavailable,
    SubmissionRefused,
)
from backend.billing.model import Reading, Submission
from backend.billing.port import Billing
from backend.delivery.model import OutgoingMessage
from backend.delivery.outbox import queue_message
from backend.delivery.queue import BILLING, Queue, TryAgain, defer_sql
from backend.delivery.stored import keyboard_from_json
from backend.delivery.turn import Change, write_with_turn
from backend.delivery.worker import Running
from backend.privacy.erasure import NOBODY
from backend.readings.outcomes import (
    Accepted,
    ConfirmedReading,
    Outcome,
    Refused,
    Settled,
    Waiting,
    accepted_in,
    outcome_of,
    reading_to_json,
    readings_of,
    receipt_to_json,
    state_of,
    values_of,
)
from backend.storage.database import DATABASE_ERRORS, Database

logger = logging.getLogger(__name__)

# The job that watches over a submission starts after any turn has had its answer.
WATCH_AFTER = "12 seconds"
# Seconds between attempts while billing is away; the last repeats for as long as it takes.
BACKOFF = (10, 20, 40, 80, 160, 300, 600, 1200, 1800, 3600)
BILLING_CHANNELS = frozenset({"viber", "vk", "max", "telegram", "web"})


# Says a late outcome in the resident's chat: returns the message's text.
Announce = Callable[[Settled], str]

# Kept, watched over by its job and, unless another is before it, noted as sent: all in one.
_CONFIRM = text(f"""
    WITH others AS (
        SELECT EXISTS (
            SELECT 1 FROM submissions
             WHERE account = :account AND state NOT IN ('accepted', 'refused')) AS behind
    ), fresh AS (
        INSERT INTO submissions (key, resident, channel, user_id, account, readings, submitted_at,
                                 state, attempts)
        SELECT :key, :resident, :channel, :user_id, :account, CAST(:readings AS jsonb), now(),
               CASE WHEN behind THEN 'confirmed' ELSE 'sent' END, CASE WHEN behind THEN 0 ELSE 1 END
          FROM others
            ON CONFLICT (key) DO NOTHING
        RETURNING *
    )
    SELECT fresh.*, behind, false AS too_early, {
    defer_sql(
        BILLING,
        "settle",
        "'bill:' || CAST(:account AS text)",
        "jsonb_build_object('submission_id', id)",
        f"now() + interval '{WATCH_AFTER}'",
    )
} AS watchers FROM fresh, others
""")
_BY_KEY = text("""
    SELECT submissions.*, coalesce(not_before > now(), false) AS too_early, EXISTS (
        SELECT 1 FROM submissions AS earlier
         WHERE earlier.account = submissions.account AND earlier.id < submissions.id
           AND earlier.state NOT IN ('accepted', 'refused')) AS behind
      FROM submissions WHERE key = :key
""")
_BY_ID = text("""
    SELECT submissions.*, inbox.state = 'stored' AS turn_open,
           extract(epoch FROM not_before - now())::float AS seconds_left
      FROM submissions
      LEFT JOIN inbox ON inbox.channel = submissions.channel
                     AND inbox.event_id = substr(submissions.key, length(submissions.channel) + 2)
     WHERE submissions.id = :id
""")
_STATE = text("""
    UPDATE submissions
       SET state = :state, error = :error, attempts = attempts + :attempt,
           receipt = coalesce(CAST(:receipt AS jsonb), receipt),
           refusal = coalesce(CAST(:refusal AS jsonb), refusal),
           not_before = now() + make_interval(secs => CAST(:after AS float)),
           settled_at = CASE WHEN :state IN ('accepted', 'refused') THEN now() END
     WHERE id = :id AND state NOT IN ('accepted', 'refused')
""")
_UNSENT = text("""
    SELECT readings FROM submissions
     WHERE account = :account AND state NOT IN ('accepted', 'refused') ORDER BY id
""")
# Locked, so that a turn that shows another keyboard speaks either before this message or after it.
_KEYBOARD = text("""
    SELECT keyboards -> -1 AS keyboard FROM conversations WHERE resident = :resident FOR UPDATE
""")
# Written with the turn that says it. A turn that dies before asks billing again, under the same
# key, and gets the same answer; so does the job, if the turn is given up.
_TOLD = """
    UPDATE submissions
       SET told = :told, error = coalesce(:told_error, error),
           state = CASE WHEN :told_final AND settled_at IS NULL THEN :told ELSE state END,
           receipt = coalesce(receipt, CAST(:told_receipt AS jsonb)),
           refusal = coalesce(refusal, CAST(:told_refusal AS jsonb)),
           settled_at = coalesce(settled_at, CASE WHEN :told_final THEN now() END)
     WHERE id = :told_id AND HOLDS
"""
# With an outcome that is told nothing is left to watch over.
_WATCHED_NO_MORE = """
    DELETE FROM procrastinate_jobs
     WHERE id = ANY(CAST(:watchers AS bigint[])) AND status = 'todo' AND HOLDS
"""
# No row when the resident had everything deleted after the submission was read.
_TOLD_LATER = text("""
    UPDATE submissions SET told = :told WHERE id = :id AND resident = :resident RETURNING id
""")
# Of somebody who had everything deleted: nothing is kept of it once billing has answered.
_NAMELESS = text("""
    DELETE FROM submissions
     WHERE id = :id AND resident = :nobody AND state IN ('accepted', 'refused')
""")


class Submissions:
    """Keeps confirmed readings and brings them to billing."""

    def __init__(self, database: Database, billing: Billing) -> None:
        """`database` is shared with the turns."""
        self._database = database
        self._billing = billing
        self._announce: Announce | None = None

    def register(self, queue: Queue, announce: Announce) -> None:
        """Registers the job that settles what a turn could not; `announce` words its outcome."""
        self._announce = announce
        queue.task("settle", BILLING, self._settle)

    async def submit(
        self,
        resident: str,
        account: str,
        readings: Sequence[ConfirmedReading],
        *,
        event_id: str,
    ) -> Outcome:
        """Keeps the readings, then hands them to billing within its budget.

        `event_id` is the confirming event's id: a repeated turn finds the same row and key.

        Raises:
            ValueError: the event has confirmed other readings already.
        """
        channel, _, user_id = resident.partition(":")
        key = f"{channel}:{event_id}"
        # Committed by itself: nothing that happens to the turn undoes it.
        async with self._database.autocommit() as connection:
            confirmed = await connection.execute(
                _CONFIRM,
                {
                    "key": key,
                    "resident": resident,
                    "channel": channel,
                    "user_id": user_id,
                    "account": account,
                    "readings": json.dumps([reading_to_json(one) for one in readings]),
                },
            )
            row = fresh = confirmed.one_or_none()
            if row is None:
                row = (await connection.execute(_BY_KEY, {"key": key})).one()
        if row.account != account or values_of(readings_of(row)) != values_of(readings):
            raise ValueError("one event confirms one submission")
        outcome, error = outcome_of(row), None
        if isinstance(outcome, Waiting) and not row.behind and not row.too_early:
            # Without an answer the submission waits, and its job goes on.
            with contextlib.suppress(BillingUnavailable):
                outcome, error = await self._call(row, is_noted=fresh is not None)
        known(accepted_in(key), isinstance(outcome, Accepted))
        receipt, refusal = _columns(outcome)
        told = {
            "told_id": row.id,
            "told": state_of(outcome),
            "told_final": not isinstance(outcome, Waiting),
            "told_receipt": receipt,
            "told_refusal": refusal,
            "told_error": error,
        }
        await write_with_turn(self._database, Change(_TOLD, told))
        if fresh is not None and not isinstance(outcome, Waiting):
            watchers = {"watchers": fresh.watchers}
            await write_with_turn(self._database, Change(_WATCHED_NO_MORE, watchers))
        return outcome

    async def unsent(self, account: str) -> dict[str, Decimal]:
        """Values of the account that wait for billing, by meter id; of several the last one."""
        async with self._database.statement() as connection:
            rows = (await connection.execute(_UNSENT, {"account": account})).all()
        return {one.meter_id: one.value for row in rows for one in readings_of(row)}

    async def _settle(self, *, submission_id: int, job: Running) -> None:
        try:
            async with self._database.statement() as connection:
                row = (await connection.execute(_BY_ID, {"id": submission_id})).one_or_none()
            if row is None:
                return
            outcome = outcome_of(row)
            if isinstance(outcome, Waiting):
                if row.seconds_left is not None and row.seconds_left > 0:
                    raise TryAgain("billing asked to wait", after=row.seconds_left)
                try:
                    outcome, error = await self._call(row)
                except BillingUnavailable as away:
                    raise TryAgain(str(away), after=_wait(away, row.attempts)) from away
                receipt, refusal = _columns(outcome)
                await self._write(
                    row.id, state_of(outcome), error=error, receipt=receipt, refusal=refusal
                )
            if row.turn_open:
                # The confirming turn died before its end and will say the outcome itself.
                raise TryAgain("the confirming turn is not over", after=3)
            if not isinstance(outcome, Waiting) and row.told != state_of(outcome):
                await self._tell(row, outcome)
        except DATABASE_ERRORS as error:
            raise TryAgain(f"database: {type(error).__name__}", after=2) from error

    async def _call(
        self, row: Any, *, is_noted: bool = False
    ) -> tuple[Accepted | Refused, str | None]:
        """Calls billing once: its answer, and an error for the operator; whoever asks writes both.

        `is_noted`: the row says already that it is sent.

        Raises:
            BillingUnavailable: there was no answer, which is written.
        """
        if not is_noted:
            await self._write(row.id, "sent", attempt=1)
        try:
            return Accepted(await self._billing.submit(_submission(row))), None
        except BillingUnavailable as error:
            await self._write(row.id, "waiting", error=str(error), after=error.after)
            raise
        except SubmissionRefused as error:
            logger.warning("submission %s is refused: %s", row.id, error.code)
            return Refused(error.code, error.detail), None
        except AccountNotFound:
            logger.warning("submission %s is refused: there is no such account", row.id)
            return Refused("account_not_found"), None
        except (BillingError, ValueError) as error:
            logger.exception("submission %s can't be written as the contract asks", row.id)
            return Refused("unknown"), str(error)

    async def _write(
        self,
        submission_id: int,
        state: str,
        *,
        attempt: int = 0,
        error: str | None = None,
        after: float | None = None,
        receipt: str | None = None,
        refusal: str | None = None,
    ) -> None:
        # In its own transaction: it stays known, whatever becomes of the turn.
        async with self._database.autocommit() as connection:
            await connection.execute(
                _STATE,
                {
                    "id": submission_id,
                    "state": state,
                    "attempt": attempt,
                    "error": error,
                    "after": after,
                    "receipt": receipt,
                    "refusal": refusal,
                },
            )

    async def _tell(self, row: Any, outcome: Accepted | Refused) -> None:
        assert self._announce is not None
        settled = Settled(row.channel, row.user_id, row.account, readings_of(row), outcome)
        async with self._database.transaction() as connection:
            told = {"id": row.id, "told": state_of(outcome), "resident": row.resident}
            if row.resident == NOBODY or not (await connection.execute(_TOLD_LATER, told)).first():
                await connection.execute(_NAMELESS, {"id": row.id, "nobody": NOBODY})
                return
            found = await connection.execute(_KEYBOARD, {"resident": row.resident})
            shown = found.scalar_one_or_none()
            message = OutgoingMessage(
                key=f"{row.key}:outcome",
                channel=row.channel,
                user_id=row.user_id,
                text=self._announce(settled),
                # Repeated: a messenger may drop the keyboard when a message comes without one.
                keyboard=keyboard_from_json(shown) if shown else None,
            )
            await queue_message(connection, message)


def _submission(row: Any) -> Submission:
    return Submission(
        account=row.account,
        channel=row.channel if row.channel in BILLING_CHANNELS else "web",
        submitted_at=row.submitted_at,
        readings=tuple(Reading(one.meter_id, one.value) for one in readings_of(row)),
        # Billing takes at most 64 characters; the row's number never changes.
        idempotency_key=f"{row.channel}-{row.id}-{int(row.submitted_at.timestamp())}",
    )


def _columns(outcome: Outcome) -> tuple[str | None, str | None]:
    """An outcome as JSON for the columns `receipt` and `refusal`."""
    if isinstance(outcome, Accepted):
        return json.dumps(receipt_to_json(outcome.receipt)), None
    if isinstance(outcome, Refused):
        return None, json.dumps({"code": outcome.code, "detail": outcome.detail})
    return None, None


def _wait(error: BillingUnavailable, attempts: int) -> float:
    wait = float(BACKOFF[min(attempts, len(BACKOFF) - 1)])
    return max(wait, error.after) if error.after is not None else wait
