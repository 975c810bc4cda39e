"""Deletes everything of one resident, in every table that has the column `resident`.

Two kinds of rows lose the resident instead of going:

inbox        (channel, event id) stays for as long as a messenger may deliver the event again, or a
             repeated delivery would count as a new message. Its resident and content are emptied.
submissions  what was confirmed and billing has not answered stays until billing has, nameless.

Messages that came after the wish to delete everything are not touched: they begin anew.
"""

from __future__ import annotations

import logging

from sqlalchemy import Table, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import UpdateBase

from backend.storage.tables import inbox, metadata, submissions

logger = logging.getLogger(__name__)

NOBODY = ""


def tables_with_residents() -> tuple[Table, ...]:
    """Every table that holds something of residents."""
    return tuple(table for table in metadata.sorted_tables if "resident" in table.c)


async def erase(connection: AsyncConnection, resident: str, inbox_id: int | None = None) -> None:
    """Deletes everything of `resident`; `inbox_id` is the event that is being answered, if any."""
    counted: dict[str, int] = {}
    for statement, table in _statements(resident, inbox_id):
        result = await connection.execute(statement.returning(table.c.resident))
        counted[table.name] = counted.get(table.name, 0) + len(result.all())
    logger.info(
        "everything of a resident is deleted: %s",
        ", ".join(f"{name} {rows}" for name, rows in sorted(counted.items()) if rows),
    )


def _statements(resident: str, inbox_id: int | None) -> list[tuple[UpdateBase, Table]]:
    own = inbox.c.resident == resident
    emptied = (
        update(inbox)
        .where(own, (inbox.c.state != "stored") | (inbox.c.id == inbox_id))
        .values(resident=NOBODY, event={}, error=None, state="done")
    )
    nameless = (
        update(submissions)
        .where(
            submissions.c.resident == resident,
            submissions.c.state.not_in(("accepted", "refused")),
        )
        .values(resident=NOBODY, user_id=NOBODY)
    )
    statements: list[tuple[UpdateBase, Table]] = [(emptied, inbox), (nameless, submissions)]
    for table in tables_with_residents():
        if table is not inbox:
            statements.append((delete(table).where(table.c.resident == resident), table))
    return statements
