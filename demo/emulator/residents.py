"""The people who hold the phones: their chats, their keyboards, and their queue of events."""

from __future__ import annotations

import asyncio
import base64
import itertools
import logging
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timezone
from typing import Any

from demo.emulator.feed import Feed
from demo.emulator.views import Author, KeyboardView, ResidentView, ShownMessage

KEEP_MESSAGES = 500
TYPING_SECONDS = 10.0
_log = logging.getLogger(__name__)


class UnknownResident(Exception):
    """Nobody with this key lives here."""


class TooManyResidents(Exception):
    """The limit of residents is reached."""


class Resident:
    """One person in one messenger. Everything they cause reaches the bot in order, one by one."""

    def __init__(
        self, key: str, messenger: str, user_id: str, name: str, feed: Feed, numbers: Iterator[int]
    ) -> None:
        self.key = key
        self.messenger = messenger
        self.user_id = user_id
        self.name = name
        self.reachable = False
        self.blocked = False
        self.opened = False
        self.keyboard: KeyboardView | None = None
        self.messages: deque[ShownMessage] = deque(maxlen=KEEP_MESSAGES)
        self.tracking_data: str | None = None
        self.unanswered = 0
        self.unanswered_since = 0.0
        self.conversation_messages = 0
        self._feed = feed
        self._numbers = numbers
        self._typing_until = 0.0
        self._snackbar: str | None = None
        self._changed = asyncio.Event()
        self._queue: deque[Callable[[], Awaitable[None]]] = deque()
        self._worker: asyncio.Task[None] | None = None

    def show(self, author: Author, kind: str, text: str, **details: Any) -> ShownMessage:
        """Puts a message into the chat. `details` are further fields of ShownMessage."""
        self.conversation_messages += 1
        details.setdefault("conversation_id", self.conversation_messages)
        message = ShownMessage(
            number=next(self._numbers),
            author=author,
            kind=kind,
            text=text,
            at=datetime.now(timezone.utc),
            **details,
        )
        self.messages.append(message)
        if author is Author.BOT:
            self._typing_until = 0.0
            self._snackbar = None
        self.message_changed(message)
        return message

    def message_changed(self, message: ShownMessage) -> None:
        """Tells those who watch that a message is new or different."""
        self._feed.publish("message", _Chat(self.key, message))
        self.changed()

    def changed(self) -> None:
        """Tells those who watch that the phone's state is different."""
        self._feed.publish("resident", self)
        self._changed.set()
        self._changed = asyncio.Event()

    def show_typing(self) -> None:
        """Shows for a while that the bot is typing."""
        self._typing_until = time.monotonic() + TYPING_SECONDS
        asyncio.get_running_loop().call_later(TYPING_SECONDS + 0.1, self.changed)
        self.changed()

    def show_snackbar(self, text: str) -> None:
        """Shows a short notice over the chat until the next message."""
        self._snackbar = text
        self.changed()

    def newer_than(self, number: int) -> list[ShownMessage]:
        """The kept messages after `number`, oldest first."""
        return [message for message in self.messages if message.number > number]

    async def wait(self, seconds: float) -> None:
        """Returns at the next change, or after so many seconds."""
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except asyncio.TimeoutError:
            return

    def enqueue(self, deliver: Callable[[], Awaitable[None]]) -> None:
        """Runs `deliver` after everything that was put in before it has ended."""
        self._queue.append(deliver)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())

    async def _work(self) -> None:
        while self._queue:
            deliver = self._queue[0]
            try:
                await deliver()
            except Exception:
                _log.exception("An event of %s could not be delivered", self.key)
            self._queue.popleft()
        self.changed()

    @property
    def waiting(self) -> int:
        """How many of the resident's events the bot has not acknowledged yet."""
        return len(self._queue)

    async def stop(self) -> None:
        """Drops what is still waiting."""
        self._queue.clear()
        if self._worker is not None and not self._worker.done():
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)

    def view(self) -> ResidentView:
        """The present state of the phone."""
        return ResidentView(
            key=self.key,
            messenger=self.messenger,
            user_id=self.user_id,
            name=self.name,
            reachable=self.reachable and not self.blocked,
            opened=self.opened,
            typing=self._typing_until > time.monotonic(),
            waiting=self.waiting,
            keyboard=self.keyboard,
            snackbar=self._snackbar,
        )

    def to_json(self) -> dict[str, Any]:
        """The present state as JSON."""
        return self.view().to_json()


class _Chat:
    """A message together with whose chat it is in."""

    def __init__(self, key: str, message: ShownMessage) -> None:
        self._key = key
        self._message = message

    def to_json(self) -> dict[str, Any]:
        return {"resident": self._key, **self._message.to_json()}


class Residents:
    """Everybody, found by key or by the messenger's own id."""

    def __init__(self, feed: Feed, names: tuple[str, ...], limit: int) -> None:
        self._feed = feed
        self._names = names
        self._limit = limit
        self._by_key: dict[str, Resident] = {}
        self._by_user: dict[tuple[str, str], Resident] = {}
        self._numbers = itertools.count(1)
        self._created = {"viber": 0, "vk": 0}
        self._present = {"viber": 0, "vk": 0}
        # VK's ids start somewhere new each time, so that a bot that remembers the residents of
        # an earlier emulator does not take new ones for them.
        self._first_vk_id = 100_000_000 + secrets.randbelow(700_000_000)

    def create(self, messenger: str, name: str | None = None) -> Resident:
        """Lets somebody new in.

        Raises:
            TooManyResidents: the limit is reached.
        """
        if len(self._by_key) >= self._limit:
            raise TooManyResidents(f"There are {self._limit} residents already.")
        self._created[messenger] += 1
        count = self._created[messenger]
        given = self._names[self._present[messenger] % len(self._names)]
        self._present[messenger] += 1
        if messenger == "vk":
            user_id = str(self._first_vk_id + count)
        else:
            user_id = base64.b64encode(secrets.token_bytes(16)).decode()
        resident = Resident(
            f"{messenger}-{count}",
            messenger,
            user_id,
            name or given,
            self._feed,
            self._numbers,
        )
        self._by_key[resident.key] = resident
        self._by_user[messenger, user_id] = resident
        resident.changed()
        return resident

    def by_key(self, key: str) -> Resident:
        """Raises UnknownResident."""
        try:
            return self._by_key[key]
        except KeyError:
            raise UnknownResident(f"There is no resident {key!r}.") from None

    def by_user(self, messenger: str, user_id: str) -> Resident | None:
        """Whoever has this id in this messenger."""
        return self._by_user.get((messenger, user_id))

    def all(self) -> list[Resident]:
        """Everybody in order of arrival."""
        return list(self._by_key.values())

    async def clear(self) -> None:
        """Everybody leaves."""
        leaving = self.all()
        self._by_key.clear()
        self._by_user.clear()
        # Keys are never used twice: whoever still holds an old one must not meet somebody else.
        self._present = dict.fromkeys(self._present, 0)
        for resident in leaving:
            await resident.stop()
