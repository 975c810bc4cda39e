"""Talking to stock Rasa over its REST channel."""

from __future__ import annotations

import time

import aiohttp

from benchmarks.speed.dialogue import ASKS_NUMBER, BACK, Person, Step, Timing, words_of

# Longer than five hundred residents queueing at one message a second.
PATIENCE = aiohttp.ClientTimeout(total=1200)


class StockBot:
    """The webhook's response is the whole answer."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=PATIENCE
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._session.close()

    async def open(self, person: Person) -> Timing:
        """See Bot.open."""
        return await self._send(person, "/open_chat", Step("open", "", ASKS_NUMBER))

    async def turn(self, person: Person, step: Step) -> Timing:
        """See Bot.turn."""
        words = words_of(person, step)
        if step is BACK:
            return await self._send(person, "/main_menu", step)
        return await self._send(person, person.buttons[words] if step.pressed else words, step)

    async def _send(self, person: Person, message: str, step: Step) -> Timing:
        body = {"sender": person.user_id, "message": message}
        started = time.perf_counter()
        async with self._session.post(self._url, json=body) as response:
            said = await response.json()
        ended = time.perf_counter()
        person.texts = [one.get("text", "") for one in said]
        for one in said:
            if "buttons" in one:
                person.buttons = {button["title"]: button["payload"] for button in one["buttons"]}
        right = any(step.expects in text for text in person.texts)
        return Timing(step.kind, ended - started, None, ended, right)
