"""Whoever has linked an account is told once when somebody else links it, and may object."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from backend.accounts.service import LinkedAccounts
from backend.privacy.notices import LinkNotices
from backend.storage.database import Database

ANNA, BORIS, VERA = "vk:1", "vk:2", "viber:abc+/="
ONE, TWO = "7060012345", "7060020003"


@pytest.fixture
async def notices(database: Database) -> LinkNotices:
    """Three residents who have written; Anna and Vera have linked the account."""
    accounts = LinkedAccounts(database)
    async with database.transaction() as connection:
        for resident in (ANNA, BORIS, VERA):
            channel, _, user_id = resident.partition(":")
            await connection.execute(
                text("INSERT INTO residents (resident, channel, user_id) VALUES (:r, :c, :u)"),
                {"r": resident, "c": channel, "u": user_id},
            )
    await accounts.link(ANNA, ONE)
    await accounts.link(VERA, ONE)
    return LinkNotices(database)


async def rows(database: Database, query: str) -> list[tuple[object, ...]]:
    async with database.autocommit() as connection:
        return [tuple(row) for row in (await connection.execute(text(query))).all()]


async def change(database: Database, statement: str) -> None:
    async with database.transaction() as connection:
        await connection.execute(text(statement))


EVENTS = "SELECT resident, event->>'kind', event->>'text' FROM inbox ORDER BY resident"


async def test_the_others_get_an_event_and_its_turn(
    notices: LinkNotices, database: Database
) -> None:
    assert await notices.tell_others(BORIS, ONE) == 2
    assert await rows(database, EVENTS) == [(VERA, "linked", ONE), (ANNA, "linked", ONE)]
    jobs = await rows(database, "SELECT queue_name, lock FROM procrastinate_jobs ORDER BY lock")
    assert jobs == [("turns", VERA), ("turns", ANNA)]


async def test_nobody_is_told_of_their_own_link_or_of_another_account(
    notices: LinkNotices, database: Database
) -> None:
    assert await notices.tell_others(ANNA, TWO) == 0
    assert await notices.tell_others(ANNA, ONE) == 1
    assert [row[0] for row in await rows(database, EVENTS)] == [VERA]


async def test_whoever_left_is_not_written_to(notices: LinkNotices, database: Database) -> None:
    await change(
        database, f"UPDATE residents SET unreachable_since = now() WHERE resident='{ANNA}'"
    )
    assert await notices.tell_others(BORIS, ONE) == 1


async def test_linking_again_and_again_tells_three_times_a_day(
    notices: LinkNotices, database: Database
) -> None:
    for _ in range(3):
        assert await notices.tell_others(BORIS, ONE) == 2
    assert await notices.tell_others(BORIS, ONE) == 0
    await change(database, "UPDATE link_notices SET told_at = told_at - interval '25 hours'")
    assert await notices.tell_others(BORIS, ONE) == 2


async def test_a_link_that_is_undone_tells_nobody(notices: LinkNotices, database: Database) -> None:
    with pytest.raises(RuntimeError, match="undone"):
        async with database.transaction():
            await notices.tell_others(BORIS, ONE)
            raise RuntimeError("undone")
    assert await rows(database, EVENTS) == []
    assert await notices.tell_others(BORIS, ONE) == 2


async def test_an_objection_is_kept_once_and_shown_with_those_it_is_about(
    notices: LinkNotices, database: Database
) -> None:
    await LinkedAccounts(database).link(BORIS, ONE)
    await notices.tell_others(BORIS, ONE)
    assert await notices.objections() == []
    assert await notices.object(ANNA) == (ONE,)
    assert await notices.object(ANNA) == ()
    (objection,) = await notices.objections()
    assert (objection.resident, objection.account) == (ANNA, ONE)
    assert objection.others == (VERA, BORIS)


async def test_an_objection_needs_a_notice_that_is_not_too_old(
    notices: LinkNotices, database: Database
) -> None:
    assert await notices.object(ANNA) == ()
    await notices.tell_others(BORIS, ONE)
    await change(database, "UPDATE link_notices SET told_at = told_at - interval '31 days'")
    assert await notices.object(ANNA) == ()


async def test_a_closed_objection_is_not_shown_any_more(notices: LinkNotices) -> None:
    await notices.tell_others(BORIS, ONE)
    await notices.object(ANNA)
    (objection,) = await notices.objections()
    assert await notices.close(objection.number)
    assert await notices.objections() == []
    assert not await notices.close(objection.number)


async def test_a_notice_without_an_objection_can_not_be_closed(notices: LinkNotices) -> None:
    await notices.tell_others(BORIS, ONE)
    assert not await notices.close(1)
    assert not await notices.close(10**12)
