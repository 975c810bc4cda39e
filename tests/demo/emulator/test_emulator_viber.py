"""Viber as the emulator plays it: every documented check, signed events, the welcome message."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from viberbot import Api, BotConfiguration

from demo.emulator.client import Resident
from demo.emulator.emulator import Emulator
from demo.emulator.options import Options
from demo.emulator.samples import METER_PHOTO
from demo.emulator.viber_checks import API_VERSION
from demo.emulator.views import Author
from tests.demo.emulator.echo_bot import EchoBot

SENDER = {"name": "ТГК-1"}


def text(**changes: Any) -> dict[str, Any]:
    return {"type": "text", "text": "Здравствуйте", "sender": SENDER, **changes}


def board(**changes: Any) -> dict[str, Any]:
    button = {"ActionBody": "Да", "Text": "Да", **changes.pop("button", {})}
    button = {name: value for name, value in button.items() if value is not None}
    return {"Type": "keyboard", "Buttons": [button], **changes}


REFUSED = {
    "no sender": (text(sender=None), 3),
    "sender without a name": (text(sender={}), 4),
    "a name of 29 characters": (text(sender={"name": "a" * 29}), 3),
    "no type": ({"sender": SENDER}, 4),
    "an unknown type": (text(type="poem"), 3),
    "no text": (text(text=""), 4),
    "a text that is a number": (text(text=5), 3),
    "7001 characters": (text(text="a" * 7001), 3),
    "a null": (text(keyboard=None), 3),
    "tracking data of 4001 characters": (text(tracking_data="a" * 4001), 3),
    "more than 30 KB": (text(filler="a" * 31_000), 3),
    "a picture that is no address": (
        {"type": "picture", "media": "photo.png", "sender": SENDER},
        1,
    ),
    "a picture that is a page": (
        {"type": "picture", "media": "https://example.ru/page", "sender": SENDER},
        1,
    ),
    "a picture without media": ({"type": "picture", "sender": SENDER}, 4),
    "a version above the phone's": (text(min_api_version=API_VERSION + 1), 13),
    "a version that is text": (text(min_api_version="7"), 3),
    "a keyboard without its type": (text(keyboard=board(Type="rich")), 3),
    "a keyboard without buttons": (text(keyboard=board(Buttons=[])), 3),
    "an input state without a version": (text(keyboard=board(InputFieldState="hidden")), 14),
    "seven columns": (text(keyboard=board(button={"Columns": 7})), 3),
    "three rows": (text(keyboard=board(button={"Rows": 3})), 3),
    "a button without an action": (text(keyboard=board(button={"ActionBody": None})), 3),
    "an unknown action": (text(keyboard=board(button={"ActionType": "dance"})), 3),
    "an invisible button": (text(keyboard=board(button={"Text": None})), 3),
    "251 characters on a button": (text(keyboard=board(button={"Text": "a" * 251})), 3),
    "a colour in words": (text(keyboard=board(button={"BgColor": "red"})), 3),
    "thirteen rows": (text(keyboard=board(Buttons=[{"ActionBody": "a", "Text": "a"}] * 13)), 3),
}


@pytest.fixture
async def resident(emulator: Emulator) -> Resident:
    """Somebody who has subscribed."""
    someone = await Resident.create(emulator, "viber")
    await someone.allow()
    await someone.wait_until_delivered()
    return someone


@pytest.mark.parametrize("name", REFUSED)
async def test_a_message_is_refused_for(
    name: str, viber: Any, resident: Resident, emulator: Emulator
) -> None:
    message, status = REFUSED[name]
    answer = await viber("send_message", {"receiver": resident.user_id, **message})
    assert (status, True) == (answer["status"], bool(answer["status_message"]))
    assert await resident.messages() == []


async def test_a_message_at_the_limits_is_shown(viber: Any, resident: Resident) -> None:
    keyboard = board(InputFieldState="regular", button={"Columns": 3, "Rows": 2})
    message = text(text="a" * 7000, keyboard=keyboard, min_api_version=7, tracking_data="t" * 4000)
    answer = await viber("send_message", {"receiver": resident.user_id, **message})
    assert answer["status"] == 0
    assert answer["message_token"] > 2**53
    assert [len(shown) for shown in await resident.answers()] == [7000]


async def test_tokens_and_receivers_are_checked(viber: Any, emulator: Emulator) -> None:
    stranger = await Resident.create(emulator, "viber")
    message = text(receiver=stranger.user_id)
    assert (await viber("send_message", message, token=None))["status"] == 2
    assert (await viber("send_message", message, token="wrong"))["status"] == 2
    assert (await viber("send_message", text()))["status"] == 4
    assert (await viber("send_message", text(receiver="nobody")))["status"] == 5
    assert (await viber("send_message", message))["status"] == 6
    assert (await viber("send_message", []))["status"] == 3


async def test_no_message_leaves_without_a_webhook(viber: Any, resident: Resident) -> None:
    assert (await viber("set_webhook", {"url": ""}))["status"] == 0
    assert (await viber("send_message", text(receiver=resident.user_id)))["status"] == 10


async def test_a_hundred_messages_wait_for_an_answer_and_no_more(
    viber: Any, resident: Resident
) -> None:
    for _ in range(100):
        assert (await viber("send_message", text(receiver=resident.user_id)))["status"] == 0
    assert (await viber("send_message", text(receiver=resident.user_id)))["status"] == 12
    await resident.say("хватит")
    assert (await viber("send_message", text(receiver=resident.user_id)))["status"] == 0


async def test_the_webhook_is_called_before_it_is_set(viber: Any, bot: EchoBot) -> None:
    assert (await viber("set_webhook", {"url": "не адрес"}))["status"] == 1
    bot.answers = [500]
    assert (await viber("set_webhook", {"url": "http://bot/new"}))["status"] == 1
    answer = await viber("set_webhook", {"url": "http://bot/new", "event_types": ["failed"]})
    assert answer["event_types"] == ["failed", "message", "subscribed", "unsubscribed"]
    assert bot.bodies()[-1]["event"] == "webhook"
    assert (await viber("get_account_info"))["webhook"] == "http://bot/new"


async def test_details_of_a_resident_can_be_asked_twice(viber: Any, resident: Resident) -> None:
    for status in (0, 0, 12):
        assert (await viber("get_user_details", {"id": resident.user_id}))["status"] == status


async def test_a_broadcast_names_those_who_cannot_be_reached(
    viber: Any, resident: Resident
) -> None:
    message = text(broadcast_list=[resident.user_id, "nobody"])
    answer = await viber("broadcast_message", message)
    assert [failure["receiver"] for failure in answer["failed_list"]] == ["nobody"]
    assert await resident.answers() == ["Здравствуйте"]


async def test_events_are_signed_and_readable_for_the_official_library(
    emulator: Emulator, bot: EchoBot, viber: Any
) -> None:
    library = Api(BotConfiguration(emulator.options.viber_token, "bot", ""))
    resident = await Resident.create(emulator, "viber")
    await resident.open("from-qr")
    await resident.say("7060000001")
    await resident.allow()
    for kind in ("sticker", "picture", "voice", "contact", "location"):
        await resident.send(kind)
    await resident.deny()
    await resident.wait_until_delivered()
    for request in bot.received:
        signature = request.headers["X-Viber-Content-Signature"]
        assert library.verify_signature(request.content, signature)
        assert request.url.params["sig"] == signature
        assert library.parse_request(request.content).timestamp
    tokens = [body["message_token"] for body in bot.bodies()]
    assert len(set(tokens)) == len(tokens)
    assert bot.bodies()[0]["context"] == "from-qr"
    assert [body["event"] for body in bot.bodies()] == [
        "conversation_started",
        "message",
        "subscribed",
        *["message"] * 5,
        "unsubscribed",
    ]


async def test_the_answer_to_an_opened_chat_is_the_welcome(emulator: Emulator) -> None:
    resident = await Resident.create(emulator, "viber")
    await resident.open()
    assert (await resident.wait_for_answer()).text.startswith("Здравствуйте!")
    assert (await resident.state()).reachable is False


async def test_a_welcome_that_viber_would_drop_is_reported(
    emulator: Emulator, bot: EchoBot
) -> None:
    resident = await Resident.create(emulator, "viber")
    bot.answers = [json.dumps({"type": "text", "text": "Без отправителя"})]
    await resident.open()
    await resident.wait_until_delivered()
    assert [(message.author, message.kind) for message in await resident.messages()] == [
        (Author.SERVICE, "welcome_refused")
    ]


async def test_tracking_data_of_the_last_message_comes_back_until_subscribing(
    viber: Any, resident: Resident, bot: EchoBot
) -> None:
    await viber("send_message", text(receiver=resident.user_id, tracking_data="q7"))
    await resident.say("раз")
    await resident.wait_until_delivered()
    assert bot.bodies()[-1]["message"]["tracking_data"] == "q7"
    await resident.allow()
    await resident.say("два", tracking_data="forged")
    await resident.wait_until_delivered()
    assert bot.bodies()[-1]["message"]["tracking_data"] == "forged"


async def test_buttons_send_their_action_body_and_silent_ones_show_nothing(
    viber: Any, resident: Resident, bot: EchoBot
) -> None:
    keyboard = {
        "Type": "keyboard",
        "Buttons": [
            {"ActionBody": "q.0", "Text": "<b>Да &amp; нет</b>", "Silent": True},
            {"ActionBody": "https://example.ru", "ActionType": "open-url", "Text": "Сайт"},
        ],
    }
    await viber("send_message", text(receiver=resident.user_id, keyboard=keyboard))
    await resident.press("Да & нет")
    await resident.press("Сайт")
    await resident.wait_until_delivered()
    pressed = [b["message"]["text"] for b in bot.bodies() if b["event"] == "message"]
    assert pressed == ["q.0", "https://example.ru"]
    own = [m.text for m in await resident.messages() if m.author is Author.RESIDENT]
    assert own == ["https://example.ru"]


async def test_a_picture_is_loaded_or_reported_as_failed(
    viber: Any, resident: Resident, emulator: Emulator, bot: EchoBot, http: httpx.AsyncClient
) -> None:
    message = {"type": "picture", "media": "http://bot/a.png", "sender": SENDER}
    bot.answers = [404]
    assert (await viber("send_message", {"receiver": resident.user_id, **message}))["status"] == 0
    while (shown := (await resident.messages())[-1]).state != "failed":
        await emulator.messages(resident.key, shown.number, 1)
    await resident.wait_until_delivered()
    assert bot.bodies()[-1]["event"] == "failed"
    assert "404" in bot.bodies()[-1]["desc"]


async def test_a_loaded_picture_is_on_the_phone(http: httpx.AsyncClient) -> None:
    async def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=METER_PHOTO if request.method == "GET" else b"")

    options = Options(port=0, bot_url="http://bot")
    async with Emulator(options, transport=httpx.MockTransport(handle)) as emulator:
        resident = await Resident.create(emulator, "viber")
        await resident.allow()
        message = {"type": "picture", "media": "http://bot/a.png", "sender": SENDER}
        body = json.dumps({"receiver": resident.user_id, **message}).encode()
        token = {"x-viber-auth-token": options.viber_token}
        assert (await emulator.viber_api.call("send_message", token, body))["status"] == 0
        while (shown := (await resident.messages())[-1]).picture is None:
            await emulator.messages(resident.key, shown.number, 1)
        assert (await http.get(f"{emulator.url}{shown.picture}")).content == METER_PHOTO


async def test_any_body_is_answered_with_json(emulator: Emulator, http: httpx.AsyncClient) -> None:
    for content in (b"", b"\xff\xfe", b"[]", b"null", b"{", b'{"receiver": {"a": []}}'):
        response = await http.post(f"{emulator.viber_api_url}/send_message", content=content)
        assert response.status_code == 200
        assert response.json()["status"] in (2, 3)
    assert (await http.post(f"{emulator.viber_api_url}/nothing")).status_code == 404
