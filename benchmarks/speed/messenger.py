"""The leanest Viber: signed webhooks to our bot, and the API that it calls.

The emulator does the same with all of Viber's checks, a page and a log, and would cost more than
the bot. Here every microsecond that the client takes is one that the bot does not get.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import time
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from benchmarks.speed.dialogue import ASKS_NUMBER, Person, Step, Timing, words_of

TOKEN = "bench-viber-token"
PATIENCE = 120.0
_VIBER_OK = {"status": 0, "status_message": "ok", "chat_hostname": "SN-CHAT-05_"}


class NoAnswer(Exception):
    """The bot's answer did not come; the message tells what came instead."""


@dataclass
class _Waiting:
    expects: str
    done: asyncio.Future[float]
    texts: list[str]


class FakeViber:
    """Plays Viber for any number of residents."""

    def __init__(self) -> None:
        self._tokens = itertools.count(2**62 + time.time_ns() // 1000)
        self._waiting: dict[str, _Waiting] = {}
        self._people: dict[str, Person] = {}
        self._webhook = ""
        self.refused = 0
        self.port = 0

    async def start(self) -> None:
        """Begins to listen on `port`."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=PATIENCE),
        )
        app = web.Application()
        app.router.add_post("/viber/pa/send_message", self._receive)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, backlog=2000)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]

    async def stop(self) -> None:
        """Closes everything."""
        await self._session.close()
        await self._runner.cleanup()

    def connect(self, port: int) -> None:
        """Webhooks go to this port."""
        self._webhook = f"http://127.0.0.1:{port}/webhooks/viber/webhook"

    async def open(self, person: Person) -> Timing:
        """See Bot.open: Viber's greeting is the response to its webhook."""
        self._people[person.user_id] = person
        started = time.perf_counter()
        _, greeting = await self._deliver(
            {
                "event": "conversation_started",
                "type": "open",
                "user": _user(person),
                "subscribed": False,
            }
        )
        ended = time.perf_counter()
        message = orjson.loads(greeting or b"{}")
        _show(person, message)
        right = ASKS_NUMBER in message.get("text", "")
        return Timing("open", ended - started, ended - started, ended, right)

    async def turn(self, person: Person, step: Step) -> Timing:
        """See Bot.turn. Raises NoAnswer."""
        words = words_of(person, step)
        self._people[person.user_id] = person
        # Viber sends a button's body as a message, with the tracking data of the last one.
        content = {"type": "text", "text": person.buttons[words] if step.pressed else words}
        if person.tracking_data:
            content["tracking_data"] = person.tracking_data
        waiting = _Waiting(step.expects, asyncio.get_running_loop().create_future(), [])
        self._waiting[person.user_id] = waiting
        started = time.perf_counter()
        status, _ = await self._deliver(
            {"event": "message", "sender": _user(person), "message": content, "silent": False}
        )
        acknowledged = time.perf_counter() - started
        if status != 200:
            self.refused += 1
            raise NoAnswer(f"the webhook answered {status}")
        try:
            ended = await asyncio.wait_for(waiting.done, PATIENCE)
        except asyncio.TimeoutError:
            raise NoAnswer(f"{step.expects!r} was expected, came {waiting.texts}") from None
        finally:
            self._waiting.pop(person.user_id, None)
        person.texts = waiting.texts
        return Timing(step.kind, ended - started, acknowledged, ended)

    async def _deliver(self, body: dict[str, Any]) -> tuple[int, bytes]:
        full = {
            **body,
            "timestamp": time.time_ns() // 1_000_000,
            "message_token": next(self._tokens),
        }
        content = orjson.dumps(full)
        signature = hmac.new(TOKEN.encode(), content, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-Viber-Content-Signature": signature,
        }
        async with self._session.post(self._webhook, data=content, headers=headers) as response:
            return response.status, await response.read()

    async def _receive(self, request: web.Request) -> web.Response:
        message = orjson.loads(await request.read())
        arrived = time.perf_counter()
        if request.headers.get("X-Viber-Auth-Token") != TOKEN:
            return _json({"status": 2, "status_message": "invalidAuthToken"})
        waiting = self._waiting.get(message["receiver"])
        person = self._people.get(message["receiver"])
        if person is not None:
            _show(person, message)
        if waiting is not None:
            waiting.texts.append(message["text"])
            if waiting.expects in message["text"] and not waiting.done.done():
                waiting.done.set_result(arrived)
        return _json({**_VIBER_OK, "message_token": next(self._tokens)})


def _show(person: Person, message: dict[str, Any]) -> None:
    person.tracking_data = message.get("tracking_data")
    if "keyboard" in message:
        buttons = message["keyboard"]["Buttons"]
        person.buttons = {button["Text"]: button["ActionBody"] for button in buttons}


def _user(person: Person) -> dict[str, Any]:
    return {
        "id": person.user_id,
        "name": "Resident",
        "avatar": "",
        "country": "RU",
        "language": "ru",
        "api_version": 10,
    }


def _json(body: dict[str, Any]) -> web.Response:
    return web.Response(body=orjson.dumps(body), content_type="application/json")
