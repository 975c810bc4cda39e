"""Viber's API client against a fake Viber, its own library as a judge of the messages."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from viberbot.api.messages import get_message

from backend.delivery.messenger import (
    DeliveryError,
    MessageRejected,
    Messenger,
    OperatorNeeded,
    ResidentUnreachable,
    RetryLater,
)
from backend.delivery.model import Button, Keyboard, OutgoingMessage
from backend.delivery.pictures import PictureLinks
from backend.delivery.text import length
from channels.http import http_client
from channels.viber.client import ViberClient
from channels.viber.errors import POLICIES, TOO_MANY_WAIT, delivery_error
from channels.viber.messages import (
    REQUEST_LIMIT,
    TEXT_LIMIT,
    encode,
    text_message,
    welcome_message,
)
from tests.channels.channel_samples import MENU, outgoing

TOKEN = "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"
API = "https://chatapi.viber.test/pa"
OK = {
    "status": 0,
    "status_message": "ok",
    "message_token": 5741311803571721087,
    "chat_hostname": "SN-CHAT-05_",
    "billing_status": 1,
}


@dataclass
class FakeViber:
    """Gives one answer after the other; the last one stays."""

    answers: list[Any] = field(default_factory=lambda: [OK])
    requests: list[httpx.Request] = field(default_factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.requests]


@pytest.fixture
def viber() -> FakeViber:
    return FakeViber()


def make_client(viber: FakeViber, **options: Any) -> ViberClient:
    http = http_client(httpx.MockTransport(viber))
    return ViberClient(http, token=TOKEN, api_url=API, sender_name="Теплосеть", **options)


@pytest.fixture
async def client(viber: FakeViber):
    made = make_client(viber)
    yield made
    await made.close()


def test_is_a_messenger(client):
    messenger: Messenger = client
    assert (messenger.channel, messenger.text_limit) == ("viber", 7000)


async def test_message_is_json_with_the_token_in_a_header_only(viber, client):
    message = outgoing("viber", "Показание 56,578 м³ принято 🙂", keyboard=MENU)
    assert await client.send(message) == "5741311803571721087"
    (request,) = viber.requests
    assert (request.method, str(request.url)) == ("POST", f"{API}/send_message")
    assert request.headers["X-Viber-Auth-Token"] == TOKEN
    assert request.headers["Content-Type"] == "application/json"
    assert TOKEN.encode() not in request.content
    body = viber.bodies[0]
    keyboard = body.pop("keyboard")
    assert body == {
        "receiver": "743784474",
        "type": "text",
        "text": message.text,
        "sender": {"name": "Теплосеть"},
        "min_api_version": 7,
        "tracking_data": "q7",
    }
    assert keyboard["Type"] == "keyboard"
    assert keyboard["InputFieldState"] == "regular"
    assert keyboard["DefaultHeight"] is False


async def test_message_survives_the_round_trip_through_vibers_own_library(viber, client):
    await client.send(outgoing("viber", "Привет", keyboard=MENU))
    sent = viber.bodies[0]
    theirs = get_message(sent)
    assert theirs.validate()
    addressed = {"receiver": sent["receiver"], "sender": sent["sender"]}
    assert theirs.to_dict() | addressed == sent


async def test_nothing_is_sent_as_null(viber, client):
    await client.send(outgoing("viber"))
    assert set(viber.bodies[0]) == {"receiver", "type", "text", "sender", "min_api_version"}


async def test_keyboard_without_buttons_is_left_out(viber, client):
    await client.send(outgoing("viber", keyboard=Keyboard("1", ())))
    assert "keyboard" not in viber.bodies[0]


LATER, GONE, OPERATOR, NEVER = RetryLater, ResidentUnreachable, OperatorNeeded, MessageRejected
TABLE = [
    (1, NEVER, None),
    (2, OPERATOR, None),
    (3, NEVER, None),
    (4, NEVER, None),
    (5, GONE, None),
    (6, GONE, None),
    (7, OPERATOR, None),
    (8, OPERATOR, None),
    (9, OPERATOR, None),
    (10, OPERATOR, None),
    (11, GONE, None),
    (12, LATER, TOO_MANY_WAIT),
    (13, NEVER, None),
    (14, NEVER, None),
    (15, OPERATOR, None),
    (16, NEVER, None),
    (17, NEVER, None),
    (18, NEVER, None),
    (19, NEVER, None),
    (20, NEVER, None),
    (21, GONE, None),
    (22, NEVER, None),
    (23, OPERATOR, None),
    (24, OPERATOR, None),
    (25, LATER, None),
    (999, LATER, None),
]


@pytest.mark.parametrize(("status", "kind", "after"), TABLE)
async def test_status_of_viber_becomes_the_ports_error(viber, client, status, kind, after):
    viber.answers = [{"status": status, "status_message": "wording of Viber"}]
    with pytest.raises(DeliveryError) as raised:
        await client.send(outgoing("viber", keyboard=MENU))
    assert type(raised.value) is kind
    assert raised.value.code == status
    assert getattr(raised.value, "after", None) == after
    assert "wording of Viber" in raised.value.reason
    assert TOKEN not in str(raised.value)
    assert len(viber.requests) == (2 if status in {13, 14} else 1)


def test_every_row_of_the_table_is_tested():
    assert set(POLICIES) == {status for status, _, _ in TABLE} - {25, 999}
    assert isinstance(delivery_error(12345), RetryLater)
    assert TOO_MANY_WAIT >= 600


@pytest.mark.parametrize("status", [13, 14])
async def test_client_too_old_for_the_message_gets_its_plainest_form(viber, client, status):
    viber.answers = [{"status": status, "status_message": "no"}, OK]
    assert await client.send(outgoing("viber", keyboard=MENU)) == "5741311803571721087"
    modern, plain = viber.bodies
    assert "min_api_version" in modern
    assert "min_api_version" not in plain
    assert set(plain["keyboard"]) == {"Type", "Buttons"}
    assert (plain["text"], plain["tracking_data"]) == (modern["text"], modern["tracking_data"])


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"status": "0"}),
        httpx.Response(200, json={"status": None}),
        httpx.Response(200, json={"status": True}),
        httpx.Response(404, content=b"not found"),
        httpx.Response(500, json=OK),
        httpx.Response(429),
    ],
    ids=repr,
)
async def test_answer_that_says_nothing_certain_is_retried_later(viber, client, answer):
    viber.answers = [answer]
    with pytest.raises(RetryLater):
        await client.send(outgoing("viber"))


async def test_retry_after_is_respected(viber, client):
    viber.answers = [httpx.Response(429, headers={"Retry-After": "17"})]
    with pytest.raises(RetryLater) as raised:
        await client.send(outgoing("viber"))
    assert raised.value.after == 17


async def test_success_without_a_token_is_success(viber, client):
    viber.answers = [{"status": 0}]
    assert await client.send(outgoing("viber")) == ""


async def test_picture_without_a_public_address_is_left_out(viber, client):
    await client.send(outgoing("viber", "Принято", picture=b"png"))
    assert (viber.bodies[0]["type"], viber.bodies[0]["text"]) == ("text", "Принято")


async def test_what_is_said_in_a_picture_s_place_is_said_where_there_is_none(viber, client):
    message = outgoing("viber", "Расход", picture=b"png", without_picture="ноя 2026 — 4,25")
    await client.send(message)
    assert (viber.bodies[0]["type"], viber.bodies[0]["text"]) == ("text", "ноя 2026 — 4,25")


async def test_what_is_said_in_a_picture_s_place_is_not_said_beside_it(viber):
    client = make_client(viber, picture_url=public_address)
    await client.send(outgoing("viber", "Расход", picture=b"png", without_picture="таблица"))
    assert [body["text"] for body in viber.bodies] == ["Расход"]
    await client.close()


async def test_a_signed_address_is_a_picture_for_viber_s_own_library(viber):
    links = PictureLinks("https://bot.example", "token")
    client = make_client(viber, picture_url=links.url)
    message = outgoing("viber", "Расход", picture=b"png", keyboard=MENU)
    await client.send(message)
    (body,) = viber.bodies
    assert get_message(body).validate()
    name = body["media"].removeprefix("https://bot.example/pictures/").removesuffix(".png")
    assert links.key(name) == message.key
    await client.close()


async def public_address(message: OutgoingMessage) -> str | None:
    return f"https://bot.example/pictures/{message.random_id}.png"


async def test_picture_with_a_public_address_is_a_picture_message(viber):
    client = make_client(viber, picture_url=public_address)
    message = outgoing("viber", "Принято", picture=b"png", keyboard=MENU)
    await client.send(message)
    (body,) = viber.bodies
    assert (body["type"], body["text"]) == ("picture", "Принято")
    assert body["media"] == await public_address(message)
    assert body["keyboard"]["Type"] == "keyboard"
    assert get_message(body).validate()
    await client.close()


async def test_text_too_long_for_a_picture_follows_it_with_the_keyboard(viber):
    client = make_client(viber, picture_url=public_address)
    await client.send(outgoing("viber", "я" * 1000, picture=b"png", keyboard=MENU))
    picture, text = viber.bodies
    assert (picture["type"], picture["text"], "keyboard" in picture) == ("picture", "", False)
    assert (text["type"], text["text"], "keyboard" in text) == ("text", "я" * 1000, True)
    await client.close()


wide = st.sampled_from(["🙂", "я", "a", '"', "&", "\x01"])
long_text = st.builds(lambda c, n: c * n, wide, st.integers(0, 9000))
long_board = st.builds(
    lambda c, n, count: Keyboard("q1", tuple(Button(c * n, "/ask") for _ in range(count))),
    wide,
    st.integers(1, 2500),
    st.integers(0, 30),
)


@settings(max_examples=40, deadline=None)
@given(long_text, st.none() | long_board)
def test_request_is_never_larger_than_viber_takes(text, keyboard):
    message = {"receiver": "x" * 28, **text_message(text, keyboard, "Бот")}
    body = encode(message)
    assert len(body) <= REQUEST_LIMIT
    sent = json.loads(body)
    assert length(sent["text"]) <= TEXT_LIMIT
    assert sent["text"] == text or text.startswith(sent["text"].removesuffix("…"))
    assert not text or sent["text"]


def board_of(count: int, caption: str) -> Keyboard:
    return Keyboard("q1", tuple(Button(caption, "/ask") for _ in range(count)))


def test_what_is_too_large_loses_the_keyboards_decoration_first():
    message = text_message("я" * 7000, board_of(12, "я" * 250), "Бот")
    padding = REQUEST_LIMIT - len(json.dumps(message, ensure_ascii=False).encode()) + 300
    assert padding > 0
    sent = json.loads(encode({"receiver": "x" * padding, **message}))
    assert sent["text"] == "я" * 7000
    assert set(sent["keyboard"]) == {"Type", "Buttons"}
    assert len(sent["keyboard"]["Buttons"]) == 12


def test_what_is_still_too_large_loses_the_end_of_its_text():
    sent = json.loads(encode(text_message("🙂" * 3500, board_of(12, "я" * 600), "Бот")))
    assert sent["text"].endswith("🙂…")
    assert len(sent["keyboard"]["Buttons"]) == 12


def test_keyboard_that_leaves_no_room_for_the_text_is_left_out():
    sent = json.loads(encode(text_message("я" * 7000, board_of(12, "я" * 1200), "Бот")))
    assert sent["text"] == "я" * 7000
    assert "keyboard" not in sent


def test_welcome_without_any_text_is_no_message():
    assert welcome_message([], "Бот") is None
    assert welcome_message([outgoing("viber", " \n")], "Бот") is None


async def test_account_and_webhook_are_asked_with_the_token_in_the_header(viber, client):
    viber.answers = [{"status": 0, "uri": "teploset"}, {"status": 0, "event_types": []}]
    assert (await client.account_info())["uri"] == "teploset"
    await client.set_webhook("https://bot.example/hook", ["failed"])
    account, webhook = viber.requests
    assert (account.url.path, account.content) == ("/pa/get_account_info", b"{}")
    assert json.loads(webhook.content) == {
        "url": "https://bot.example/hook",
        "event_types": ["failed"],
        "send_name": False,
        "send_photo": False,
    }
