"""Five wrong numbers an hour for one resident, one for each when all together give too many."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import text

from backend.privacy.attempts import WrongNumbers
from backend.privacy.policy import Policy
from backend.storage.database import Database

ANNA, BORIS, VERA = "vk:1", "vk:2", "viber:1"


@pytest.fixture
def wrong(database: Database) -> WrongNumbers:
    return WrongNumbers(database, Policy("https://example.org", "1", wrong_numbers_of_all=12))


async def count(wrong: WrongNumbers, resident: str, times: int) -> None:
    for _ in range(times):
        await wrong.count(resident)


async def age(database: Database, interval: str, resident: str = "%") -> None:
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "UPDATE wrong_numbers SET at = at - CAST(CAST(:by AS text) AS interval)"
                " WHERE resident LIKE :resident"
            ),
            {"by": interval, "resident": resident},
        )


async def test_five_are_allowed_and_then_there_is_a_pause(wrong: WrongNumbers) -> None:
    await count(wrong, ANNA, 4)
    assert await wrong.paused_until(ANNA) is None
    await count(wrong, ANNA, 1)
    assert await wrong.paused_until(ANNA) is not None


async def test_the_pause_is_one_resident_s_own(wrong: WrongNumbers) -> None:
    await count(wrong, ANNA, 5)
    assert await wrong.paused_until(BORIS) is None
    assert await wrong.paused_until(VERA) is None


async def test_the_pause_ends_when_the_oldest_of_five_is_an_hour_old(
    wrong: WrongNumbers, database: Database
) -> None:
    await count(wrong, ANNA, 1)
    await age(database, "40 minutes")
    await count(wrong, ANNA, 4)
    until = await wrong.paused_until(ANNA)
    assert until is not None
    left = until - datetime.now(timezone.utc)
    assert timedelta(minutes=19) < left < timedelta(minutes=21)
    await age(database, "21 minutes")
    assert await wrong.paused_until(ANNA) is None


async def test_other_processes_count_the_same(wrong: WrongNumbers, database_url: str) -> None:
    await count(wrong, ANNA, 3)
    other = Database(database_url, pool_size=1)
    try:
        elsewhere = WrongNumbers(other, Policy("https://example.org", "1"))
        await count(elsewhere, ANNA, 2)
        assert await wrong.paused_until(ANNA) is not None
    finally:
        await other.close()


async def test_a_turn_that_is_undone_has_not_counted(
    wrong: WrongNumbers, database: Database
) -> None:
    with pytest.raises(RuntimeError, match="undone"):
        async with database.transaction():
            await count(wrong, ANNA, 5)
            raise RuntimeError("undone")
    assert await wrong.paused_until(ANNA) is None


async def test_when_all_give_too_many_each_has_only_one(wrong: WrongNumbers) -> None:
    for number in range(12):
        await wrong.count(f"vk:10{number}")
    assert await wrong.paused_until(ANNA) is None
    await wrong.count(ANNA)
    assert await wrong.paused_until(ANNA) is not None
    assert await wrong.paused_until(BORIS) is None


async def test_the_limit_of_all_ends_with_the_hour(wrong: WrongNumbers, database: Database) -> None:
    for number in range(12):
        await wrong.count(f"vk:10{number}")
    await age(database, "61 minutes")
    await wrong.count(ANNA)
    assert await wrong.paused_until(ANNA) is None


@pytest.mark.parametrize("most", [1, 3])
async def test_the_limit_is_a_setting(database: Database, most: int) -> None:
    wrong = WrongNumbers(database, Policy("https://example.org", "1", wrong_numbers=most))
    await count(wrong, ANNA, most - 1)
    assert await wrong.paused_until(ANNA) is None
    await count(wrong, ANNA, 1)
    assert await wrong.paused_until(ANNA) is not None


async def test_the_numbers_themselves_are_not_kept(database: Database) -> None:
    async with database.autocommit() as connection:
        rows = await connection.execute(
            text(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_name = 'wrong_numbers' ORDER BY ordinal_position"
            )
        )
    assert list(rows.scalars()) == ["id", "resident", "at"]
