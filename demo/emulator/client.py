"""For tests and load generators: a resident who talks, in this process or over HTTP."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx

from demo.emulator.control import CannotDo, Control, NoSuchButton
from demo.emulator.faults import Fault, UnknownFault
from demo.emulator.residents import TooManyResidents, UnknownResident
from demo.emulator.traffic import Acknowledgement
from demo.emulator.views import Author, KeyboardView, ResidentView, ShownMessage

_ERRORS = {
    kind.__name__: kind
    for kind in (CannotDo, NoSuchButton, UnknownFault, TooManyResidents, UnknownResident)
}


class NoAnswer(Exception):
    """The bot did not say what was waited for; the message tells what it said instead."""


class Resident:
    """One resident. `create` works with an Emulator as well as with an HttpControl.

    Acting marks everything shown so far as read; `wait_for_answer` then returns the bot's
    messages one after another.
    """

    def __init__(self, control: Control, view: ResidentView) -> None:
        self._control = control
        self._read = 0
        self.key = view.key
        self.messenger = view.messenger
        self.user_id = view.user_id

    @classmethod
    async def create(cls, control: Control, messenger: str, name: str | None = None) -> Resident:
        """Lets somebody new in; `messenger` is viber or vk."""
        return cls(control, await control.create_resident(messenger, name))

    async def open(self, context: str = "") -> None:
        """Begins the way the messenger does: Viber's opening of a chat, VK's start button."""
        await self._act("open", context=context)

    async def say(self, text: str, **forged: str) -> None:
        """Sends text. `payload` (VK) or `tracking_data` (Viber) may be forged."""
        await self._act("say", text=text, **forged)

    async def press(self, caption: str, *, message: int | None = None) -> None:
        """Presses a button by its caption, of an earlier inline keyboard if `message` is given.

        Raises:
            NoSuchButton: there is no such button on the phone.
        """
        await self._act("press", caption=caption, message=message)

    async def send(self, kind: str, **details: Any) -> None:
        """Sends a sticker, picture, voice, contact or location."""
        await self._act(kind, **details)

    async def allow(self) -> None:
        """Lets the bot write."""
        await self._act("allow")

    async def deny(self) -> None:
        """Forbids the bot to write."""
        await self._act("deny")

    async def wait_for_answer(
        self, timeout: float = 10.0, *, containing: str | None = None
    ) -> ShownMessage:
        """The bot's next unread message, or the next one that contains a text.

        Raises:
            NoAnswer: nothing of the kind came within `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        passed: list[str] = []
        while True:
            left = max(deadline - time.monotonic(), 0.0)
            for message in await self._control.messages(self.key, self._read, left):
                self._read = message.number
                if message.author is not Author.BOT:
                    continue
                if containing is None or containing in message.text:
                    return message
                passed.append(message.text)
            if left <= 0:
                wanted = f" containing {containing!r}" if containing else ""
                raise NoAnswer(f"No answer{wanted} in {timeout:g} s; the bot said {passed}.")

    async def wait_until_delivered(self, timeout: float = 10.0) -> None:
        """Returns when the bot has acknowledged everything this resident did. Raises NoAnswer."""
        deadline = time.monotonic() + timeout
        while (await self._control.resident(self.key)).waiting:
            if time.monotonic() >= deadline:
                raise NoAnswer(f"Not everything was acknowledged in {timeout:g} s.")
            await asyncio.sleep(0.02)

    async def state(self) -> ResidentView:
        """The present state of the phone."""
        return await self._control.resident(self.key)

    async def keyboard(self) -> KeyboardView | None:
        """The buttons under the input, or else those of the last message that has some."""
        state = await self.state()
        if state.keyboard is not None:
            return state.keyboard
        inline = [m.keyboard for m in await self.messages() if m.keyboard is not None]
        return inline[-1] if inline else None

    async def messages(self) -> list[ShownMessage]:
        """The chat, oldest first, at most the last 500 messages."""
        return await self._control.messages(self.key)

    async def answers(self) -> list[str]:
        """The texts of the bot's messages, oldest first."""
        return [m.text for m in await self.messages() if m.author is Author.BOT]

    async def duplicates(self) -> list[ShownMessage]:
        """Messages of the bot that repeat an earlier one although nothing was said in between."""
        repeated: list[ShownMessage] = []
        seen: set[tuple[object, ...]] = set()
        for message in await self.messages():
            if message.author is Author.RESIDENT:
                seen.clear()
            elif message.fingerprint in seen:
                repeated.append(message)
            seen.add(message.fingerprint)
        return repeated

    async def _act(self, action: str, **details: Any) -> None:
        shown = await self._control.messages(self.key, self._read)
        self._read = shown[-1].number if shown else self._read
        given = {name: value for name, value in details.items() if value not in (None, "")}
        await self._control.act(self.key, action, **given)


class HttpControl:
    """An emulator in another process. Raises the same errors as the Emulator itself."""

    def __init__(self, url: str, client: httpx.AsyncClient | None = None) -> None:
        self._url = url.rstrip("/")
        self._client = client or httpx.AsyncClient(timeout=90, trust_env=False)

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def create_resident(self, messenger: str, name: str | None = None) -> ResidentView:
        """Lets somebody new in."""
        body = {"messenger": messenger, "name": name}
        return ResidentView.from_json(await self._ask("POST", "/api/residents", json=body))

    async def resident(self, key: str) -> ResidentView:
        """The present state of a phone."""
        return ResidentView.from_json(await self._ask("GET", f"/api/residents/{key}"))

    async def residents(self) -> list[ResidentView]:
        """All phones."""
        found = await self._ask("GET", "/api/residents")
        return [ResidentView.from_json(data) for data in found["residents"]]

    async def act(self, key: str, action: str, **details: Any) -> None:
        """Does one of the actions."""
        path = f"/api/residents/{key}/{action}"
        if "content" in details:
            headers = {"Content-Type": "image/png"}
            await self._ask("POST", path, content=details["content"], headers=headers)
        else:
            await self._ask("POST", path, json=details)

    async def messages(self, key: str, since: int = 0, timeout: float = 0.0) -> list[ShownMessage]:
        """Messages after number `since`; waits up to `timeout` seconds if there are none."""
        query = {"since": since, "timeout": timeout}
        found = await self._ask("GET", f"/api/residents/{key}/messages", params=query)
        return [ShownMessage.from_json(data) for data in found["messages"]]

    async def add_fault(self, fault: Fault) -> None:
        """Switches a fault on."""
        await self._ask("POST", "/api/faults", json=vars(fault))

    async def acknowledgements(self) -> list[Acknowledgement]:
        """How the bot answered the webhooks."""
        found = await self._ask("GET", "/api/acknowledgements")
        return [Acknowledgement(**data) for data in found["acknowledgements"]]

    async def reset(self) -> None:
        """Forgets residents, faults and logs."""
        await self._ask("POST", "/api/reset")

    async def _ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        response = await self._client.request(method, f"{self._url}{path}", **request)
        data: dict[str, Any] = response.json()
        if response.status_code >= 400:
            raise _ERRORS.get(data.get("type", ""), CannotDo)(data.get("error", ""))
        return data
