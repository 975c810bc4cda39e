"""What is stored about a resident, and its removal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select, text

from backend.delivery.turn import current_turn
from backend.privacy.consents import Consent, Consents
from backend.privacy.erasure import erase, tables_with_residents
from backend.storage.database import Database
from backend.storage.tables import linked_accounts

_WAITING = text("""
    SELECT count(*) FROM submissions
     WHERE resident = :resident AND state NOT IN ('accepted', 'refused')
""")


@dataclass(frozen=True)
class Stored:
    """Everything that is kept. `rows` counts the resident's rows in each table that has any.

    `waiting` is how many confirmed submissions billing has not answered.
    """

    accounts: tuple[tuple[str, datetime], ...]
    consent: Consent | None
    rows: dict[str, int] = field(default_factory=dict)
    waiting: int = 0


class StoredData:
    """Shows and removes what is stored about a resident."""

    def __init__(self, database: Database, consents: Consents) -> None:
        """`database` is shared with the turns."""
        self._database = database
        self._consents = consents

    async def of(self, resident: str) -> Stored:
        """What is stored about the resident now."""
        async with self._database.transaction() as connection:
            linked = await connection.execute(
                select(linked_accounts.c.account, linked_accounts.c.linked_at)
                .where(linked_accounts.c.resident == resident)
                .order_by(linked_accounts.c.id)
            )
            accounts = tuple((row.account, row.linked_at) for row in linked)
            rows = {}
            for table in tables_with_residents():
                query = select(func.count()).select_from(table).where(table.c.resident == resident)
                found = int((await connection.execute(query)).scalar_one())
                if found:
                    rows[table.name] = found
            waiting = (await connection.execute(_WAITING, {"resident": resident})).scalar_one()
            return Stored(accounts, await self._consents.of(resident), rows, waiting)

    async def remove(self, resident: str) -> None:
        """Everything goes at the end of the turn, in its transaction; without a turn at once."""
        turn = current_turn.get()
        if turn is not None:
            turn.is_last = True
            return
        async with self._database.transaction() as connection:
            await erase(connection, resident)

    @staticmethod
    def withhold() -> None:
        """Long numbers in what this turn's resident wrote are not kept."""
        turn = current_turn.get()
        if turn is not None:
            turn.withholds = True
