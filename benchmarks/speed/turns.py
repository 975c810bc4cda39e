"""What single turns cost: SQL statements by kind of turn, and late in a long conversation."""

from __future__ import annotations

import asyncio
import statistics
from collections import Counter
from collections.abc import Callable

from benchmarks.speed.database import Server, shapes, without_transactions
from benchmarks.speed.dialogue import KINDS, SCRIPT, Person, link, next_turn
from benchmarks.speed.variants import Variant

# After the answer the bot still notes that it was delivered; and its queue polls when it is idle.
SETTLED = 0.15
IDLE = 5.0
# Turns of a new conversation that are compared with an old one's.
YOUNG = 8


async def statements(
    variant: Variant, server: Server, person: Person, dialogues: int
) -> dict[str, object]:
    """Statements of each kind of turn, those of an idle bot taken off; in a run of their own."""
    name = variant.database.partition("?")[0].rpartition("/")[2]
    server.log_statements(True)
    await asyncio.sleep(0.5)
    try:
        at = server.position()
        await asyncio.sleep(IDLE)
        idle = server.statements(name, at, server.position())
        by_kind: dict[str, list[list[str]]] = {kind: [] for kind in KINDS}
        person.step = 0
        for _ in range(dialogues):
            for step in SCRIPT:
                at = server.position()
                await next_turn(variant.bot, person)
                await asyncio.sleep(SETTLED)
                by_kind[step.kind].append(server.statements(name, at, server.position()))
    finally:
        server.log_statements(False)
        await asyncio.sleep(0.5)
    return {
        "per turn": {kind: _median(by_kind[kind], without_transactions) for kind in KINDS},
        "per turn with BEGIN and COMMIT": {kind: _median(by_kind[kind], list) for kind in KINDS},
        "per second when idle": round(len(idle) / IDLE, 1),
        "shapes": {kind: _common(turns) for kind, turns in by_kind.items()},
    }


def _median(turns: list[list[str]], keep: Callable[[list[str]], list[str]]) -> float:
    return statistics.median(len(keep(turn)) for turn in turns)


def _common(turns: list[list[str]]) -> dict[str, float]:
    """The statements of nearly every turn, with how often one turn has them."""
    counts: Counter[str] = Counter()
    for turn in turns:
        counts.update(shapes(turn))
    return {
        shape: round(count / len(turns), 1)
        for shape, count in counts.most_common()
        if count >= len(turns) / 2
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
