"""Events as VK's and Viber's documentation show them, and a fake inbox for connectors."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from backend.delivery.model import Button, IncomingEvent, Keyboard, OutgoingMessage
from backend.delivery.received import StorageUnavailable

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=timezone.utc)

VK_GROUP = 123456789
VK_SECRET = "s3cret-Секрет"
VK_CONFIRMATION = "c0nf1rm"
VIBER_TOKEN = "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"

VK_MESSAGE_NEW: dict[str, Any] = {
    "group_id": VK_GROUP,
    "type": "message_new",
    "event_id": "0f1a2b3c",
    "v": "5.199",
    "secret": VK_SECRET,
    "object": {
        "message": {
            "date": 1785571200,
            "from_id": 743784474,
            "id": 10,
            "version": 10000123,
            "out": 0,
            "peer_id": 743784474,
            "text": "Начать",
            "payload": '{"command":"start"}',
            "conversation_message_id": 7,
            "attachments": [],
            "fwd_messages": [],
            "important": False,
            "is_hidden": False,
            "random_id": 0,
        },
        "client_info": {
            "button_actions": ["text", "vkpay", "open_app", "location", "open_link", "callback"],
            "keyboard": True,
            "inline_keyboard": True,
            "carousel": True,
            "lang_id": 0,
        },
    },
}

VK_MESSAGE_EVENT: dict[str, Any] = {
    "group_id": VK_GROUP,
    "type": "message_event",
    "event_id": "5fff0000",
    "v": "5.199",
    "secret": VK_SECRET,
    "object": {
        "user_id": 743784474,
        "peer_id": 743784474,
        "event_id": "a63ab5923e8c",
        "payload": {"b": "q7.1"},
        "conversation_message_id": 14,
    },
}

VIBER_MESSAGE: dict[str, Any] = {
    "event": "message",
    "timestamp": 1457764197627,
    "sender": {
        "id": "jc9HsWTZ2Yf2NkRZ8KcNug==",
        "name": "John",
        "avatar": "http://a",
        "country": "RU",
        "language": "ru",
        "api_version": 10,
    },
    "message": {"type": "text", "text": "Передать показания", "tracking_data": "q7"},
    "message_token": 4912661846655238145,
}

VIBER_CONVERSATION_STARTED: dict[str, Any] = {
    "event": "conversation_started",
    "timestamp": 1457764197627,
    "type": "open",
    "context": "context information",
    "user": {
        "id": "01234567890A=",
        "name": "John",
        "avatar": "http://a",
        "country": "RU",
        "language": "ru",
        "api_version": 10,
    },
    "message_token": 4912661846655238146,
    "subscribed": False,
}

VIBER_WEBHOOK = {"event": "webhook", "timestamp": 1457764197627, "message_token": 241256543215}
VIBER_SUBSCRIBED = {
    "event": "subscribed",
    "timestamp": 1457764197627,
    "chat_hostname": "SN-149_",
    "user": {"id": "01234567890A=", "name": "John"},
    "message_token": 4912661846655238147,
}
VIBER_UNSUBSCRIBED = {
    "event": "unsubscribed",
    "timestamp": 1457764197627,
    "user_id": "jc9HsWTZ2Yf2NkRZ8KcNug==",
    "message_token": 4912661846655238148,
}
VIBER_FAILED = {
    "event": "failed",
    "timestamp": 1457764197627,
    "message_token": 4912661846655238149,
    "user_id": "jc9HsWTZ2Yf2NkRZ8KcNug==",
    "desc": "message validation failed",
}
VIBER_RECEIPTS = [
    {
        "event": event,
        "timestamp": 1457764197627,
        "message_token": 4912661846655238145,
        "user_id": "jc9HsWTZ2Yf2NkRZ8KcNug==",
    }
    for event in ("delivered", "seen")
]


def vk_message(**changes: Any) -> dict[str, Any]:
    """A typed message in a private conversation; `changes` replace keys of the message."""
    envelope = copy.deepcopy(VK_MESSAGE_NEW)
    message = envelope["object"]["message"]
    del message["payload"]
    message["text"] = "56578"
    message |= changes
    return envelope


def viber_message(**changes: Any) -> dict[str, Any]:
    """A message whose `message` object is changed; None removes a key."""
    callback = copy.deepcopy(VIBER_MESSAGE)
    callback["message"] |= changes
    callback["message"] = {k: v for k, v in callback["message"].items() if v is not None}
    return callback


def viber_signature(body: bytes, token: str = VIBER_TOKEN) -> str:
    return hmac.new(token.encode(), body, hashlib.sha256).hexdigest()


def as_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


MENU = Keyboard(
    "q7",
    (
        Button("Передать показания", "/submit_reading"),
        Button("Мои счета", "/ask_accounts"),
        Button("Да", "/affirm"),
        Button("Нет", "/deny"),
        Button("Проспект Ветеранов, дом 114, корпус 2, квартира 57", '/select{"id": "1"}'),
        Button("Помощь", "/help"),
        Button("Отмена", "/cancel"),
        Button("В меню", "/main_menu"),
    ),
)


def outgoing(channel: str, text: str = "Привет", **changes: Any) -> OutgoingMessage:
    fields: dict[str, Any] = {"key": "turn-1/0", "channel": channel, "user_id": "743784474"}
    return OutgoingMessage(**(fields | {"text": text} | changes))


@dataclass
class FakeInbox:
    """Keeps what it is given. `away` makes it behave as if the database were gone."""

    events: list[IncomingEvent] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    answer: list[OutgoingMessage] = field(default_factory=list)
    away: Exception | None = None

    async def store(self, event: IncomingEvent) -> bool:
        self._check()
        known = event.event_id in {stored.event_id for stored in self.events}
        if not known:
            self.events.append(event)
        return not known

    async def answer_now(self, event: IncomingEvent) -> list[OutgoingMessage]:
        return self.answer if await self.store(event) else []

    async def resident_left(self, channel: str, user_id: str) -> None:
        self._check()
        self.left.append((channel, user_id))

    def _check(self) -> None:
        if self.away is not None:
            raise self.away


def storage_away() -> FakeInbox:
    return FakeInbox(away=StorageUnavailable("the database is away"))
