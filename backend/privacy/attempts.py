"""Counts wrong account numbers, so that nobody finds out accounts by trying.

Counted in PostgreSQL, so that all processes share them. Five an hour are a resident's; when all
residents together have given too many, each has only one, so that whoever knows their number still
gets in while many accounts of a guesser get nowhere.
"""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import insert, text

from backend.privacy.policy import Policy
from backend.storage.database import Database
from backend.storage.tables import wrong_numbers

logger = logging.getLogger(__name__)

WINDOW = "1 hour"

# When the oldest of the last `most` is an hour old; NULL if there were fewer.
_UNTIL = text("""
    WITH recent AS (
        SELECT at + CAST(CAST(:hour AS text) AS interval) AS until,
               row_number() OVER (ORDER BY at DESC) AS place
          FROM wrong_numbers
         WHERE resident = :resident AND at > now() - CAST(CAST(:hour AS text) AS interval)
    ), everybody AS (
        SELECT 1 FROM wrong_numbers
         WHERE at > now() - CAST(CAST(:hour AS text) AS interval) LIMIT :of_all
    ), crowd AS (
        SELECT count(*) >= :of_all AS too_many FROM everybody
    )
    SELECT recent.until, crowd.too_many
      FROM crowd LEFT JOIN recent
        ON recent.place = CASE WHEN crowd.too_many THEN 1 ELSE :most END
""")


class WrongNumbers:
    """The table of wrong account numbers; the numbers themselves are not kept."""

    def __init__(self, database: Database, policy: Policy) -> None:
        """`policy` has the limits."""
        self._database = database
        self._policy = policy

    async def paused_until(self, resident: str) -> datetime | None:
        """When the resident may try again; None if they may now."""
        values = {
            "resident": resident,
            "hour": WINDOW,
            "most": self._policy.wrong_numbers,
            "of_all": self._policy.wrong_numbers_of_all,
        }
        async with self._database.statement() as connection:
            row = (await connection.execute(_UNTIL, values)).one()
        if row.too_many:
            logger.error("too many wrong account numbers of all residents within %s", WINDOW)
        until: datetime | None = row.until
        return until

    async def count(self, resident: str) -> None:
        """One more."""
        async with self._database.transaction() as connection:
            await connection.execute(insert(wrong_numbers).values(resident=resident))
