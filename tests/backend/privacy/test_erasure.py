"""Nothing of a resident is left in any table, whatever tables there are."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import insert, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.privacy.erasure import erase, tables_with_residents
from backend.storage.database import Database
from backend.storage.tables import inbox, metadata, submissions

ANNA, BORIS = "700100200", "800300400"
# Tables without anything of a resident's. A new table either has the column `resident` or, after
# thinking, stands here.
WITHOUT_RESIDENTS = {"queue_workers"}
NOT_OURS = {"alembic_version"}
WHOSE = {"resident", "user_id", "sender", "sender_id", "user", "person", "chat_id", "peer_id"}


def value_for(column: Any, user: str, number: int) -> Any:
    """Something that fits the column and names the user wherever words fit."""
    if column.name == "resident":
        return f"vk:{user}"
    if column.name == "user_id":
        return user
    if column.name == "channel":
        return "vk"
    if column.name == "event_id":
        return f"e-{user[::-1]}-{number}"
    if column.name == "key":
        return f"vk:e-{user[::-1]}-{number}"
    kind = column.type
    if isinstance(kind, JSONB):
        return {"text": f"{user} {number}"}
    if isinstance(kind, sa.DateTime):
        return datetime.now(timezone.utc)
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, (sa.Integer, sa.Numeric)):
        return number
    if isinstance(kind, sa.Date):
        return datetime.now(timezone.utc).date()
    if isinstance(kind, sa.LargeBinary):
        return user.encode()
    return f"{user} {number}"


async def fill(connection: AsyncConnection, user: str, **states: str) -> None:
    """A row of the user in every table; `states` gives columns called `state` their value."""
    for number, table in enumerate(tables_with_residents(), start=1):
        values = {
            column.name: value_for(column, user, number)
            for column in table.columns
            if column.identity is None
        }
        if "state" in table.c:
            values["state"] = states.get(table.name, "done")
        await connection.execute(insert(table).values(values))


async def found(database: Database, words: str) -> dict[str, list[str]]:
    """The rows of every table, ours and the queue's, that hold the words anywhere."""
    async with database.autocommit() as connection:
        names = (
            await connection.execute(
                text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            )
        ).scalars()
        rows = {}
        for name in list(names):
            query = text(f'SELECT t::text FROM "{name}" AS t WHERE t::text LIKE :words')
            lines = list((await connection.execute(query, {"words": f"%{words}%"})).scalars())
            lines += await in_bytes(connection, name, words)
            if lines:
                rows[name] = lines
    return rows


async def in_bytes(connection: AsyncConnection, name: str, words: str) -> list[str]:
    """Bytes are shown in hexadecimal, so they are searched for that too."""
    query = text(f'SELECT t::text FROM "{name}" AS t WHERE t::text LIKE :words')
    return list((await connection.execute(query, {"words": f"%{words.encode().hex()}%"})).scalars())


@pytest.fixture
async def filled(database: Database) -> Database:
    async with database.transaction() as connection:
        for user in (ANNA, BORIS):
            await fill(connection, user, submissions="accepted")
    return database


async def test_after_the_deletion_no_table_knows_the_resident(filled: Database) -> None:
    assert set(await found(filled, ANNA)) == {table.name for table in tables_with_residents()}
    async with filled.transaction() as connection:
        await erase(connection, f"vk:{ANNA}")
    assert await found(filled, ANNA) == {}


async def test_nothing_of_anybody_else_is_touched(filled: Database) -> None:
    before = await found(filled, BORIS)
    async with filled.transaction() as connection:
        await erase(connection, f"vk:{ANNA}")
    assert await found(filled, BORIS) == before


async def test_the_same_number_in_the_other_messenger_is_somebody_else(filled: Database) -> None:
    before = await found(filled, ANNA)
    async with filled.transaction() as connection:
        await erase(connection, f"viber:{ANNA}")
    assert await found(filled, ANNA) == before


async def test_every_table_of_the_database_is_covered_or_known_to_hold_nobody(
    database: Database,
) -> None:
    async with database.autocommit() as connection:
        names = (
            await connection.execute(
                text(
                    "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
                    " AND tablename NOT LIKE 'procrastinate%'"
                )
            )
        ).scalars()
        there = set(names) - NOT_OURS
    covered = {table.name for table in tables_with_residents()}
    assert there - covered == WITHOUT_RESIDENTS
    assert there == set(metadata.tables)


def test_no_column_that_names_a_person_stands_without_the_resident() -> None:
    assert [
        table.name
        for table in metadata.tables.values()
        if WHOSE & set(table.c.keys()) and "resident" not in table.c
    ] == []


def test_every_column_that_holds_another_resident_would_be_seen() -> None:
    """«other_resident», «linked_by»: such a column would outlive the one it names."""
    strange = [
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if "resident" in column.name and column.name != "resident"
    ]
    assert strange == []


async def test_a_repeated_delivery_is_still_known(filled: Database) -> None:
    async with filled.transaction() as connection:
        await erase(connection, f"vk:{ANNA}")
        query = inbox.select().where(inbox.c.event_id.contains(ANNA[::-1]))
        (row,) = (await connection.execute(query)).all()
    assert (row.resident, row.event, row.error, row.state) == ("", {}, None, "done")


async def test_messages_that_came_after_the_wish_wait_for_their_turn(database: Database) -> None:
    async with database.transaction() as connection:
        await fill(connection, ANNA, inbox="stored", submissions="accepted")
        await erase(connection, f"vk:{ANNA}", inbox_id=-1)
    assert list(await found(database, ANNA)) == ["inbox"]


@pytest.mark.parametrize("state", ["confirmed", "sent", "waiting"])
async def test_a_submission_without_an_answer_stays_nameless(
    database: Database, state: str
) -> None:
    async with database.transaction() as connection:
        await fill(connection, ANNA, submissions=state)
        await connection.execute(submissions.update().values(account="7060012345", readings=[]))
        await connection.execute(submissions.update().values(error=None, receipt={}, refusal={}))
        await connection.execute(submissions.update().values(told=None))
        await erase(connection, f"vk:{ANNA}")
        (row,) = (await connection.execute(submissions.select())).all()
    assert (row.state, row.resident, row.user_id, row.account) == (state, "", "", "7060012345")
    assert await found(database, ANNA) == {}
