"""Ways to load one variant: alone, as fast as it answers, at a given rate."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.speed.database import Server
from benchmarks.speed.dialogue import SCRIPT, Person, Timing, next_turn
from benchmarks.speed.figures import in_milliseconds, latencies
from benchmarks.speed.processes import cpu_seconds, own_cpu_seconds
from benchmarks.speed.variants import Variant


@dataclass
class Load:
    """What one load gave, from its first message to the last answer, `seconds` in all.

    Messages are begun for a given time and all of them are answered: stock Rasa answers a crowd all
    at once, after a long while, and a window would see either nothing or everything.
    """

    seconds: float
    timings: list[Timing]
    wrong: int = 0
    failed: int = 0
    bot_cpu: float = 0.0
    database_cpu: float = 0.0
    client_cpu: float = 0.0
    wal_bytes: float = 0.0
    flushes: float = 0.0
    flush_seconds: float = 0.0
    stored_bytes: float = 0.0
    errors: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Messages of residents a second."""
        return len(self.timings) / self.seconds

    def to_json(self) -> dict[str, object]:
        """Figures per message where that makes sense."""
        count = len(self.timings) or 1
        acks = [one.acknowledged for one in self.timings if one.acknowledged is not None]
        return {
            "messages": len(self.timings),
            "seconds": round(self.seconds, 2),
            "messages per second": round(self.rate, 2),
            "milliseconds": latencies(self.timings),
            "acknowledged": in_milliseconds(acks) if acks else None,
            "bot CPU ms": round(self.bot_cpu * 1000 / count, 2),
            "database CPU ms": round(self.database_cpu * 1000 / count, 2),
            "client CPU ms": round(self.client_cpu * 1000 / count, 2),
            "WAL bytes": round(self.wal_bytes / count),
            "stored bytes": round(self.stored_bytes / count),
            "WAL flushes": round(self.flushes / count, 3),
            "WAL flush ms": round(self.flush_seconds * 1000 / count, 3),
            "other answers than expected": self.wrong,
            "no answer": self.failed,
            "errors": self.errors[:5],
        }


async def alone(variant: Variant, persons: list[Person], dialogues: int) -> list[Timing]:
    """One resident at a time, a dialogue each in turn, until there were `dialogues`."""
    timings = []
    for number in range(dialogues):
        person = persons[number % len(persons)]
        while person.lost or person.step:
            await next_turn(variant.bot, person)
        for _ in SCRIPT:
            timings.append(await next_turn(variant.bot, person))
    return timings


async def together(variant: Variant, server: Server, persons: list[Person], seconds: float) -> Load:
    """Everybody writes again as soon as the answer is there (a closed loop).

    They begin within a second, not all in the same instant.
    """
    dice, begun = random.Random(2), set()

    async def talk(person: Person, ends: float, note: Callable[[Timing], None]) -> None:
        if person.user_id not in begun:
            begun.add(person.user_id)
            await asyncio.sleep(dice.random())
        while time.perf_counter() < ends:
            note(await next_turn(variant.bot, person))

    return await _measured(variant, server, persons, seconds, talk)


async def at_rate(
    variant: Variant, server: Server, persons: list[Person], seconds: float, rate: float
) -> Load:
    """Everybody writes at random moments, `rate` messages a second in all."""
    dice = random.Random(1)
    pause = len(persons) / rate

    async def talk(person: Person, ends: float, note: Callable[[Timing], None]) -> None:
        due = time.perf_counter() + dice.expovariate(1 / pause)
        while due < ends:
            await asyncio.sleep(due - time.perf_counter())
            note(await next_turn(variant.bot, person))
            due = max(due + dice.expovariate(1 / pause), time.perf_counter())
        # The next message would come later: nobody begins anew before the end.
        await asyncio.sleep(max(ends - time.perf_counter(), 0))

    return await _measured(variant, server, persons, seconds, talk)


async def _measured(variant, server, persons, seconds, talk) -> Load:  # type: ignore[no-untyped-def]
    load = Load(0.0, [])
    started = time.perf_counter()
    ends = started + seconds

    def note(timing: Timing) -> None:
        load.timings.append(timing)
        load.wrong += not timing.right

    async def one(person: Person) -> None:
        while time.perf_counter() < ends:
            try:
                await talk(person, ends, note)
            except Exception as error:
                load.failed += 1
                load.errors.append(f"{type(error).__name__}: {error}"[:200])
                await asyncio.sleep(0.1)

    before, stored = server.counters(), server.size(variant.database)
    bot, client = cpu_seconds(variant.pids), own_cpu_seconds()
    await asyncio.gather(*(one(person) for person in persons))
    load.seconds = max(time.perf_counter() - started, seconds)
    after = server.counters()
    load.bot_cpu = cpu_seconds(variant.pids) - bot
    load.client_cpu = own_cpu_seconds() - client
    load.database_cpu = after.cpu - before.cpu
    load.wal_bytes = after.wal_bytes - before.wal_bytes
    load.flushes = after.flushes - before.flushes
    load.flush_seconds = after.flush_seconds - before.flush_seconds
    load.stored_bytes = server.size(variant.database) - stored
    return load
