"""Readiness is red whenever a turn would not succeed; liveness is green while the process lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import pytest
from sanic import Sanic
from sanic.touchup import TouchUp

from server import health as health_module
from server.health import bot_is_missing, health


class FakeDatabase:
    """Answers, fails or says nothing."""

    mood = "answers"

    async def ping(self) -> None:
        if self.mood == "fails":
            raise ConnectionError
        if self.mood == "silent":
            await asyncio.Event().wait()


class FakeTurns:
    """A loaded model."""

    complete = True

    async def actions_answer(self) -> bool:
        return self.complete


@dataclass
class FakeQueue:
    """The workers."""

    is_working: bool = True


@dataclass
class FakeBot:
    """What health looks at."""

    database: FakeDatabase = field(default_factory=FakeDatabase)
    turns: FakeTurns | None = field(default_factory=FakeTurns)
    queue: FakeQueue = field(default_factory=FakeQueue)
    failures: list[str] = field(default_factory=list)


@pytest.fixture
def bot() -> FakeBot:
    return FakeBot()


@pytest.fixture
async def client(bot: FakeBot, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    # Sanic rewrites its own methods at its start, which works once in a process.
    optimise, touched = TouchUp.run, getattr(Sanic, "__touched__", False)
    monkeypatch.setattr(Sanic, "test_mode", True)
    monkeypatch.setattr(TouchUp, "run", lambda app: None if touched else optimise(app))
    monkeypatch.setattr(health_module, "PATIENCE", 0.05)
    app = Sanic(f"health_{id(bot)}")
    fake: Any = bot
    app.blueprint(health(partial(bot_is_missing, fake)))
    await app._startup()
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as found:
        yield found


async def missing(client: httpx.AsyncClient) -> tuple[int, list[str]]:
    answer = await client.get("/health/ready")
    return answer.status_code, answer.json()["missing"]


async def test_with_everything_there_it_is_ready(client: httpx.AsyncClient) -> None:
    assert await missing(client) == (200, [])


@pytest.mark.parametrize("mood", ["fails", "silent"])
async def test_without_the_database_it_is_not_ready(
    client: httpx.AsyncClient, bot: FakeBot, mood: str
) -> None:
    bot.database.mood = mood
    assert await missing(client) == (503, ["database"])
    assert (await client.get("/health/live")).status_code == 200


async def test_without_the_model_or_an_action_it_is_not_ready(
    client: httpx.AsyncClient, bot: FakeBot
) -> None:
    assert bot.turns is not None
    bot.turns.complete = False
    assert await missing(client) == (503, ["actions"])
    bot.turns = None
    assert await missing(client) == (503, ["model"])


async def test_without_workers_or_after_a_failed_start_it_is_not_ready(
    client: httpx.AsyncClient, bot: FakeBot
) -> None:
    bot.queue.is_working = False
    bot.failures.append("start: OSError")
    assert await missing(client) == (503, ["start: OSError", "queue"])
