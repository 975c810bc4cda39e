"""Which accounts a resident has linked: at most five, in the order in which they were linked."""

from __future__ import annotations

from collections.abc import Hashable

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from backend.asked import changed, once
from backend.storage.database import Database
from backend.storage.tables import linked_accounts

MOST_ACCOUNTS = 5


class AccountLimitReached(Exception):
    """The resident has linked as many accounts as is allowed."""


class AlreadyLinked(Exception):
    """The resident has linked this account before."""


def question(resident: str) -> tuple[Hashable, ...]:
    """Under what the answer of `LinkedAccounts.of` is remembered in a turn (backend.asked)."""
    return ("accounts", resident)


class LinkedAccounts:
    """The table of linked accounts; every change belongs to the turn's transaction."""

    def __init__(self, database: Database) -> None:
        """`database` is shared with the turns."""
        self._database = database

    async def of(self, resident: str) -> tuple[str, ...]:
        """The resident's account numbers, oldest link first."""
        query = (
            select(linked_accounts.c.account)
            .where(linked_accounts.c.resident == resident)
            .order_by(linked_accounts.c.id)
        )

        async def ask() -> tuple[str, ...]:
            async with self._database.statement() as connection:
                return tuple((await connection.execute(query)).scalars())

        return await once(question(resident), ask)

    async def link(self, resident: str, account: str) -> None:
        """Links an account that billing knows.

        Raises:
            AlreadyLinked, AccountLimitReached: nothing was changed.
        """
        async with self._database.transaction() as connection:
            linked = await self.of(resident)
            if account in linked:
                raise AlreadyLinked
            if len(linked) >= MOST_ACCOUNTS:
                raise AccountLimitReached
            await connection.execute(
                insert(linked_accounts)
                .values(resident=resident, account=account)
                .on_conflict_do_nothing()
            )
        changed(*question(resident))

    async def unlink(self, resident: str, account: str) -> bool:
        """Removes the link; False if there was none."""
        statement = delete(linked_accounts).where(
            linked_accounts.c.resident == resident, linked_accounts.c.account == account
        )
        async with self._database.transaction() as connection:
            removed = await connection.execute(statement.returning(linked_accounts.c.id))
        changed(*question(resident))
        return removed.first() is not None
