"""Fakes of everything around the queue, and one «machine»: a process's worth of the real parts."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timezone
from types import TracebackType
from typing import Any

from sqlalchemy import text

from backend.billing.model import Receipt, Submission
from backend.computing import outside
from backend.delivery.inbox import PostgresInbox
from backend.delivery.model import Button, EventKind, IncomingEvent, OutgoingMessage
from backend.delivery.outbox import Guard, Outbox
from backend.delivery.queue import Queue
from backend.delivery.turn import Said, Turn
from backend.readings.outcomes import Accepted, Settled
from backend.readings.submissions import Submissions
from backend.storage.database import Database

PATIENCE = 20.0


async def eventually(condition: Callable[[], Awaitable[Any]], patience: float = PATIENCE) -> Any:
    """Returns the condition's first true value; for what only the database knows."""
    deadline = asyncio.get_running_loop().time() + patience
    while not (value := await condition()):
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError("it did not happen in time")
        await asyncio.sleep(0.02)
    return value


class Watched:
    """Something whose changes can be awaited."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def changed(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, condition: Callable[[], bool], patience: float = PATIENCE) -> None:
        async def wait() -> None:
            while not condition():
                await self._changed.wait()

        await asyncio.wait_for(wait(), patience)


class FakeMessenger(Watched):
    """Records what is sent. `troubles` are raised one by one, before the message is taken."""

    def __init__(self, channel: str = "vk", text_limit: int = 4096) -> None:
        super().__init__()
        self.channel = channel
        self.text_limit = text_limit
        self.sent: list[OutgoingMessage] = []
        self.attempts: list[OutgoingMessage] = []
        self.troubles: deque[BaseException] = deque()
        self.after_taking: Callable[[], Awaitable[None]] | None = None

    async def send(self, message: OutgoingMessage) -> str:
        self.attempts.append(message)
        self.changed()
        if self.troubles:
            raise self.troubles.popleft()
        self.sent.append(message)
        self.changed()
        if self.after_taking is not None:
            await self.after_taking()
        return str(len(self.sent))

    async def close(self) -> None:
        pass

    def texts(self, user_id: str | None = None) -> list[str]:
        return [one.text for one in self.sent if user_id in (None, one.user_id)]

    async def until_sent(self, count: int, patience: float = PATIENCE) -> list[str]:
        await self.until(lambda: len(self.sent) >= count, patience)
        return self.texts()


class FakeBilling(Watched):
    """Billing that keeps a submission under its key. `troubles` are raised one by one.

    With `stores_first` a trouble comes after the submission was stored.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Submission] = []
        self.stored: dict[str, Submission] = {}
        self.troubles: deque[BaseException | None] = deque()
        self.stores_first = False
        self.during: Callable[[Submission], Awaitable[None]] | None = None

    async def submit(self, submission: Submission) -> Receipt:
        self.calls.append(submission)
        self.changed()
        trouble = self.troubles.popleft() if self.troubles else None
        if self.during is not None:
            await self.during(submission)
        if trouble is None or self.stores_first:
            self.stored.setdefault(submission.idempotency_key, submission)
        self.changed()
        if trouble is not None:
            raise trouble
        number = list(self.stored).index(submission.idempotency_key) + 1
        return Receipt(f"r-{number}", datetime(2026, 11, 20, tzinfo=timezone.utc), "2026-11")


class FakeTalk(Watched):
    """A turn handler that echoes; a turn's text tells what else it should do."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[tuple[str, str]] = []
        self.handled: list[tuple[str, str]] = []
        self.failures: Counter[str] = Counter()
        self.during: Callable[[Turn], Awaitable[None]] | None = None
        self.takes = 0.0
        self.busy: Counter[str] = Counter()
        self.most_busy: dict[str, int] = defaultdict(int)

    async def handle(self, turn: Turn) -> None:
        who, words = turn.event.user_id, turn.event.text
        self.busy[who] += 1
        self.most_busy[who] = max(self.most_busy[who], self.busy[who])
        self.begun.append((who, words))
        self.changed()
        try:
            if self.takes:
                await asyncio.sleep(self.takes)
            if self.during is not None:
                await self.during(turn)
            if self.failures[words] > 0:
                self.failures[words] -= 1
                raise RuntimeError(f"cannot handle {words}")
            turn.events = [*turn.events, {"text": words}]
            turn.log = [{"kind": "user", "text": words}]
            buttons = (Button("Да", "/affirm"),) if words.startswith("?") else ()
            turn.said = [Said(f"re: {words}", buttons)]
            turn.saved = True
            self.handled.append((who, words))
        finally:
            self.busy[who] -= 1
            self.changed()

    def hold(self) -> asyncio.Event:
        """From now on turns wait until the event is set, as for a slow billing."""
        go_on = asyncio.Event()

        async def wait(_turn: Turn) -> None:
            async with outside():
                await go_on.wait()

        self.during = wait
        return go_on

    def apologise(self, turn: Turn) -> None:
        turn.events = []
        turn.said = [Said("sorry")]

    def of(self, who: str) -> list[str]:
        return [words for user, words in self.handled if user == who]


class Machine:
    """One process of the bot without Rasa and HTTP; several may share one database."""

    def __init__(self, url: str, talk: FakeTalk | None = None) -> None:
        self.url = url
        self.talk = talk or FakeTalk()
        self.vk = FakeMessenger("vk")
        self.viber = FakeMessenger("viber", 7000)
        self.billing = FakeBilling()
        self.guards: dict[str, Guard] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Machine:
        self.database = Database(self.url, pool_size=10)
        self.queue = Queue(self.url)
        self.inbox = PostgresInbox(
            self.database,
            lambda turn: self.talk.handle(turn),
            lambda turn: self.talk.apologise(turn),
            {"vk": 4096, "viber": 7000},
        )
        self.submissions = Submissions(self.database, self.billing)  # type: ignore[arg-type]
        self.inbox.register(self.queue)
        messengers = {"vk": self.vk, "viber": self.viber}
        Outbox(self.database, messengers, self.guards).register(self.queue)
        self.submissions.register(self.queue, announce)
        self._started = False
        return self

    async def start(self) -> Machine:
        await self.queue.open()
        self.queue.start()
        self._started = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        if self._started:
            await self.queue.stop(2)
        await self.database.close()

    async def say(self, *texts: str, user: str = "1", channel: str = "vk") -> None:
        for words in texts:
            await self.inbox.store(event(words, user=user, channel=channel))

    async def rows(self, query: str, **values: object) -> list[Any]:
        async with self.database.autocommit() as connection:
            return list((await connection.execute(text(query), values)).all())

    async def run(self, statement: str, **values: object) -> None:
        async with self.database.autocommit() as connection:
            await connection.execute(text(statement), values)

    async def state_of(self, table: str, column: str = "state") -> list[str]:
        return [row[0] for row in await self.rows(f"SELECT {column} FROM {table} ORDER BY id")]


_events = iter(range(1, 10**9))


def event(
    words: str = "",
    *,
    user: str = "1",
    channel: str = "vk",
    event_id: str | None = None,
    kind: EventKind = EventKind.TEXT,
    **fields: Any,
) -> IncomingEvent:
    """An event with an id of its own."""
    return IncomingEvent(
        channel=channel,
        event_id=event_id or f"e-{next(_events)}",
        user_id=user,
        kind=kind,
        received_at=datetime.now(timezone.utc),
        text=words,
        **fields,
    )


def announce(settled: Settled) -> str:
    """A late outcome in words that tests can read."""
    values = ", ".join(str(reading.value) for reading in settled.readings)
    if isinstance(settled.outcome, Accepted):
        return f"accepted {values} {settled.outcome.receipt.receipt_id}"
    return f"refused {values} {settled.outcome.code}"


def in_order(wanted: Sequence[str], found: Sequence[str]) -> bool:
    """True if `found`, without immediate repeats, is `wanted`."""
    return list(dict.fromkeys(found)) == list(wanted)
