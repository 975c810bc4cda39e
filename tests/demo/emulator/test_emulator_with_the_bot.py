"""The bot's own clients and registration against the emulator: both must mean the same protocol."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import httpx
import pytest

from backend.delivery.messenger import (
    DeliveryError,
    MessageRejected,
    OperatorNeeded,
    ResidentUnreachable,
    RetryLater,
)
from backend.delivery.model import Button, Keyboard, OutgoingMessage
from backend.settings import load_settings
from channels.registration import register
from channels.viber.client import ViberClient
from channels.vk.client import VkClient
from demo.emulator.client import Resident
from demo.emulator.emulator import Emulator
from demo.emulator.faults import Fault

KEYBOARD = Keyboard(
    "q1",
    (
        Button("Передать показания", "/submit_reading"),
        Button("Подтверждаю <&>", "/affirm"),
        Button("Не подтверждаю", "/deny"),
    ),
)


def client_for(messenger: str, emulator: Emulator, http: httpx.AsyncClient) -> Any:
    options = emulator.options
    if messenger == "vk":
        return VkClient(http, token=options.vk_token, api_url=emulator.vk_api_url)
    return ViberClient(
        http, token=options.viber_token, api_url=emulator.viber_api_url, sender_name="ТГК-1"
    )


@pytest.mark.parametrize("messenger", ["viber", "vk"])
async def test_a_message_of_the_bot_is_shown_with_its_buttons(
    messenger: str, emulator: Emulator, http: httpx.AsyncClient
) -> None:
    resident = await Resident.create(emulator, messenger)
    await resident.allow()
    client = client_for(messenger, emulator, http)
    message = OutgoingMessage("k1", messenger, resident.user_id, "Выберите действие:", KEYBOARD)
    message_id = await client.send(message)
    shown = await resident.wait_for_answer()
    assert (shown.text, shown.api_id) == ("Выберите действие:", message_id)
    keyboard = await resident.keyboard()
    assert keyboard is not None
    assert keyboard.captions == tuple(button.caption for button in KEYBOARD.buttons)


@pytest.mark.parametrize("messenger", ["viber", "vk"])
async def test_nothing_reaches_a_resident_who_left(
    messenger: str, emulator: Emulator, http: httpx.AsyncClient
) -> None:
    resident = await Resident.create(emulator, messenger)
    await resident.allow()
    await resident.deny()
    client = client_for(messenger, emulator, http)
    with pytest.raises(ResidentUnreachable):
        await client.send(OutgoingMessage("k1", messenger, resident.user_id, "Вы здесь?"))


@pytest.mark.parametrize(
    ("messenger", "code", "error"),
    [
        ("viber", 2, OperatorNeeded),
        ("viber", 3, MessageRejected),
        ("viber", 12, RetryLater),
        ("vk", 5, OperatorNeeded),
        ("vk", 100, MessageRejected),
        ("vk", 10, RetryLater),
    ],
)
async def test_a_forced_error_has_its_meaning_for_the_bot(
    messenger: str,
    code: int,
    error: type[DeliveryError],
    emulator: Emulator,
    http: httpx.AsyncClient,
) -> None:
    resident = await Resident.create(emulator, messenger)
    await resident.allow()
    await emulator.add_fault(Fault(messenger, "error", code=code, count=10))
    client = client_for(messenger, emulator, http)
    with pytest.raises(error):
        await client.send(OutgoingMessage("k1", messenger, resident.user_id, "Да"))


async def test_a_rush_in_vk_is_shown_within_the_limit_of_calls(
    emulator: Emulator, http: httpx.AsyncClient
) -> None:
    here, gone = [await Resident.create(emulator, "vk") for _ in range(2)]
    await here.allow()
    client = client_for("vk", emulator, http)
    messages = [
        OutgoingMessage(f"k{number}", "vk", resident.user_id, f"Ответ {number}", KEYBOARD)
        for number, resident in enumerate([*[here] * 30, gone, *[here] * 39])
    ]
    ids = await asyncio.gather(*map(client.send, messages), return_exceptions=True)
    assert isinstance(ids.pop(30), ResidentUnreachable)
    assert len(set(ids)) == 69
    del messages[30]
    shown = await here.messages()
    assert {one.api_id: one.text for one in shown} == {
        number: message.text for number, message in zip(ids, messages, strict=True)
    }
    paths = [exchange.path for exchange in emulator.traffic.exchanges]
    assert len([path for path in paths if path.endswith("/execute")]) == 2
    await client.close()


async def test_the_bot_registers_its_webhooks(
    emulator: Emulator, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    options = emulator.options
    environment = {
        "BILLING_URL": "http://billing",
        "BILLING_TOKEN": "t",
        "VIBER_AUTH_TOKEN": options.viber_token,
        "VIBER_API_URL": emulator.viber_api_url,
        "VK_ACCESS_TOKEN": options.vk_token,
        "VK_API_URL": emulator.vk_api_url,
        "VK_GROUP_ID": str(options.vk_group_id),
        "VK_CONFIRMATION": options.vk_confirmation,
        "VK_SECRET": options.vk_secret,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(tmp_path / "none.env")
    out = io.StringIO()
    assert await register(settings, "http://bot/new", http, out, pause=0.01) == 0
    assert emulator.viber.webhook == "http://bot/new/webhooks/viber/webhook"
    assert emulator.vk.webhook == "http://bot/new/webhooks/vk/webhook"
