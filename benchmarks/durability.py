"""What durability adds to a turn: `python -m benchmarks.durability`. Prints milliseconds.

A turn that says one sentence and does nothing else goes the whole way: stored, queued, taken,
committed with its conversation, queued for sending, taken, handed over, noted. What is left out is
what a turn without durability has as well: the webhook's parsing, Rasa, the messenger's API.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

from backend.delivery.inbox import PostgresInbox
from backend.delivery.model import EventKind, IncomingEvent, OutgoingMessage
from backend.delivery.outbox import Outbox
from backend.delivery.queue import Queue
from backend.delivery.turn import Said, Turn
from backend.storage.database import Database
from backend.storage.embedded import EmbeddedPostgres
from backend.storage.migrate import migrate


class Phone:
    """A messenger that takes every message at once."""

    channel = "vk"
    text_limit = 4096

    def __init__(self) -> None:
        self.arrived = asyncio.Event()

    async def send(self, message: OutgoingMessage) -> str:
        """Takes a message."""
        self.arrived.set()
        return message.key

    async def close(self) -> None:
        """Nothing to release."""


async def answer(turn: Turn) -> None:
    """A turn without any work of its own."""
    turn.said = [Said("answer")]
    turn.events = [{"event": "user", "text": turn.event.text}]
    turn.saved = True


def apologise(turn: Turn) -> None:
    """Never needed here."""
    turn.said = [Said("sorry")]


async def measure(url: str, turns: int) -> tuple[list[float], list[float]]:
    """Milliseconds until the event is stored, and until its answer is handed over."""
    database, queue, phone = Database(url, pool_size=10), Queue(url), Phone()
    inbox = PostgresInbox(database, answer, apologise, {"vk": 4096})
    inbox.register(queue)
    Outbox(database, {"vk": phone}).register(queue)
    await queue.open()
    queue.start()
    stored, answered = [], []
    try:
        for number in range(turns):
            event = IncomingEvent(
                "vk", f"e-{number}", "1", EventKind.TEXT, datetime.now(timezone.utc), "text"
            )
            phone.arrived.clear()
            begun = time.perf_counter()
            await inbox.store(event)
            stored.append((time.perf_counter() - begun) * 1000)
            await asyncio.wait_for(phone.arrived.wait(), 10)
            answered.append((time.perf_counter() - begun) * 1000)
            # Until the job of sending has ended too, so that turns do not overlap.
            await asyncio.sleep(0.02)
    finally:
        await queue.stop(2)
        await database.close()
    return stored, answered


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="benchmarks.durability", description=__doc__)
    parser.add_argument("--turns", type=int, default=300)
    turns = parser.parse_args().turns
    with tempfile.TemporaryDirectory(prefix="durability-") as folder:
        postgres = EmbeddedPostgres(Path(folder))
        try:
            migrate(postgres.url)
            stored, answered = asyncio.run(measure(postgres.url, turns))
        finally:
            postgres.close()
    for name, times in (("stored", stored), ("answered", answered)):
        # The first turns open connections and prepare statements.
        kept = sorted(times[turns // 10 :])
        p95 = kept[int(len(kept) * 0.95)]
        print(f"{name:9} p50 {statistics.median(kept):5.1f} ms   p95 {p95:5.1f} ms")


if __name__ == "__main__":
    main()
