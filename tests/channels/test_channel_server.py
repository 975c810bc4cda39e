"""A webhook behind Sanic's own HTTP server, where bodies really arrive in pieces."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager

import httpx
import pytest
from rasa.core.channels.channel import register
from sanic import Sanic

from channels.vk.connector import VkInput
from channels.vk.events import VkAccount
from tests.channels.channel_samples import (
    VK_CONFIRMATION,
    VK_GROUP,
    VK_SECRET,
    FakeInbox,
    vk_message,
)

WEBHOOK = "/webhooks/vk/webhook"


@asynccontextmanager
async def running(channel: VkInput):
    app = Sanic("channels_behind_a_socket")
    register([channel], app, route="/webhooks/")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = await app.create_server(
            sock=listening, return_asyncio_server=True, asyncio_server_kwargs={}
        )
        await server.startup()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.close()
            await server.wait_closed()


@pytest.mark.usefixtures("serve")  # it lets a second Sanic start in one process
async def test_large_body_is_refused_and_the_next_event_taken():
    inbox = FakeInbox()
    channel = VkInput(VkAccount(VK_GROUP, VK_SECRET, VK_CONFIRMATION), inbox)

    async def endless():
        for _ in range(400):
            yield b"x" * 4096

    async with running(channel) as address, httpx.AsyncClient(base_url=address) as http:
        assert (await http.post(WEBHOOK, json=vk_message())).text == "ok"
        assert (await http.post(WEBHOOK, content=b"x" * 300_000)).status_code == 413
        answer = await http.post(WEBHOOK, content=endless())
        assert answer.status_code == 413
        second = vk_message(text="ещё одно", payload='{"b":"1.0"}') | {"event_id": "second"}
        assert (await asyncio.wait_for(http.post(WEBHOOK, json=second), 10)).text == "ok"
    assert [event.text for event in inbox.events] == ["56578", "ещё одно"]
