"""A consent is kept with its version, its time and the way in which it was given."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from backend.privacy.consents import Consents
from backend.privacy.policy import Policy
from backend.storage.database import Database

ANNA, BORIS = "vk:1", "vk:2"


def policy(version: str = "1", *, explicit: bool = False) -> Policy:
    return Policy("https://example.org", version, explicit=explicit)


async def test_nobody_has_agreed_to_anything_at_first(database: Database) -> None:
    consents = Consents(database, policy())
    assert await consents.of(ANNA) is None
    assert await consents.is_due(ANNA)


async def test_version_time_and_way_are_kept(database: Database) -> None:
    consents = Consents(database, policy("2026-11"))
    await consents.give(ANNA)
    given = await consents.of(ANNA)
    assert given is not None
    assert (given.version, given.explicit) == ("2026-11", False)
    assert abs(datetime.now(timezone.utc) - given.given_at) < timedelta(minutes=1)
    assert not await consents.is_due(ANNA)
    assert await consents.is_due(BORIS)


async def test_the_first_time_stays_however_often_the_number_is_written(
    database: Database,
) -> None:
    consents = Consents(database, policy())
    await consents.give(ANNA)
    first = await consents.of(ANNA)
    await consents.give(ANNA)
    assert await consents.of(ANNA) == first


async def test_a_new_version_is_due_and_takes_the_place_of_the_old(database: Database) -> None:
    await Consents(database, policy("1")).give(ANNA)
    newer = Consents(database, policy("2"))
    assert await newer.is_due(ANNA)
    await newer.give(ANNA)
    given = await newer.of(ANNA)
    assert given is not None
    assert given.version == "2"


async def test_a_button_is_more_than_a_written_number_and_not_the_other_way(
    database: Database,
) -> None:
    written, pressed = Consents(database, policy()), Consents(database, policy(explicit=True))
    await written.give(ANNA)
    assert await pressed.is_due(ANNA)
    await pressed.give(ANNA)
    assert not await pressed.is_due(ANNA)
    await written.give(ANNA)
    given = await written.of(ANNA)
    assert given is not None
    assert given.explicit
