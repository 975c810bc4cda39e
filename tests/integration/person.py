"""A resident in an end-to-end test, whose every step waits for the bot's whole answer."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from demo.emulator.client import Resident
from demo.emulator.emulator import Emulator
from demo.emulator.options import Options
from demo.emulator.views import Author

ASK_NUMBER = "Пожалуйста, введите номер вашего лицевого счёта:"
MENU = "Выберите действие:"
ANSWER_SECONDS = 8.0
T = TypeVar("T")


class EmulatorThread:
    """An emulator in a thread of its own, so that tests may block."""

    def __init__(self, options: Options) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.emulator = self.call(self._start(options))

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine in the emulator's loop and waits for it."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(120)

    def stop(self) -> None:
        """Stops the emulator and its loop."""
        self.call(self.emulator.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @staticmethod
    async def _start(options: Options) -> Emulator:
        emulator = Emulator(options)
        await emulator.start()
        return emulator


@dataclass(frozen=True)
class Held:
    """A button as it was shown once: it can be pressed when it is long gone."""

    text: str
    forged: dict[str, str]


class Person:
    """A resident; steps return what the bot said, up to the message that contains `until`."""

    def __init__(self, thread: EmulatorThread, messenger: str) -> None:
        self._thread = thread
        self.messenger = messenger
        self._resident = thread.call(Resident.create(thread.emulator, messenger))
        self.user_id = self._resident.user_id

    def open(self, until: str = ASK_NUMBER) -> list[str]:
        """Opens the chat as the messenger does: VK's start button, Viber's greeting."""
        return self._step(self._resident.open(), until)

    def say(self, text: str, until: str, **forged: str) -> list[str]:
        """Types; `payload` (VK) or `tracking_data` (Viber) may be forged."""
        return self._step(self._resident.say(text, **forged), until)

    def forge(self, text: str, token: str, until: str) -> list[str]:
        """Types with what a pressed button would carry besides its text."""
        field = "payload" if self.messenger == "vk" else "tracking_data"
        return self.say(text, until, **{field: token})

    def press(self, caption: str, until: str) -> list[str]:
        """Presses a button of the current keyboard."""
        assert caption in self.buttons()
        return self._step(self._resident.press(caption), until)

    def press_twice(self, caption: str, until: str) -> list[str]:
        """Presses a button again before the answer to the first time can have come."""
        held = self.hold(caption)

        async def twice() -> None:
            await self._resident.say(held.text, **held.forged)
            await self._resident.say(held.text, **held.forged)

        return self._step(twice(), until)

    def hold(self, caption: str) -> Held:
        """The button of the current keyboard, to be pressed later."""
        keyboard = self._thread.call(self._resident.keyboard())
        assert keyboard is not None
        button = next(one for one in keyboard.buttons if one.caption == caption)
        if self.messenger == "vk":
            return Held(button.caption, {"payload": button.value})
        said = [one for one in self._messages() if one.author is Author.BOT]
        return Held(button.value, {"tracking_data": said[-1].tracking_data or ""})

    def press_held(self, held: Held, until: str) -> list[str]:
        """Presses a button that may be gone from the phone."""
        return self.say(held.text, until, **held.forged)

    def send(self, kind: str, until: str) -> list[str]:
        """Sends a sticker, picture or voice message."""
        return self._step(self._resident.send(kind), until)

    def wait(self, containing: str, timeout: float = ANSWER_SECONDS) -> str:
        """Waits for a message that comes by itself."""
        waiting = self._resident.wait_for_answer(timeout, containing=containing)
        return self._thread.call(waiting).text

    def pictures(self, count: int, timeout: float = ANSWER_SECONDS) -> list[bytes]:
        """The pictures on the phone, once there are `count` of them, all loaded."""
        deadline = time.monotonic() + timeout
        while True:
            shown = [one for one in self._messages() if one.kind == "picture"]
            shown = [one for one in shown if one.author is Author.BOT]
            loaded = [
                self._thread.emulator.pictures.get(one.picture) for one in shown if one.picture
            ]
            if len(loaded) == len(shown) == count:
                return [one.content for one in loaded if one is not None]
            assert time.monotonic() < deadline, [(one.state, one.picture) for one in shown]
            time.sleep(0.05)

    def link(self, account: str) -> None:
        """Links the first account without any ceremony."""
        self.say(account, MENU)

    def buttons(self) -> list[str]:
        """The captions of the current keyboard."""
        keyboard = self._thread.call(self._resident.keyboard())
        return [] if keyboard is None else list(keyboard.captions)

    def answers(self) -> list[str]:
        """Everything the bot has said."""
        return self._thread.call(self._resident.answers())

    def _messages(self) -> list[Any]:
        return self._thread.call(self._resident.messages())

    def _step(self, action: Coroutine[Any, Any, None], until: str) -> list[str]:
        before = len(self.answers())
        self._thread.call(action)
        self.wait(until)
        return self.answers()[before:]
