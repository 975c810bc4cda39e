"""Viber's webhook, served by Sanic as Rasa serves it."""

from __future__ import annotations

import json
import sys
import types

import httpx
import pytest
from rasa.core.channels.channel import InputChannel
from structlog.testing import capture_logs
from viberbot import Api, BotConfiguration

from backend.delivery.model import EventKind, Keyboard
from channels.forwarding import Forwarding
from channels.viber.connector import SIGNATURE_HEADER, ViberAccount, ViberInput
from tests.channels.channel_samples import (
    MENU,
    VIBER_CONVERSATION_STARTED,
    VIBER_FAILED,
    VIBER_MESSAGE,
    VIBER_RECEIPTS,
    VIBER_SUBSCRIBED,
    VIBER_TOKEN,
    VIBER_UNSUBSCRIBED,
    VIBER_WEBHOOK,
    FakeInbox,
    as_json,
    outgoing,
    storage_away,
    viber_message,
    viber_signature,
)

WEBHOOK = "/webhooks/viber/webhook"
ACCOUNT = ViberAccount(VIBER_TOKEN, "Теплосеть")


async def deliver(http: httpx.AsyncClient, body: object, signature: str | None = None):
    content = body if isinstance(body, bytes) else as_json(body)
    signed = viber_signature(content) if signature is None else signature
    return await http.post(
        WEBHOOK, content=content, headers={"X-Viber-Content-Signature": signed.encode()}
    )


async def test_is_a_rasa_input_channel_named_viber_with_a_health_check(serve):
    channel = ViberInput(ACCOUNT, FakeInbox())
    assert isinstance(channel, InputChannel)
    assert ViberInput.name() == "viber"
    http = await serve(channel)
    assert (await http.get("/webhooks/viber/")).json() == {"status": "ok"}


def test_signature_of_these_tests_is_the_one_of_vibers_own_library():
    body = as_json(VIBER_MESSAGE)
    api = Api(BotConfiguration(auth_token=VIBER_TOKEN, name="Bot", avatar=""))
    assert api.verify_signature(body, viber_signature(body))


async def test_check_of_the_webhook_is_answered_when_signed(serve):
    http = await serve(ViberInput(ACCOUNT, FakeInbox()))
    assert (await deliver(http, VIBER_WEBHOOK)).status_code == 200
    assert (await deliver(http, VIBER_WEBHOOK, signature="")).status_code == 403


async def test_message_is_stored_before_200(serve):
    inbox = FakeInbox()
    http = await serve(ViberInput(ACCOUNT, inbox))
    for _ in range(2):
        assert (await deliver(http, VIBER_MESSAGE)).status_code == 200
    (event,) = inbox.events
    assert (event.kind, event.text, event.question) == (
        EventKind.TEXT,
        "Передать показания",
        "q7",
    )
    assert event.resident == "viber:jc9HsWTZ2Yf2NkRZ8KcNug=="


@pytest.mark.parametrize(
    "signature",
    ["", "0" * 64, viber_signature(as_json(VIBER_MESSAGE), "other"), "подпись", "x" * 5000],
    ids=["none", "zeros", "another token", "not ascii", "long"],
)
async def test_wrong_signature_is_forbidden(serve, signature):
    inbox = FakeInbox()
    http = await serve(ViberInput(ACCOUNT, inbox))
    assert (await deliver(http, VIBER_MESSAGE, signature)).status_code == 403
    assert inbox.events == []


async def test_signature_covers_every_byte_of_the_body(serve):
    http = await serve(ViberInput(ACCOUNT, FakeInbox()))
    body = as_json(VIBER_MESSAGE)
    assert (await deliver(http, body + b" ", viber_signature(body))).status_code == 403


async def test_request_without_the_header_is_forbidden(serve):
    http = await serve(ViberInput(ACCOUNT, FakeInbox()))
    assert (await http.post(WEBHOOK, json=VIBER_MESSAGE)).status_code == 403


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\x00\xff", b"[" * 200_000, b'{"event": NaN}'],
    ids=lambda body: repr(body[:12]),
)
async def test_signed_body_that_is_no_json_object_is_a_bad_request(serve, body):
    http = await serve(ViberInput(ACCOUNT, FakeInbox()))
    assert (await deliver(http, body)).status_code == 400


async def test_body_over_the_limit_is_refused_even_if_signed(serve):
    inbox = FakeInbox()
    http = await serve(ViberInput(ACCOUNT, inbox))
    assert (await deliver(http, viber_message(text="я" * 140_000))).status_code == 413
    assert inbox.events == []


@pytest.mark.parametrize(
    "callback",
    [
        VIBER_SUBSCRIBED,
        *VIBER_RECEIPTS,
        {"event": "client_status", "user": {}},
        {"event": "tomorrow"},
        {"event": ["message"]},
        {},
        VIBER_MESSAGE | {"sender": None},
        VIBER_MESSAGE | {"message_token": {}},
        VIBER_CONVERSATION_STARTED | {"user": "John"},
        VIBER_UNSUBSCRIBED | {"user_id": 1.5},
    ],
    ids=str,
)
async def test_signed_callback_that_means_nothing_is_answered_200(serve, callback):
    inbox = FakeInbox()
    http = await serve(ViberInput(ACCOUNT, inbox))
    answer = await deliver(http, callback)
    assert (answer.status_code, answer.content) == (200, b"")
    assert (inbox.events, inbox.left) == ([], [])


async def test_resident_who_unsubscribes_has_left(serve):
    inbox = FakeInbox()
    http = await serve(ViberInput(ACCOUNT, inbox))
    assert (await deliver(http, VIBER_UNSUBSCRIBED)).status_code == 200
    assert inbox.left == [("viber", "jc9HsWTZ2Yf2NkRZ8KcNug==")]


async def test_opened_chat_is_greeted_in_the_response_by_one_message(serve):
    greeting = [
        outgoing("viber", "Здравствуйте!", keyboard=Keyboard("q1", MENU.buttons[:1])),
        outgoing("viber", "Чем помочь?", keyboard=MENU),
        outgoing("viber", "Выберите."),
    ]
    inbox = FakeInbox(answer=greeting)
    http = await serve(ViberInput(ACCOUNT, inbox))
    answer = await deliver(http, VIBER_CONVERSATION_STARTED)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    message = answer.json()
    assert "receiver" not in message
    assert message["text"] == "Здравствуйте!\n\nЧем помочь?\n\nВыберите."
    assert (message["tracking_data"], len(message["keyboard"]["Buttons"])) == ("q7", 8)
    assert message["sender"] == {"name": "Теплосеть"}
    assert [event.kind for event in inbox.events] == [EventKind.OPENED]


async def test_opened_chat_without_a_greeting_gets_an_empty_body(serve):
    http = await serve(ViberInput(ACCOUNT, FakeInbox()))
    answer = await deliver(http, VIBER_CONVERSATION_STARTED)
    assert (answer.status_code, answer.content) == (200, b"")


async def test_where_no_turns_are_run_a_bot_greets_who_checks_the_same_signature(serve):
    bot, here = FakeInbox(answer=[outgoing("viber", "Здравствуйте!")]), FakeInbox()
    there = await serve(ViberInput(ACCOUNT, bot))
    greeter = Forwarding("http://bot", SIGNATURE_HEADER, http=there)
    http = await serve(ViberInput(ACCOUNT, here, greeter=greeter))
    assert (await deliver(http, VIBER_CONVERSATION_STARTED, "0" * 64)).status_code == 403
    answer = await deliver(http, VIBER_CONVERSATION_STARTED)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json()["text"] == "Здравствуйте!"
    assert [event.kind for event in bot.events] == [EventKind.OPENED]
    assert (await deliver(http, VIBER_MESSAGE)).status_code == 200
    assert (len(here.events), len(bot.events)) == (1, 1)


@pytest.mark.parametrize("trouble", ["away", "without a database"])
async def test_without_a_bot_that_greets_viber_must_come_again(serve, trouble):
    there = await serve(ViberInput(ACCOUNT, storage_away()))
    greeter = (
        Forwarding("http://127.0.0.1:1", SIGNATURE_HEADER)
        if trouble == "away"
        else Forwarding("http://bot", SIGNATURE_HEADER, http=there)
    )
    http = await serve(ViberInput(ACCOUNT, FakeInbox(), greeter=greeter))
    answer = await deliver(http, VIBER_CONVERSATION_STARTED)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"].isdigit()
    await greeter.close()


async def test_message_that_failed_is_logged_with_its_token(serve):
    http = await serve(ViberInput(ACCOUNT, FakeInbox()))
    with capture_logs() as logs:
        assert (await deliver(http, VIBER_FAILED)).status_code == 200
        no_description = {k: v for k, v in VIBER_FAILED.items() if k != "desc"}
        assert (await deliver(http, no_description)).status_code == 200
    failed = [entry for entry in logs if entry["event"] == "viber.message_failed"]
    assert [entry["description"] for entry in failed] == ["message validation failed", ""]
    assert failed[0]["message_token"] == "4912661846655238149"


@pytest.mark.parametrize("inbox", [storage_away(), FakeInbox(away=RuntimeError("a bug"))])
@pytest.mark.parametrize(
    "callback", [VIBER_MESSAGE, VIBER_CONVERSATION_STARTED, VIBER_UNSUBSCRIBED]
)
async def test_event_that_was_not_stored_is_asked_for_again(serve, inbox, callback):
    http = await serve(ViberInput(ACCOUNT, inbox))
    answer = await deliver(http, callback)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


async def test_channel_without_a_token_answers_404_to_everything(serve, bot_environment):
    http = await serve(ViberInput.from_credentials(None))
    assert (await deliver(http, VIBER_MESSAGE)).status_code == 404
    assert (await http.get("/webhooks/viber/")).status_code == 404


async def test_settings_and_the_running_inbox_make_the_channel(serve, bot_environment, monkeypatch):
    inbox = FakeInbox()
    runtime = types.SimpleNamespace(inbox=lambda: inbox)
    monkeypatch.setitem(sys.modules, "backend.delivery.runtime", runtime)
    bot_environment(VIBER_AUTH_TOKEN=VIBER_TOKEN)
    http = await serve(ViberInput.from_credentials({}))
    assert (await deliver(http, VIBER_MESSAGE)).status_code == 200
    assert len(inbox.events) == 1


def test_account_does_not_show_its_token():
    assert VIBER_TOKEN not in repr(ACCOUNT)


def test_samples_are_read_alike_by_vibers_own_library():
    api = Api(BotConfiguration(auth_token=VIBER_TOKEN, name="Bot", avatar=""))
    message = api.parse_request(json.dumps(VIBER_MESSAGE))
    assert (message.sender.id, message.message.text) == (
        "jc9HsWTZ2Yf2NkRZ8KcNug==",
        "Передать показания",
    )
    assert message.message.tracking_data == "q7"
    assert message.message_token == 4912661846655238145
    assert api.parse_request(json.dumps(VIBER_CONVERSATION_STARTED)).user.id == "01234567890A="
    assert api.parse_request(json.dumps(VIBER_UNSUBSCRIBED)).user_id
    assert api.parse_request(json.dumps(VIBER_FAILED)).desc
