"""The transaction boundary and the pool on a real PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from backend.storage.database import DATABASE_ERRORS, Database, engine_url

INSERT = text("INSERT INTO residents (resident, channel, user_id) VALUES (:who, 'vk', :who)")


async def names(database: Database) -> list[str]:
    async with database.autocommit() as connection:
        found = await connection.execute(text("SELECT resident FROM residents ORDER BY 1"))
        return [str(row[0]) for row in found]


async def test_an_exception_rolls_everything_of_the_transaction_back(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.transaction() as outer:
            await outer.execute(INSERT, {"who": "a"})
            async with database.transaction() as inner:
                await inner.execute(INSERT, {"who": "b"})
            raise RuntimeError
    assert await names(database) == []


async def test_an_own_transaction_outlives_the_one_around_it(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.transaction() as outer:
            await outer.execute(INSERT, {"who": "a"})
            async with database.own_transaction() as own:
                await own.execute(INSERT, {"who": "b"})
            raise RuntimeError
    assert await names(database) == ["b"]


async def test_tasks_side_by_side_have_transactions_of_their_own(database: Database) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def fails() -> None:
        async with database.transaction() as connection:
            await connection.execute(INSERT, {"who": "fails"})
            begun.set()
            await may_end.wait()
            raise RuntimeError

    task = asyncio.create_task(fails())
    await begun.wait()
    async with database.transaction() as connection:
        await connection.execute(INSERT, {"who": "works"})
    may_end.set()
    await asyncio.gather(task, return_exceptions=True)
    assert await names(database) == ["works"]


async def test_a_pool_without_a_free_connection_counts_as_the_database_being_away(
    database_url: str,
) -> None:
    small = Database(database_url, pool_size=1)
    small._pool().engine.pool._timeout = 0.1  # as if five seconds had passed
    try:
        async with small.transaction():
            with pytest.raises(DATABASE_ERRORS):
                await small.ping()
    finally:
        await small.close()


async def test_a_server_that_is_not_there_counts_as_the_database_being_away() -> None:
    nowhere = Database("postgresql://nobody@/nothing?host=/nonexistent")
    with pytest.raises(DATABASE_ERRORS):
        await nowhere.ping()
    await nowhere.close()


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("postgresql://u:p@h:1/d", "postgresql+asyncpg://u:p@h:1/d"),
        ("postgres://u@h/d?sslmode=require", "postgresql+asyncpg://u@h/d?ssl=require"),
        ("postgresql://u:@/d?host=/run/pg", "postgresql+asyncpg://u:@/d?host=%2Frun%2Fpg"),
    ],
)
def test_a_libpq_url_becomes_one_for_the_asynchronous_driver(given: str, wanted: str) -> None:
    assert engine_url(given) == wanted


async def test_a_unit_of_work_without_changes_begins_no_transaction(database: Database) -> None:
    async with database.unit_of_work():
        async with database.statement() as connection:
            await connection.execute(INSERT, {"who": "by itself"})
        # Seen by others already, for it was a transaction of its own.
        assert await names(database) == ["by itself"]


async def test_a_statement_after_a_change_belongs_to_the_unit_of_work(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.unit_of_work():
            async with database.transaction() as connection:
                await connection.execute(INSERT, {"who": "a"})
            async with database.statement() as connection:
                found = await connection.execute(text("SELECT resident FROM residents"))
                assert found.scalars().all() == ["a"]
            assert await names(database) == []
            raise RuntimeError
    assert await names(database) == []


async def test_every_event_loop_has_connections_of_its_own(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(INSERT, {"who": "here"})

    def elsewhere() -> list[str]:
        async def look() -> list[str]:
            try:
                return await names(database)
            finally:
                await database.close()

        return asyncio.run(look())

    assert await asyncio.to_thread(elsewhere) == ["here"]
    assert await names(database) == ["here"]
