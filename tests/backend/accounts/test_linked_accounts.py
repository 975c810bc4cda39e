"""Links belong to the turn: they come and go with its transaction."""

from __future__ import annotations

import pytest

from backend.accounts.service import (
    MOST_ACCOUNTS,
    AccountLimitReached,
    AlreadyLinked,
    LinkedAccounts,
)
from backend.storage.database import Database


async def test_accounts_are_listed_in_the_order_of_linking(database: Database) -> None:
    accounts = LinkedAccounts(database)
    for number in ("7060099999", "0000012345", "7060011111"):
        await accounts.link("vk:1", number)
    assert await accounts.of("vk:1") == ("7060099999", "0000012345", "7060011111")


async def test_residents_do_not_see_each_other_s_accounts(database: Database) -> None:
    accounts = LinkedAccounts(database)
    await accounts.link("vk:1", "7060099999")
    await accounts.link("viber:1", "7060099999")
    assert await accounts.unlink("vk:1", "7060099999")
    assert await accounts.of("vk:1") == ()
    assert await accounts.of("viber:1") == ("7060099999",)


async def test_an_account_is_linked_once(database: Database) -> None:
    accounts = LinkedAccounts(database)
    await accounts.link("vk:1", "7060099999")
    with pytest.raises(AlreadyLinked):
        await accounts.link("vk:1", "7060099999")
    assert await accounts.of("vk:1") == ("7060099999",)


async def test_there_is_a_limit_that_an_unlinked_account_makes_room_under(
    database: Database,
) -> None:
    accounts = LinkedAccounts(database)
    for number in range(MOST_ACCOUNTS):
        await accounts.link("vk:1", f"7060{number}")
    with pytest.raises(AccountLimitReached):
        await accounts.link("vk:1", "70609")
    await accounts.unlink("vk:1", "70600")
    await accounts.link("vk:1", "70609")
    assert len(await accounts.of("vk:1")) == MOST_ACCOUNTS


async def test_unlinking_what_is_not_linked_changes_nothing(database: Database) -> None:
    accounts = LinkedAccounts(database)
    assert not await accounts.unlink("vk:1", "7060099999")


async def test_a_link_goes_with_the_turn_that_made_it(database: Database) -> None:
    accounts = LinkedAccounts(database)
    with pytest.raises(RuntimeError):
        async with database.transaction():
            await accounts.link("vk:1", "7060099999")
            assert await accounts.of("vk:1") == ("7060099999",)
            raise RuntimeError("the turn failed")
    assert await accounts.of("vk:1") == ()
