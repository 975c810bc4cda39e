"""What single turns cost: SQL statements by kind of turn, and late in a long conversation."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping

from benchmarks.speed.database import Server, is_statement, shapes
from benchmarks.speed.dialogue import KINDS, SCRIPT, Person, link, next_turn
from benchmarks.speed.variants import Variant

# After the answer the bot still notes that it was delivered; and its queue polls when it is idle.
SETTLED = 0.15
IDLE = 10.0
# Turns of a new conversation that are compared with an old one's.
YOUNG = 8


async def statements(
    variant: Variant, server: Server, person: Person, dialogues: int
) -> dict[str, object]:
    """The number of statements of each kind of turn, in turns that are not timed.

    The typical turn is the middle one of its kind. What an idle bot does in the same time (its
    queue polls) is taken off, statement by statement.
    """
    name = variant.database.partition("?")[0].rpartition("/")[2]
    server.log_statements(True)
    await asyncio.sleep(0.5)
    try:
        at = server.position()
        await asyncio.sleep(IDLE)
        idle = shapes(server.statements(name, at, server.position()))
        by_kind = {kind: Counted() for kind in KINDS}
        for step in SCRIPT * dialogues:
            at, started = server.position(), time.perf_counter()
            await next_turn(variant.bot, person)
            await asyncio.sleep(SETTLED)
            logged = server.statements(name, at, server.position())
            by_kind[step.kind].add(logged, time.perf_counter() - started)
    finally:
        server.log_statements(False)
        await asyncio.sleep(0.5)
    rates = {shape: count / IDLE for shape, count in idle.items()}
    typical = {kind: counted.typical(rates) for kind, counted in by_kind.items()}
    mean = {kind: counted.mean(rates) for kind, counted in by_kind.items()}
    return {
        "typical turn": {
            kind: round(sum(n for shape, n in found.items() if is_statement(shape)), 1)
            for kind, found in typical.items()
        },
        "mean with BEGIN, COMMIT and pings": {
            kind: round(sum(found.values()), 1) for kind, found in mean.items()
        },
        "per second when idle": round(sum(idle.values()) / IDLE, 1),
        "shapes": mean,
    }


class Counted:
    """The statements of all turns of one kind."""

    def __init__(self) -> None:
        self._seconds: list[float] = []
        self._shapes: list[Counter[str]] = []

    def add(self, statements: list[str], seconds: float) -> None:
        """One turn's."""
        self._seconds.append(seconds)
        self._shapes.append(shapes(statements))

    def typical(self, idle: Mapping[str, float]) -> dict[str, float]:
        """How often a typical turn has each statement beyond what `idle` has in a second.

        Whole numbers: a turn has a statement or has it not, and what is left of the idle bot's
        polls, some of which fall into each turn, is no part of it.
        """
        found = self._beyond(idle, statistics.median)
        return {shape: float(round(count)) for shape, count in found.items() if round(count)}

    def mean(self, idle: Mapping[str, float]) -> dict[str, float]:
        """The same for the mean turn, so that rare statements are seen as well."""
        return self._beyond(idle, statistics.fmean)

    def _beyond(
        self, idle: Mapping[str, float], middle: Callable[[list[float]], float]
    ) -> dict[str, float]:
        found = {
            shape: middle([float(one[shape]) for one in self._shapes])
            - idle.get(shape, 0.0) * statistics.fmean(self._seconds)
            for shape in set().union(*self._shapes)
        }
        return {
            shape: round(count, 2)
            for shape, count in sorted(found.items(), key=lambda one: -one[1])
            if count >= 0.1
        }


async def growth(
    variant: Variant,
    old: Person,
    fresh: list[Person],
    turns: int,
    progress: Callable[[], None],
) -> dict[str, object]:
    """The median dialogue of a conversation that has `turns` behind it against new ones'.

    Old and new take turns, so that what else happens on the machine meets both.
    """
    await link(variant.bot, old)
    for number in range(turns):
        await next_turn(variant.bot, old)
        if number % 10 == 9:
            progress()
    old.step = 0
    late: dict[str, list[float]] = {kind: [] for kind in KINDS}
    early: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for person in fresh:
        await link(variant.bot, person)
        for _ in range(YOUNG):
            await next_turn(variant.bot, person)
        for _ in SCRIPT:
            for who, times in ((old, late), (person, early)):
                timing = await next_turn(variant.bot, who)
                times[timing.kind].append(timing.answer * 1000)
    middle = {
        name: {kind: round(statistics.median(times[kind]), 2) for kind in KINDS}
        for name, times in (("new", early), ("old", late))
    }
    ratio = sum(middle["old"].values()) / sum(middle["new"].values())
    return {"turns": turns, **middle, "ratio": round(ratio, 2)}
