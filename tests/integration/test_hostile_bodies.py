"""Webhook bodies that nobody but an attacker or a broken sender would send."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest

from tests.integration.person import MENU, Person
from tests.integration.stack import Stack

Post = Callable[..., int]
HUGE = 10**400
HOSTILE: list[Any] = [None, True, -1, 0, 1.5, HUGE, "", "\ud800", "\x00", "a" * 5000, [], {}, [[]]]


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[httpx.Client]:
    """Keeps its connections to the bot."""
    with httpx.Client(base_url=stack.bot_url, trust_env=False, timeout=10) as client:
        yield client


@pytest.fixture
def post(stack: Stack, client: httpx.Client) -> Post:
    """Posts a body that is signed as Viber signs, or a VK event with its secret; the status."""

    def send(messenger: str, body: object, *, key: str | None = None) -> int:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if messenger == "viber":
            token = (key or stack.emulator.emulator.options.viber_token).encode()
            signature = hmac.new(token, content, hashlib.sha256).hexdigest()
            headers["X-Viber-Content-Signature"] = signature
        path = f"/webhooks/{messenger}/webhook"
        return client.post(path, content=content, headers=headers).status_code

    return send


def viber_message(**changes: Any) -> dict[str, Any]:
    message = {"type": "text", "text": "привет", "tracking_data": "1"}
    sender = {"id": secrets.token_urlsafe(16), "name": "Житель", "api_version": 10}
    token = secrets.randbelow(2**62)
    body = {"event": "message", "timestamp": 1, "message_token": token, "sender": sender}
    return {**body, "message": message, **changes}


def vk_message(stack: Stack, **changes: Any) -> dict[str, Any]:
    options = stack.emulator.emulator.options
    person = 900_000_000 + secrets.randbelow(1_000_000)
    message = {"from_id": person, "peer_id": person, "id": 5, "text": "привет", "payload": "{}"}
    return {
        "type": "message_new",
        "group_id": options.vk_group_id,
        "secret": options.vk_secret,
        "event_id": secrets.token_hex(20),
        "object": {"message": message},
        **changes,
    }


@pytest.mark.parametrize("messenger", ["vk", "viber"])
def test_malformed_json_is_refused_and_not_an_error(post: Post, messenger: str) -> None:
    for body in (b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"[" * 5000, b"1" * 6000):
        assert post(messenger, body) in (400, 403)


def test_a_wrong_secret_and_a_wrong_signature_are_forbidden(post: Post, stack: Stack) -> None:
    for wrong in ("wrong", "", None, 5, ["a"], "\ud800"):
        assert post("vk", vk_message(stack, secret=wrong)) == 403
    assert post("vk", vk_message(stack, group_id=2)) == 403
    assert post("viber", viber_message(), key="another token") == 403
    url = f"{stack.bot_url}/webhooks/viber/webhook"
    for signature in ("", "0", "a" * 64, "я".encode().hex()):
        answer = httpx.post(
            url,
            content=b"{}",
            headers={"X-Viber-Content-Signature": signature},
            trust_env=False,
        )
        assert answer.status_code == 403


@pytest.mark.parametrize("messenger", ["vk", "viber"])
def test_a_megabyte_is_too_large(post: Post, messenger: str) -> None:
    assert post(messenger, b'{"text": "' + b"a" * 1_000_000 + b'"}') == 413


def test_a_body_without_an_end_is_cut_off(stack: Stack) -> None:
    def pieces() -> Any:
        for _ in range(64):
            yield b"a" * 16_384

    for messenger in ("vk", "viber"):
        url = f"{stack.bot_url}/webhooks/{messenger}/webhook"
        try:
            status = httpx.post(url, content=pieces(), trust_env=False).status_code
        except httpx.WriteError:  # the bot may close before all has been sent
            continue
        assert status == 413


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:20])
def test_wrong_types_and_huge_numbers_never_break_the_bot(
    post: Post, stack: Stack, value: Any
) -> None:
    for field in ("event", "timestamp", "message_token", "sender", "message", "user"):
        assert post("viber", viber_message(**{field: value})) < 500
    for field in ("type", "text", "tracking_data"):
        message = {"type": "text", "text": "привет", field: value}
        assert post("viber", viber_message(message=message)) < 500
    for field in ("id", "name", "api_version"):
        assert post("viber", viber_message(sender={"id": "abc", field: value})) < 500
    opened = {"event": "conversation_started", "user": value, "subscribed": value}
    assert post("viber", viber_message(**opened)) < 500
    for field in ("type", "event_id", "object", "v"):
        assert post("vk", vk_message(stack, **{field: value})) < 500
    for field in ("from_id", "peer_id", "id", "text", "payload", "attachments", "geo", "action"):
        message = {"from_id": 5, "peer_id": 5, "id": 1, "text": "привет", field: value}
        assert post("vk", vk_message(stack, object={"message": message})) < 500
    for field in ("user_id", "peer_id", "event_id", "payload"):
        pressed = {"user_id": 5, "peer_id": 5, "event_id": "a", "payload": {}, field: value}
        assert post("vk", vk_message(stack, type="message_event", object=pressed)) < 500


def test_other_methods_and_addresses_are_refused_quietly(stack: Stack) -> None:
    for method, path in (
        ("GET", "/webhooks/vk/webhook"),
        ("PUT", "/webhooks/viber/webhook"),
        ("POST", "/webhooks/rest/webhook"),
        ("GET", "/conversations/vk:1/tracker"),
        ("POST", "/model/parse"),
        ("GET", "/../../etc/passwd"),
    ):
        answer = httpx.request(method, f"{stack.bot_url}{path}", trust_env=False)
        assert 400 <= answer.status_code < 500


def test_the_bot_still_answers_after_all_that(person: Person, stack: Stack) -> None:
    _answered(stack)
    assert "привязан" in person.say("7060012345", MENU)[0]
    ready = httpx.get(f"{stack.bot_url}/health/ready", trust_env=False)
    assert ready.status_code == 200


def _answered(stack: Stack) -> None:
    """Waits until nothing that was stored waits for its turn: nobody overtakes."""
    deadline = time.monotonic() + 90
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        while connection.execute("SELECT 1 FROM inbox WHERE state = 'stored' LIMIT 1").fetchone():
            assert time.monotonic() < deadline, "messages wait for ever"
            time.sleep(0.2)
