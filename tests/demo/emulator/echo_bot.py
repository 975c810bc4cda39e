"""A tiny bot that speaks both protocols, for tests of the emulator: it links an account."""

from __future__ import annotations

import asyncio
import functools
import json
import re
import ssl
from dataclasses import dataclass, field
from typing import Any

import httpx

from demo.emulator.emulator import Emulator

MENU = ("Передать показания", "Мои счета", "Отвязать")
ASK_ACCOUNT = "Пожалуйста, введите номер вашего лицевого счёта:"
COLOURS = {"viber": ("#7360F2", "#F2F2F2", "#FFD9D9"), "vk": ("primary", "secondary", "negative")}


@functools.cache
def certificates() -> ssl.SSLContext:
    """Loaded once: a client that loads them itself costs more than most of the tests."""
    return ssl.create_default_context()


@dataclass
class EchoBot:
    """Answers webhooks through `transport`; `received` holds the requests it got.

    `answers` replaces the next HTTP answers: a status, or text for a 200.
    """

    received: list[httpx.Request] = field(default_factory=list)
    answers: list[int | str] = field(default_factory=list)
    emulator: Emulator | None = None
    _accounts: dict[str, str] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _random_id: int = 0

    @property
    def transport(self) -> httpx.MockTransport:
        """What an Emulator takes in place of the network."""
        return httpx.MockTransport(self.handle)

    async def handle(self, request: httpx.Request) -> httpx.Response:
        """Answers one webhook."""
        self.received.append(request)
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, int):
                return httpx.Response(answer)
            return httpx.Response(200, text=answer)
        body = json.loads(request.content)
        if "group_id" in body:
            return self._vk(body)
        return self._viber(body)

    def bodies(self) -> list[dict[str, Any]]:
        """The JSON of every request."""
        return [json.loads(request.content) for request in self.received if request.content]

    def _vk(self, body: dict[str, Any]) -> httpx.Response:
        if body["type"] == "confirmation":
            return httpx.Response(200, text="confirmed")
        if body["type"] == "message_new":
            message = body["object"]["message"]
            kind = message["attachments"][0]["type"] if message["attachments"] else ""
            self._later(self._reply("vk", str(message["peer_id"]), message["text"] or kind))
        return httpx.Response(200, text="ok")

    def _viber(self, body: dict[str, Any]) -> httpx.Response:
        if body["event"] == "conversation_started":
            text = f"Здравствуйте!\n{ASK_ACCOUNT}"
            return httpx.Response(200, json=_viber_message(text))
        if body["event"] == "message":
            message = body["message"]
            text = message.get("text") or message["type"]
            self._later(self._reply("viber", body["sender"]["id"], text))
        return httpx.Response(200)

    def _later(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reply(self, messenger: str, user_id: str, text: str) -> None:
        answer, buttons = self._answer(user_id, text)
        assert self.emulator is not None
        async with httpx.AsyncClient(trust_env=False, verify=certificates()) as client:
            if messenger == "viber":
                await client.post(
                    f"{self.emulator.viber_api_url}/send_message",
                    headers={"X-Viber-Auth-Token": self.emulator.options.viber_token},
                    json={"receiver": user_id, **_viber_message(answer, buttons)},
                )
                return
            self._random_id += 1
            await client.post(
                f"{self.emulator.vk_api_url}/messages.send",
                headers={"Authorization": f"Bearer {self.emulator.options.vk_token}"},
                data={
                    "v": "5.199",
                    "peer_id": user_id,
                    "random_id": str(self._random_id),
                    "message": answer,
                    "keyboard": json.dumps(_vk_keyboard(buttons), ensure_ascii=False),
                },
            )

    def _answer(self, user_id: str, text: str) -> tuple[str, tuple[str, ...]]:
        if re.fullmatch(r"\d{5,12}", text) and user_id not in self._accounts:
            self._accounts[user_id] = text
            return f"Лицевой счёт {text} привязан.\nВыберите действие:", MENU
        if user_id not in self._accounts:
            return ASK_ACCOUNT, ()
        if text == MENU[0]:
            return (
                "Укажите показания по счётчику ГВС №1710051 "
                "(предыдущие показания: 56578 от 03.12.2019)",
                (),
            )
        if text.isdigit():
            return (
                f"Объём потребления по счётчику ГВС №1710051 составил {int(text) - 56578} м³. "
                "Подтверждаете показания?",
                ("Подтверждаю", "Не подтверждаю"),
            )
        if text == "Подтверждаю":
            return "Показания приняты. Выберите действие:", MENU
        if text == MENU[1]:
            return f"Список ваших лицевых счетов:\n1. {self._accounts[user_id]}", MENU
        return f"Эхо: {text}", MENU


def _viber_message(text: str, buttons: tuple[str, ...] = ()) -> dict[str, Any]:
    message: dict[str, Any] = {
        "type": "text",
        "text": text,
        "sender": {"name": "ТГК-1"},
        "min_api_version": 7,
    }
    if buttons:
        message["tracking_data"] = f"question-{len(text)}"
        message["keyboard"] = {
            "Type": "keyboard",
            "InputFieldState": "regular",
            "Buttons": [
                {
                    "Columns": 6 if len(buttons) == 3 and index == 0 else 3,
                    "Rows": 1,
                    "ActionType": "reply",
                    "ActionBody": caption,
                    "Text": f'<font color="#FFFFFF"><b>{caption}</b></font>'
                    if index == 0
                    else caption,
                    "BgColor": COLOURS["viber"][index],
                }
                for index, caption in enumerate(buttons)
            ],
        }
    return message


def _vk_keyboard(buttons: tuple[str, ...]) -> dict[str, Any]:
    made = [
        {
            "action": {"type": "text", "label": caption, "payload": json.dumps({"button": index})},
            "color": COLOURS["vk"][index],
        }
        for index, caption in enumerate(buttons)
    ]
    rows = [made[:1], made[1:]] if len(made) == 3 else [made]
    return {"one_time": False, "inline": False, "buttons": [row for row in rows if row]}
