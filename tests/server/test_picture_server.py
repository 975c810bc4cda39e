"""The bot's web server gives a picture to whoever has a good link, and 404 to everybody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sanic import Sanic
from sanic.touchup import TouchUp

from backend.delivery.model import OutgoingMessage
from backend.delivery.pictures import PictureLinks
from server.pictures import pictures

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
KEY = "viber:1:1"
LINKS = PictureLinks("http://bot", "token")


class FakePictures:
    """One stored picture; `away` is what the database says instead."""

    def __init__(self) -> None:
        self.stored = {KEY: PNG}
        self.away: Exception | None = None
        self.asked: list[str] = []

    async def of(self, key: str) -> bytes | None:
        self.asked.append(key)
        if self.away is not None:
            raise self.away
        return self.stored.get(key)


@pytest.fixture
def stored() -> FakePictures:
    return FakePictures()


@pytest.fixture
async def client(
    stored: FakePictures, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    # Sanic rewrites its own methods at its start, which works once in a process.
    optimise, touched = TouchUp.run, getattr(Sanic, "__touched__", False)
    monkeypatch.setattr(Sanic, "test_mode", True)
    monkeypatch.setattr(TouchUp, "run", lambda app: None if touched else optimise(app))
    app = Sanic(f"pictures_{id(stored)}")
    fake: Any = stored
    app.blueprint(pictures(LINKS, fake))
    await app._startup()
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as found:
        yield found


async def address(key: str = KEY, links: PictureLinks = LINKS) -> str:
    found = await links.url(OutgoingMessage(key, "viber", "u", "", picture=PNG))
    assert found is not None
    return found


async def test_a_good_link_shows_the_picture(client: httpx.AsyncClient) -> None:
    answer = await client.get(await address())
    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["cache-control"].startswith("private")


async def test_a_messenger_may_look_before_it_fetches(client: httpx.AsyncClient) -> None:
    answer = await client.head(await address())
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")


async def test_a_picture_that_is_gone_is_404(
    client: httpx.AsyncClient, stored: FakePictures
) -> None:
    stored.stored.clear()
    assert (await client.get(await address())).status_code == 404


async def test_a_forged_or_expired_link_is_404_and_never_reaches_the_database(
    client: httpx.AsyncClient, stored: FakePictures
) -> None:
    good = await address()
    bad = [
        await address(links=PictureLinks("http://bot", "other token")),
        good.removesuffix(".png"),
        good.removesuffix("png") + "jpg",
        good.replace(".png", "x.png"),
        "http://bot/pictures/.png",
        "http://bot/pictures/viber:1:1.png",
        "http://bot/pictures/..%2f..%2fetc%2fpasswd.png",
        "http://bot/pictures/%D1%84%00%FF.png",
        f"http://bot/pictures/{'a' * 4000}.png",
    ]
    for one in bad:
        assert (await client.get(one)).status_code == 404, one
    expired = PictureLinks("http://bot", "token", lifetime=-1)
    assert expired.key(good.rsplit("/", 1)[1].removesuffix(".png")) is None
    assert stored.asked == []


@pytest.mark.parametrize("error", [ConnectionError(), TimeoutError()])
async def test_with_the_database_away_viber_is_asked_to_come_again(
    client: httpx.AsyncClient, stored: FakePictures, error: Exception
) -> None:
    stored.away = error
    answer = await client.get(await address())
    assert answer.status_code == 503
    assert "retry-after" in answer.headers


async def test_nothing_can_be_sent_there(client: httpx.AsyncClient) -> None:
    assert (await client.post(await address(), content=b"x")).status_code == 405
