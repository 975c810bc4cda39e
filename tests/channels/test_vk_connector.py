"""VK's webhook, served by Sanic as Rasa serves it."""

from __future__ import annotations

import asyncio
import json
import sys
import types

import httpx
import pytest
from rasa.core.channels.channel import InputChannel

from backend.delivery.model import EventKind
from channels.vk.client import VkClient
from channels.vk.connector import VkInput
from channels.vk.events import VkAccount
from tests.channels.channel_samples import (
    VK_CONFIRMATION,
    VK_GROUP,
    VK_MESSAGE_EVENT,
    VK_MESSAGE_NEW,
    VK_SECRET,
    FakeInbox,
    as_json,
    storage_away,
    vk_message,
)

# The listener that closes the client is known to run early in ASGI mode.
pytestmark = pytest.mark.filterwarnings("ignore:You have set a listener")

WEBHOOK = "/webhooks/vk/webhook"
ACCOUNT = VkAccount(VK_GROUP, VK_SECRET, VK_CONFIRMATION)


async def test_is_a_rasa_input_channel_named_vk_with_a_health_check(serve):
    channel = VkInput(ACCOUNT, FakeInbox())
    assert isinstance(channel, InputChannel)
    assert VkInput.name() == "vk"
    http = await serve(channel)
    assert (await http.get("/webhooks/vk/")).json() == {"status": "ok"}


async def test_confirmation_gets_the_string_only_with_the_secret(serve):
    http = await serve(VkInput(ACCOUNT, FakeInbox()))
    question = {"type": "confirmation", "group_id": VK_GROUP}
    assert (await http.post(WEBHOOK, json=question)).status_code == 403
    answer = await http.post(WEBHOOK, json=question | {"secret": VK_SECRET})
    assert (answer.status_code, answer.text) == (200, VK_CONFIRMATION)
    assert answer.headers["content-type"].startswith("text/plain")


async def test_message_is_stored_before_ok_is_answered(serve):
    inbox = FakeInbox()
    http = await serve(VkInput(ACCOUNT, inbox))
    answer = await http.post(WEBHOOK, json=VK_MESSAGE_NEW)
    assert (answer.status_code, answer.text) == (200, "ok")
    assert answer.headers["content-type"].startswith("text/plain")
    assert [event.kind for event in inbox.events] == [EventKind.START]
    assert inbox.events[0].resident == "vk:743784474"


async def test_repeated_delivery_is_answered_ok_and_not_stored_twice(serve):
    inbox = FakeInbox()
    http = await serve(VkInput(ACCOUNT, inbox))
    for retry in ("0", "1"):
        answer = await http.post(WEBHOOK, json=VK_MESSAGE_NEW, headers={"X-Retry-Counter": retry})
        assert answer.text == "ok"
    assert len(inbox.events) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": "wrong"},
        {"secret": ""},
        {"secret": None},
        {"secret": ["s3cret"]},
        {"secret": 1},
        {"secret": "\ud800"},
        {"group_id": VK_GROUP + 1},
        {"group_id": str(VK_GROUP)},
        {"group_id": None},
        {"group_id": True},
    ],
)
async def test_event_without_the_right_secret_and_group_is_forbidden(serve, changes):
    inbox = FakeInbox()
    http = await serve(VkInput(ACCOUNT, inbox))
    body = json.dumps(VK_MESSAGE_NEW | changes)
    assert (await http.post(WEBHOOK, content=body)).status_code == 403
    assert inbox.events == []


async def test_empty_secret_in_the_settings_does_not_let_events_without_secret_in(serve):
    inbox = FakeInbox()
    http = await serve(VkInput(VkAccount(VK_GROUP, "", "c"), inbox))
    event = {key: value for key, value in VK_MESSAGE_NEW.items() if key != "secret"}
    assert (await http.post(WEBHOOK, json=event)).status_code == 403
    assert inbox.events == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b"\xff\xfe\x00",
        b"\x00",
        b"[" * 200_000,
        b'{"a":' * 40_000,
        b'{"group_id": NaN}',
        b'{"group_id": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda body: repr(body[:12]),
)
async def test_body_that_is_no_json_object_is_a_bad_request(serve, body):
    http = await serve(VkInput(ACCOUNT, FakeInbox()))
    assert (await http.post(WEBHOOK, content=body)).status_code == 400


async def test_body_over_the_limit_is_refused_unread(serve):
    inbox = FakeInbox()
    http = await serve(VkInput(ACCOUNT, inbox))
    large = as_json(vk_message(text="я" * 140_000))
    assert (await http.post(WEBHOOK, content=large)).status_code == 413

    async def pieces():
        for start in range(0, len(large), 10_000):
            yield large[start : start + 10_000]

    assert (await http.post(WEBHOOK, content=pieces())).status_code == 413
    assert inbox.events == []


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "message_reply"},
        {"type": "message_typing_state"},
        {"type": "message_allow", "object": {"user_id": 1, "key": ""}},
        {"type": ["message_new"]},
        {"type": None},
        {"object": None},
        {"object": "text"},
        {"object": {"message": []}},
        {"type": "message_event", "object": []},
        {"type": "message_deny", "object": {"user_id": "someone"}},
    ],
    ids=str,
)
async def test_genuine_event_that_means_nothing_is_answered_ok(serve, changes):
    inbox = FakeInbox()
    http = await serve(VkInput(ACCOUNT, inbox))
    answer = await http.post(WEBHOOK, json=VK_MESSAGE_NEW | changes)
    assert (answer.status_code, answer.text) == (200, "ok")
    assert (inbox.events, inbox.left) == ([], [])


async def test_resident_who_forbids_messages_has_left(serve):
    inbox = FakeInbox()
    http = await serve(VkInput(ACCOUNT, inbox))
    event = VK_MESSAGE_NEW | {"type": "message_deny", "object": {"user_id": 743784474}}
    assert (await http.post(WEBHOOK, json=event)).text == "ok"
    assert inbox.left == [("vk", "743784474")]


@pytest.mark.parametrize("inbox", [storage_away(), FakeInbox(away=RuntimeError("a bug"))])
@pytest.mark.parametrize("kind", ["message_new", "message_deny"])
async def test_event_that_was_not_stored_is_asked_for_again(serve, inbox, kind):
    http = await serve(VkInput(ACCOUNT, inbox))
    event = VK_MESSAGE_NEW | {"type": kind}
    if kind == "message_deny":
        event["object"] = {"user_id": 1}
    answer = await http.post(WEBHOOK, json=event)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


async def test_callback_button_is_stored_and_answered_through_the_api(serve):
    answered: asyncio.Queue[httpx.Request] = asyncio.Queue()

    async def vk(request: httpx.Request) -> httpx.Response:
        await answered.put(request)
        return httpx.Response(200, json={"response": 1})

    inbox = FakeInbox()
    client = VkClient(
        httpx.AsyncClient(transport=httpx.MockTransport(vk)), token="t", api_url="http://vk"
    )
    http = await serve(VkInput(ACCOUNT, inbox, client=client))
    assert (await http.post(WEBHOOK, json=VK_MESSAGE_EVENT)).text == "ok"
    assert [event.button for event in inbox.events] == ["q7.1"]
    request = await asyncio.wait_for(answered.get(), 5)
    assert request.url.path.endswith("/messages.sendMessageEventAnswer")
    form = httpx.QueryParams(request.content.decode())
    assert form["event_id"] == "a63ab5923e8c"
    assert (form["user_id"], form["peer_id"]) == ("743784474", "743784474")


async def test_button_whose_answer_fails_is_stored_all_the_same(serve):
    called = asyncio.Event()

    async def vk(request: httpx.Request) -> httpx.Response:
        called.set()
        raise httpx.ConnectError("no network")

    inbox = FakeInbox()
    client = VkClient(
        httpx.AsyncClient(transport=httpx.MockTransport(vk)), token="t", api_url="http://vk"
    )
    http = await serve(VkInput(ACCOUNT, inbox, client=client))
    assert (await http.post(WEBHOOK, json=VK_MESSAGE_EVENT)).text == "ok"
    await asyncio.wait_for(called.wait(), 5)
    assert len(inbox.events) == 1


async def test_channel_without_a_token_answers_404_to_everything(serve, bot_environment):
    http = await serve(VkInput.from_credentials(None))
    assert (await http.post(WEBHOOK, json=VK_MESSAGE_NEW)).status_code == 404
    assert (await http.get("/webhooks/vk/")).status_code == 404


async def test_settings_and_the_running_inbox_make_the_channel(serve, bot_environment, monkeypatch):
    inbox = FakeInbox()
    runtime = types.SimpleNamespace(inbox=lambda: inbox)
    monkeypatch.setitem(sys.modules, "backend.delivery.runtime", runtime)
    bot_environment(
        VK_ACCESS_TOKEN="vk1.a.token",
        VK_GROUP_ID=str(VK_GROUP),
        VK_CONFIRMATION=VK_CONFIRMATION,
        VK_SECRET=VK_SECRET,
    )
    http = await serve(VkInput.from_credentials({}))
    assert (await http.post(WEBHOOK, json=VK_MESSAGE_NEW)).text == "ok"
    assert len(inbox.events) == 1


def test_account_does_not_show_its_secret():
    assert VK_SECRET not in repr(ACCOUNT)
