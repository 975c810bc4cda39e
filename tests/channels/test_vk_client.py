"""VK's API client against a fake VK."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from backend.delivery.messenger import (
    DeliveryError,
    MessageRejected,
    Messenger,
    OperatorNeeded,
    ResidentUnreachable,
    RetryLater,
)
from backend.delivery.model import Keyboard
from channels.http import LONGEST_WAIT, http_client
from channels.vk.client import VkClient
from channels.vk.errors import POLICIES, delivery_error
from channels.vk.events import CallbackPress
from tests.channels.channel_samples import MENU, outgoing
from tests.channels.fake_vk import API, TOKEN, FakeVk, error


@pytest.fixture
def vk() -> FakeVk:
    return FakeVk()


@pytest.fixture
async def client(vk: FakeVk):
    made = VkClient(http_client(httpx.MockTransport(vk)), token=TOKEN, api_url=API)
    yield made
    await made.close()


def test_is_a_messenger(client):
    messenger: Messenger = client
    assert (messenger.channel, messenger.text_limit) == ("vk", 4096)


async def test_message_is_a_form_with_the_token_in_a_header_only(vk, client):
    vk.answers["messages.send"] = {"response": 4242}
    message = outgoing("vk", "Показание 56,578 м³ & «принято» 🙂", keyboard=MENU)
    assert await client.send(message) == "4242"
    (request,) = vk.requests
    assert request.method == "POST"
    assert str(request.url) == f"{API}/messages.send"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert TOKEN.encode() not in request.content
    (form,) = vk.forms()
    board = form["keyboard"]
    assert "Передать" in board
    assert dict(form) == {
        "v": "5.199",
        "peer_id": "743784474",
        "random_id": str(message.random_id),
        "message": message.text,
        "dont_parse_links": "1",
        "disable_mentions": "1",
        "keyboard": board,
    }


async def test_repetition_carries_the_same_random_id(vk, client):
    for _ in range(2):
        await client.send(outgoing("vk"))
    await client.send(outgoing("vk", key="turn-1/1"))
    first, second, other = [form["random_id"] for form in vk.forms()]
    assert first == second != other


async def test_message_without_a_keyboard_leaves_the_present_one(vk, client):
    await client.send(outgoing("vk"))
    assert "keyboard" not in vk.forms()[0]


async def test_keyboard_without_buttons_hides_the_present_one(vk, client):
    await client.send(outgoing("vk", keyboard=Keyboard("1", ())))
    assert json.loads(vk.forms()[0]["keyboard"])["buttons"] == []


async def test_characters_that_can_not_be_sent_are_dropped(vk, client):
    await client.send(outgoing("vk", "а\x00б\ud800в"))
    assert vk.forms()[0]["message"] == "абв"


LATER, GONE, OPERATOR, NEVER = RetryLater, ResidentUnreachable, OperatorNeeded, MessageRejected
TABLE = [
    (1, LATER, None),
    (5, OPERATOR, None),
    (6, LATER, 0.5),
    (7, OPERATOR, None),
    (8, NEVER, None),
    (9, LATER, 60),
    (10, LATER, None),
    (14, OPERATOR, None),
    (15, OPERATOR, None),
    (18, GONE, None),
    (27, OPERATOR, None),
    (28, OPERATOR, None),
    (29, LATER, 300),
    (100, NEVER, None),
    (113, NEVER, None),
    (129, NEVER, None),
    (900, GONE, None),
    (901, GONE, None),
    (902, GONE, None),
    (911, NEVER, None),
    (912, OPERATOR, None),
    (913, NEVER, None),
    (914, NEVER, None),
    (917, NEVER, None),
    (921, NEVER, None),
    (922, NEVER, None),
    (925, NEVER, None),
    (936, NEVER, None),
    (940, NEVER, None),
    (943, NEVER, None),
    (944, NEVER, None),
    (945, NEVER, None),
    (946, NEVER, None),
    (950, NEVER, None),
    (984, LATER, 600),
    (1012, NEVER, None),
    (1021, GONE, None),
    (99999, LATER, None),
]


@pytest.mark.parametrize(("code", "kind", "after"), TABLE)
async def test_error_of_vk_becomes_the_ports_error(vk, client, code, kind, after):
    vk.answers["messages.send"] = error(code, "wording of VK")
    with pytest.raises(DeliveryError) as raised:
        await client.send(outgoing("vk"))
    assert type(raised.value) is kind
    assert raised.value.code == code
    assert getattr(raised.value, "after", None) == after
    assert "wording of VK" in raised.value.reason
    assert TOKEN not in str(raised.value)


def test_every_row_of_the_table_is_tested():
    assert set(POLICIES) == {code for code, _, _ in TABLE} - {99999}
    assert isinstance(delivery_error(12345), RetryLater)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b"<html>502</html>"),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(200, content=b"\xff\xfe"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"error": "broken"}),
        httpx.Response(200, json={"error": {"error_code": "5"}}),
        httpx.Response(302, headers={"Location": "https://elsewhere"}),
        httpx.Response(404, content=b"not found"),
        httpx.Response(500, json={"response": 1}),
        httpx.Response(502, content=b"bad gateway"),
        httpx.Response(503),
        httpx.Response(429),
    ],
    ids=repr,
)
async def test_answer_that_says_nothing_certain_is_retried_later(vk, client, answer):
    vk.answers["messages.send"] = answer
    with pytest.raises(RetryLater) as raised:
        await client.send(outgoing("vk"))
    assert raised.value.after is None


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [
        ("7", 7, 7),
        ("0", 0, 0),
        ("999999999999", LONGEST_WAIT, LONGEST_WAIT),
        ("9" * 500, LONGEST_WAIT, LONGEST_WAIT),
        (format_datetime(datetime.now(timezone.utc) + timedelta(minutes=30)), 1500, 1800),
        ("Thu, 01 Jan 1970 00:00:00 -0000", 0, 0),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_respected(vk, client, header, low, high, status):
    vk.answers["messages.send"] = httpx.Response(status, headers={"Retry-After": header})
    with pytest.raises(RetryLater) as raised:
        await client.send(outgoing("vk"))
    assert raised.value.after is not None
    assert low <= raised.value.after <= high


@pytest.mark.parametrize("header", ["soon", "-5", "1.5.1", "²"])
async def test_unreadable_retry_after_is_no_wait(vk, client, header):
    response = httpx.Response(429, headers=[(b"Retry-After", header.encode())])
    vk.answers["messages.send"] = response
    with pytest.raises(RetryLater) as raised:
        await client.send(outgoing("vk"))
    assert raised.value.after is None


async def test_refused_keyboard_is_left_out_and_the_text_sent_once_more(vk, client):
    vk.answers["messages.send"] = [error(911, "button 3 is wrong"), {"response": 7}]
    with capture_logs() as logs:
        assert await client.send(outgoing("vk", keyboard=MENU)) == "7"
    with_keyboard, without = vk.forms()
    assert "keyboard" in with_keyboard
    assert "keyboard" not in without
    assert with_keyboard["random_id"] == without["random_id"]
    assert any("button 3 is wrong" in str(entry) for entry in logs)


async def test_keyboard_refused_twice_rejects_the_message(vk, client):
    vk.answers["messages.send"] = error(911)
    with pytest.raises(MessageRejected):
        await client.send(outgoing("vk", keyboard=MENU))
    assert len(vk.forms()) == 2


def refuse_over(limit: int) -> Callable[[httpx.Request], dict[str, Any]]:
    def answer(request: httpx.Request) -> dict[str, Any]:
        text = httpx.QueryParams(request.content.decode())["message"]
        return error(914) if len(text) > limit else {"response": len(text)}

    return answer


async def test_text_refused_as_too_long_goes_in_parts_with_the_keyboard_last(vk, client):
    vk.answers["messages.send"] = refuse_over(1100)
    text = "\n\n".join(f"Абзац {n}: " + "слово " * 40 for n in range(15))
    await client.send(outgoing("vk", text, keyboard=MENU))
    shown = [form for form in vk.forms() if len(form["message"]) <= 1100]
    assert "".join("".join(form["message"].split()) for form in shown) == "".join(text.split())
    assert ["keyboard" in form for form in shown] == [False] * (len(shown) - 1) + [True]
    identifiers = [form["random_id"] for form in vk.forms()]
    assert len(set(identifiers)) == len(identifiers)
    await client.send(outgoing("vk", text, keyboard=MENU))
    assert [form["random_id"] for form in vk.forms()] == identifiers * 2


async def test_text_that_is_always_too_long_is_rejected_in_the_end(vk, client):
    vk.answers["messages.send"] = error(914)
    with pytest.raises(MessageRejected):
        await client.send(outgoing("vk", "слово " * 600))
    assert len(vk.requests) < 20


UPLOAD = {
    "photos.getMessagesUploadServer": {"response": {"upload_url": "https://pu.vk.test/c1/up"}},
    "up": {"server": 51, "photo": '[{"photo":"a"}]', "hash": "abc"},
    "photos.saveMessagesPhoto": {"response": [{"id": 7, "owner_id": -5, "access_key": "k"}]},
}


async def test_picture_is_uploaded_without_the_token_and_attached(vk, client):
    vk.answers |= UPLOAD
    await client.send(outgoing("vk", picture=b"\x89PNG..."))
    upload = next(request for request in vk.requests if request.url.host == "pu.vk.test")
    assert "Authorization" not in upload.headers
    assert upload.headers["Content-Type"].startswith("multipart/form-data")
    assert b"\x89PNG..." in upload.content
    assert b'name="photo"; filename="picture.png"' in upload.content
    (saved,) = vk.forms("photos.saveMessagesPhoto")
    assert (saved["server"], saved["photo"], saved["hash"]) == ("51", '[{"photo":"a"}]', "abc")
    assert vk.forms()[0]["attachment"] == "photo-5_7_k"


@pytest.mark.parametrize(
    "broken",
    [
        {"photos.getMessagesUploadServer": error(129)},
        {"photos.saveMessagesPhoto": error(100)},
    ],
    ids=str,
)
async def test_refused_picture_does_not_hold_the_text_back(vk, client, broken):
    vk.answers |= UPLOAD | broken
    await client.send(outgoing("vk", "Принято", picture=b"png"))
    (form,) = vk.forms()
    assert form["message"] == "Принято"
    assert "attachment" not in form


async def test_what_is_said_in_a_refused_picture_s_place_is_said_instead_of_the_text(vk, client):
    vk.answers |= UPLOAD | {"photos.saveMessagesPhoto": error(100)}
    message = outgoing("vk", "Расход", picture=b"png", without_picture="ноя 2026 — 4,25")
    await client.send(message)
    assert vk.forms()[0]["message"] == "ноя 2026 — 4,25"
    vk.answers |= UPLOAD
    await client.send(message)
    assert (vk.forms()[1]["message"], "attachment" in vk.forms()[1]) == ("Расход", True)


@pytest.mark.parametrize(
    "broken",
    [
        {"photos.getMessagesUploadServer": {"response": {}}},
        {"photos.getMessagesUploadServer": {"response": {"upload_url": "not an address"}}},
        {"up": httpx.Response(502)},
        {"up": httpx.ReadTimeout("slow")},
        {"photos.saveMessagesPhoto": {"response": []}},
        {"photos.saveMessagesPhoto": {"response": [{"id": "7"}]}},
    ],
    ids=str,
)
async def test_picture_whose_upload_failed_is_tried_again_with_the_text(vk, client, broken):
    vk.answers |= UPLOAD | broken
    with pytest.raises(RetryLater):
        await client.send(outgoing("vk", picture=b"png"))
    assert vk.forms() == []


async def test_acknowledged_button_names_the_press(vk, client):
    await client.acknowledge(CallbackPress("a63ab5923e8c", "743784474"))
    (form,) = vk.forms("messages.sendMessageEventAnswer")
    assert form["event_id"] == "a63ab5923e8c"
