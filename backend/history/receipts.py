"""What a resident has confirmed and what became of it, read from the submissions."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import text

from backend.history.model import Standing, SubmissionRecord
from backend.readings.outcomes import ConfirmedReading
from backend.storage.database import Database

_LAST = text("""
    SELECT state, readings, receipt, refusal, submitted_at
      FROM submissions
     WHERE resident = :resident AND account = :account
     ORDER BY id DESC LIMIT :limit
""")


class Receipts(Protocol):
    """Finds a resident's own submissions again."""

    async def last(self, resident: str, account: str, limit: int) -> tuple[SubmissionRecord, ...]:
        """The resident's last submissions for the account, newest first."""
        ...


class StoredReceipts:
    """The port `Receipts` over the table of submissions; nobody else's rows are ever read."""

    def __init__(self, database: Database) -> None:
        """`database` is shared with the turns."""
        self._database = database

    async def last(self, resident: str, account: str, limit: int) -> tuple[SubmissionRecord, ...]:
        """See `Receipts.last`."""
        query = {"resident": resident, "account": account, "limit": limit}
        async with self._database.statement() as connection:
            rows = (await connection.execute(_LAST, query)).all()
        later: set[tuple[str, str]] = set()
        return tuple(_record(row, later) for row in rows)


def _record(row: Any, later: set[tuple[str, str]]) -> SubmissionRecord:
    """`later` holds period and meter of what was accepted later, and grows."""
    readings = tuple(
        ConfirmedReading(one["meter_id"], one["label"], Decimal(one["value"]))
        for one in row.readings
    )
    if row.state == "accepted":
        accepted_at = datetime.fromisoformat(row.receipt["accepted_at"])
        receipt = str(row.receipt["receipt_id"])
        given = {(str(row.receipt["period"]), one.meter_id) for one in readings}
        standing = Standing.REPLACED if given <= later else Standing.ACCEPTED
        later |= given
        return SubmissionRecord(standing, accepted_at, readings, receipt)
    if row.state == "refused":
        reason = row.refusal.get("detail")
        return SubmissionRecord(Standing.REFUSED, row.submitted_at, readings, reason=reason)
    return SubmissionRecord(Standing.WAITING, row.submitted_at, readings)
