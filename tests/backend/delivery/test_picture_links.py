"""Links to pictures: signed, expiring, the same in every process, and silent about residents."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from backend.delivery.model import OutgoingMessage
from backend.delivery.pictures import (
    LIFETIME,
    LONGEST_LINK,
    PATH,
    SUFFIX,
    PictureLinks,
    StoredPictures,
)
from tests.durability_fakes import Machine

URL = "https://bot.example/tgk"
KEY = "viber:5741311803571721087:1"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def links(secret: str = "viber-token", **changes: int) -> PictureLinks:
    return PictureLinks(URL, secret, **changes)


def message(key: str = KEY) -> OutgoingMessage:
    return OutgoingMessage(key, "viber", "u", "Расход", picture=PNG)


async def link(of: PictureLinks, key: str = KEY) -> str:
    address = await of.url(message(key))
    assert address is not None
    assert address.startswith(f"{URL}{PATH}/")
    assert address.endswith(SUFFIX)
    return address[len(f"{URL}{PATH}/") : -len(SUFFIX)]


async def test_any_process_with_the_same_token_reads_the_link() -> None:
    assert links().key(await link(links())) == KEY


async def test_another_token_s_link_is_worth_nothing() -> None:
    assert links("other").key(await link(links())) is None


async def test_no_changed_letter_is_accepted() -> None:
    good = await link(links())
    for place in range(len(good)):
        changed = "A" if good[place] != "A" else "B"
        bad = good[:place] + changed + good[place + 1 :]
        # The last letter of base64 has bits that stand for nothing.
        if links().key(bad) is not None:
            assert place == len(good) - 1
    assert links().key(good + "A") is None
    assert links().key(good[:-1]) is None


@given(st.text(max_size=LONGEST_LINK * 2))
def test_anything_else_is_no_link(text: str) -> None:
    assert links().key(text) is None


async def test_the_link_outlives_viber_s_patience_and_then_expires() -> None:
    with time_machine.travel("2026-11-24 12:00:00Z", tick=False) as clock:
        good = await link(links())
        clock.shift(LIFETIME)
        assert links().key(good) == KEY
        clock.shift(1)
        assert links().key(good) is None
    assert LIFETIME >= 14 * 24 * 3600


async def test_nothing_about_the_resident_is_in_the_address() -> None:
    good = await link(links())
    readable = base64.urlsafe_b64decode(good.split(".")[0] + "===").decode()
    assert readable == KEY


async def test_viber_takes_the_address() -> None:
    address = await links().url(message())
    assert address is not None
    assert len(address) <= 2000


async def test_a_key_that_makes_too_long_a_link_makes_none() -> None:
    assert await links().url(message("viber:" + "9" * LONGEST_LINK)) is None


@pytest.fixture
async def machine(database_url: str) -> AsyncIterator[Machine]:
    async with Machine(database_url) as one:
        yield one


async def store(machine: Machine, key: str, picture: str | None, state: str = "sent") -> None:
    await machine.run(
        "INSERT INTO outbox (key, resident, channel, user_id, message, picture, state)"
        " VALUES (:key, 'viber:1', 'viber', '1', '{}', decode(:picture, 'base64'), :state)",
        key=key,
        picture=picture,
        state=state,
    )


async def test_a_sent_picture_is_still_there_for_another_process(
    machine: Machine, database_url: str
) -> None:
    await store(machine, KEY, base64.b64encode(PNG).decode())
    async with Machine(database_url) as other:
        assert await StoredPictures(other.database).of(KEY) == PNG


async def test_a_message_without_a_picture_has_none(machine: Machine) -> None:
    await store(machine, KEY, None)
    assert await StoredPictures(machine.database).of(KEY) is None
    assert await StoredPictures(machine.database).of("viber:2:1") is None
