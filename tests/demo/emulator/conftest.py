"""An emulator on a free port with a small bot behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from demo.emulator.client import Resident
from demo.emulator.emulator import Emulator
from demo.emulator.options import Options
from tests.demo.emulator.echo_bot import EchoBot, certificates

Call = Callable[..., Awaitable[dict[str, Any]]]
FAST_RETRIES = (0.01, 0.01, 0.01)


@pytest.fixture
def bot() -> EchoBot:
    """A bot that links an account."""
    return EchoBot()


@pytest.fixture
async def emulator(bot: EchoBot) -> AsyncIterator[Emulator]:
    """Both messengers in front of the bot."""
    options = Options(port=0, bot_url="http://bot", retry_after=FAST_RETRIES)
    async with Emulator(options, transport=bot.transport) as running:
        bot.emulator = running
        yield running


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client without proxies."""
    async with httpx.AsyncClient(trust_env=False, verify=certificates()) as client:
        yield client


@pytest.fixture
def viber(emulator: Emulator, http: httpx.AsyncClient) -> Call:
    """Calls a method of Viber's API as the bot does."""

    async def call(
        method: str, body: Any = None, token: str | None = emulator.options.viber_token
    ) -> dict[str, Any]:
        headers = {"X-Viber-Auth-Token": token} if token else {}
        url = f"{emulator.viber_api_url}/{method}"
        response = await http.post(url, json=body if body is not None else {}, headers=headers)
        answer: dict[str, Any] = response.json()
        return answer

    return call


@pytest.fixture
def vk(emulator: Emulator, http: httpx.AsyncClient) -> Call:
    """Calls a method of VK's API as the bot does and returns `response` or `error`."""

    async def call(method: str, **parameters: Any) -> dict[str, Any]:
        data = {"v": "5.199", "access_token": emulator.options.vk_token, **parameters}
        given = {name: value for name, value in data.items() if value is not None}
        response = await http.post(f"{emulator.vk_api_url}/{method}", data=given)
        answer: dict[str, Any] = response.json()
        return answer

    return call


@pytest.fixture
async def resident(emulator: Emulator) -> Resident:
    """Somebody in VK who has allowed messages."""
    someone = await Resident.create(emulator, "vk")
    await someone.allow()
    await someone.wait_until_delivered()
    return someone
