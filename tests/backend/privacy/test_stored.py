"""What is shown as stored is what is there."""

from __future__ import annotations

from sqlalchemy import text

from backend.accounts.service import LinkedAccounts
from backend.privacy.consents import Consents
from backend.privacy.erasure import tables_with_residents
from backend.privacy.policy import Policy
from backend.privacy.service import privacy_of
from backend.privacy.stored import Stored
from backend.storage.database import Database
from tests.backend.privacy.test_erasure import ANNA, BORIS, fill

POLICY = Policy("https://example.org", "3")


async def test_of_somebody_unknown_nothing_is_stored(database: Database) -> None:
    assert await privacy_of(POLICY, database).stored.of("vk:1") == Stored((), None)


async def test_accounts_and_consent_are_shown_with_their_times(database: Database) -> None:
    await LinkedAccounts(database).link("vk:1", "7060012345")
    await Consents(database, POLICY).give("vk:1")
    stored = await privacy_of(POLICY, database).stored.of("vk:1")
    ((account, linked_at),) = stored.accounts
    assert account == "7060012345"
    assert linked_at.tzinfo is not None
    assert stored.consent is not None
    assert stored.consent.version == "3"


async def test_every_table_is_counted_for_this_resident_alone(database: Database) -> None:
    async with database.transaction() as connection:
        for user in (ANNA, BORIS):
            await fill(connection, user, submissions="accepted")
        stored = await privacy_of(POLICY, database).stored.of(f"vk:{ANNA}")
    assert stored.rows == {table.name: 1 for table in tables_with_residents()}
    assert stored.waiting == 0


async def test_submissions_without_an_answer_are_counted_apart(database: Database) -> None:
    async with database.transaction() as connection:
        await fill(connection, ANNA, submissions="waiting")
        stored = await privacy_of(POLICY, database).stored.of(f"vk:{ANNA}")
    assert stored.waiting == 1


async def test_without_a_turn_the_deletion_happens_at_once(database: Database) -> None:
    async with database.transaction() as connection:
        await fill(connection, ANNA, submissions="accepted")
    await privacy_of(POLICY, database).stored.remove(f"vk:{ANNA}")
    async with database.autocommit() as connection:
        left = await connection.execute(text("SELECT count(*) FROM outbox"))
        assert left.scalar_one() == 0
