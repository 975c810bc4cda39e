"""Runs Rasa's channel registration in a Sanic application without a network."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

Serve = Callable[[Any], Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def serve(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Serve]:
    """Gives a function from an input channel to a client of the application that serves it."""
    from rasa.core.channels.channel import register
    from sanic import Sanic
    from sanic.touchup import TouchUp

    # At its start Sanic rewrites its own methods, which works once in a process, unless the first
    # application is started in the test mode and leaves the original ones.
    optimise = TouchUp.run
    touched = getattr(Sanic, "__touched__", False)
    monkeypatch.setattr(Sanic, "test_mode", True)
    monkeypatch.setattr(TouchUp, "run", lambda app: None if touched else optimise(app))

    async with AsyncExitStack() as stack:

        async def start(channel: Any) -> httpx.AsyncClient:
            app = Sanic(f"channels_{uuid.uuid4().hex}")
            register([channel], app, route="/webhooks/")
            await app._startup()
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://bot")
            return await stack.enter_async_context(client)

        yield start


CHANNEL_VARIABLES = (
    "VIBER_AUTH_TOKEN",
    "VK_ACCESS_TOKEN",
    "VK_GROUP_ID",
    "VK_CONFIRMATION",
    "VK_SECRET",
    "PUBLIC_URL",
    "DATA_DIR",
)


@pytest.fixture
def bot_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """An environment in which no channel is set up; the given function adds variables."""
    for name in CHANNEL_VARIABLES:
        monkeypatch.delenv(name, raising=False)

    def add(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    add(ENV_FILE=str(tmp_path / "none"), BILLING_URL="http://127.0.0.1:1", BILLING_TOKEN="t")
    return add
