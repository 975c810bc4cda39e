"""Who has agreed to the processing of their account number, to which version, when and how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from backend.privacy.policy import Policy
from backend.storage.database import Database
from backend.storage.tables import consents


@dataclass(frozen=True)
class Consent:
    """One resident's consent. `explicit`: a button was pressed, not only a number written."""

    version: str
    explicit: bool
    given_at: datetime


class Consents:
    """The table of consents; every change belongs to the turn's transaction."""

    def __init__(self, database: Database, policy: Policy) -> None:
        """`policy` has the version that is in force."""
        self._database = database
        self._policy = policy

    async def of(self, resident: str) -> Consent | None:
        """What the resident agreed to last, in whatever version."""
        query = select(consents).where(consents.c.resident == resident)
        async with self._database.statement() as connection:
            row = (await connection.execute(query)).one_or_none()
        return Consent(row.version, row.explicit, row.given_at) if row is not None else None

    async def is_due(self, resident: str) -> bool:
        """True if the version in force was not agreed to, in the way that is asked for."""
        given = await self.of(resident)
        return (
            given is None
            or given.version != self._policy.version
            or (self._policy.explicit and not given.explicit)
        )

    async def give(self, resident: str) -> None:
        """Keeps the version in force and the time, unless that stands there already."""
        if not await self.is_due(resident):
            return
        statement = insert(consents).values(
            resident=resident, version=self._policy.version, explicit=self._policy.explicit
        )
        statement = statement.on_conflict_do_update(
            index_elements=[consents.c.resident],
            set_={
                "version": statement.excluded.version,
                "explicit": statement.excluded.explicit,
                "given_at": statement.excluded.given_at,
            },
        )
        async with self._database.transaction() as connection:
            await connection.execute(statement)
