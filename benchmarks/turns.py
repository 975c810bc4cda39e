"""Scripted residents and the times of their turns, by kind of turn."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import defaultdict
from dataclasses import dataclass, field

from demo.emulator.client import Resident
from demo.emulator.control import Control

# Viber's side of the emulator has no limit of calls per second; VK's own is 20.
MESSENGER = "viber"
PLAIN_ACCOUNTS = 7_069_000_000


@dataclass
class Turns:
    """Seconds from a message to the bot's first answer, by kind."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def figures(self) -> dict[str, dict[str, float]]:
        """Milliseconds: p50, p95, p99 and how many, by kind."""
        return {
            kind: {
                "p50": _part(times, 0.50),
                "p95": _part(times, 0.95),
                "p99": _part(times, 0.99),
                "count": len(times),
            }
            for kind, times in self.times.items()
        }

    def table(self) -> str:
        """The figures as lines."""
        lines = [f"{'turn':14}{'p50':>8}{'p95':>8}{'p99':>8}{'count':>8}"]
        lines += [
            f"{kind:14}{row['p50']:8.1f}{row['p95']:8.1f}{row['p99']:8.1f}{row['count']:8.0f}"
            for kind, row in self.figures().items()
        ]
        return "\n".join(lines)


def _part(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000, 1)


async def load(
    control: Control, turns: Turns, *, residents: int, rounds: int, first_account: int
) -> float:
    """Lets `residents` talk at once, `rounds` dialogues each; returns messages a second."""
    people = [await Resident.create(control, MESSENGER) for _ in range(residents)]
    for number, person in enumerate(people):
        await person.open()
        await person.wait_for_answer(60)
        await person.say(str(PLAIN_ACCOUNTS + first_account + number))
        await person.wait_for_answer(60, containing="Выберите действие")
    started = time.monotonic()
    await asyncio.gather(*(_dialogues(person, turns, rounds) for person in people))
    sent = sum(len(times) for times in turns.times.values())
    return sent / (time.monotonic() - started)


async def growth(control: Control, count: int) -> dict[str, float]:
    """Median ms of a button turn early and late in one long conversation."""
    person = await Resident.create(control, MESSENGER)
    await person.open()
    await person.wait_for_answer(60)
    await person.say(str(PLAIN_ACCOUNTS + 499))
    await person.wait_for_answer(60, containing="Выберите действие")
    times = [await _timed(person, "Мои счета", "Выберите действие") for _ in range(count)]
    return {
        "early": round(statistics.median(times[10:30]) * 1000, 1),
        "late": round(statistics.median(times[-20:]) * 1000, 1),
    }


async def _dialogues(person: Resident, turns: Turns, rounds: int) -> None:
    for step in range(rounds):
        script = [
            ("button", "Передать показания", "Укажите показания"),
            ("free text", "какой срок передачи", "Укажите показания"),
            ("reading", "", "Объем потребления"),
            ("confirm", "Подтверждаю", "Выберите действие"),
        ]
        for kind, words, answer in script:
            words = words or await _plausible(person, step)
            turns.times[kind].append(await _timed(person, words, answer))


async def _plausible(person: Resident, step: int) -> str:
    """A reading a little above the previous one that the bot has just named."""
    said = (await person.answers())[-1]
    previous = said.split("показания: ", 1)[1].split(" от ", 1)[0].rstrip(")").replace(",", ".")
    return f"{float(previous) + 0.01 * (step + 1):.2f}".replace(".", ",")


async def _timed(person: Resident, words: str, answer: str) -> float:
    started = time.monotonic()
    await person.say(words)
    await person.wait_for_answer(60, containing=answer)
    return time.monotonic() - started
