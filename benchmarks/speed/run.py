"""One whole run: starts the variants, measures them in interleaved rounds, then one by one."""

from __future__ import annotations

import asyncio
import json
import platform
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import psutil

from benchmarks.speed import models
from benchmarks.speed.database import Server
from benchmarks.speed.dialogue import SCRIPT, Person, Timing, link, next_turn, people
from benchmarks.speed.figures import latencies, percentile
from benchmarks.speed.loads import Load, alone, at_rate, together
from benchmarks.speed.options import Options
from benchmarks.speed.processes import end_on_sigterm, memory
from benchmarks.speed.progress import Progress
from benchmarks.speed.turns import growth, statements
from benchmarks.speed.variants import NAMES, OURS, STOCK_DEFAULT, Stage, Variant

# Accounts behind those of the loads: residents whose conversations are looked at by themselves.
COUNTED, OLD, FRESH = 481, 482, range(483, 489)
LINKING, WARMING, AT_ONCE = 12, 2, 20
HALF = 0.5
UNFINISHED = "unfinished.json"


async def measure(options: Options, progress: Progress) -> dict[str, Any]:
    """Everything there is to say, as JSON; nothing runs afterwards."""
    end_on_sigterm()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        progress.stage("the default pipeline's model is trained (once for this data)")
        default = models.default_model(progress.tick) if STOCK_DEFAULT in options.variants else None
        ours = models.our_model()
        server = Server(folder)
        try:
            async with Stage(folder, server.url) as stage:
                run = _Run(options, progress, server, stage)
                return await run.measure(default, ours)
        finally:
            server.close()


class _Run:
    def __init__(self, options: Options, progress: Progress, server: Server, stage: Stage) -> None:
        self._options = options
        self._progress = progress
        self._server = server
        self._stage = stage
        self._variants: list[Variant] = []
        self._people: dict[str, list[Person]] = {}
        self._alone: dict[str, list[Timing]] = defaultdict(list)
        self._crowd: dict[str, list[Timing]] = defaultdict(list)
        self._half: dict[str, list[Timing]] = defaultdict(list)
        self._relative: dict[str, list[float]] = defaultdict(list)

    async def measure(self, default: Path | None, ours: Path) -> dict[str, Any]:
        options, started = self._options, time.time()
        for key in options.variants:
            self._progress.stage(f"starting {NAMES[key]}")
            if key == OURS:
                variant = await self._stage.ours(options.starts)
            else:
                model = default if key == STOCK_DEFAULT else ours
                assert model is not None
                variant = await self._stage.stock(key, model)
            self._variants.append(variant)
        fresh = {one.key: [vars(memory(p)) for p in one.processes] for one in self._variants}
        busy = psutil.cpu_percent(interval=3)
        await self._prepare()
        rounds: list[dict[str, Any]] = []
        for number in range(options.rounds):
            rounds.append(await self._round(number))
            self._keep({"rounds": rounds})
        loaded = {one.key: [vars(memory(p)) for p in one.processes] for one in self._variants}
        result: dict[str, Any] = {
            "machine": {**_machine(), "busy with nothing to do, %": busy},
            "options": {**vars(options), "out": str(options.out)},
            "started": datetime.fromtimestamp(started, timezone.utc).isoformat(timespec="seconds"),
            "start to ready, s": {one.key: one.starts for one in self._variants},
            "memory, MB": {"ready": fresh, "loaded": loaded},
            "rounds": rounds,
            "alone, ms": {key: latencies(found) for key, found in self._alone.items()},
            "together, ms": {key: latencies(found) for key, found in self._crowd.items()},
            "half load, ms": {key: latencies(found) for key, found in self._half.items()},
            "half load, p99 in p50 of the round": {
                key: round(percentile(found, 0.99), 2) for key, found in self._relative.items()
            },
        }
        self._keep(result)
        result["statements"] = await self._statements()
        self._keep(result)
        result["growth"] = await self._growth()
        self._keep(result)
        if OURS in options.variants:
            result["processes"] = await self._processes()
        result["took, s"] = round(time.time() - started)
        self._keep(result)
        return result

    def _keep(self, result: Mapping[str, Any]) -> None:
        """What is measured so far, in case that the run is ended."""
        self._options.out.mkdir(parents=True, exist_ok=True)
        (self._options.out / UNFINISHED).write_text(json.dumps(result, ensure_ascii=False))

    async def _prepare(self) -> None:
        """The first residents link their accounts one by one; the others are known already."""
        count = self._options.most_residents
        for variant in self._variants:
            persons = self._people[variant.key] = people(f"{variant.key}-", count)
            first, others = persons[:LINKING], persons[LINKING:]
            variant.know(others)
            step = self._progress.steps(f"{NAMES[variant.key]}: everybody opens the chat", count)
            for number, person in enumerate(first):
                timings = await link(variant.bot, person)
                # Whatever is loaded or compiled at first use.
                if number >= WARMING:
                    self._alone[variant.key] += timings
                step(1)
            for at in range(0, len(others), AT_ONCE):
                part = others[at : at + AT_ONCE]
                await asyncio.gather(*(next_turn(variant.bot, person) for person in part))
                step(len(part))

    async def _round(self, number: int) -> dict[str, Any]:
        """Each variant under the same loads; who begins changes from round to round."""
        options = self._options
        found: dict[str, Any] = {}
        shift = number % len(self._variants)
        name = f"round {number + 1} of {options.rounds}"
        step = self._progress.steps(name, len(self._variants) * (2 + len(options.residents)))
        for variant in self._variants[shift:] + self._variants[:shift]:
            persons = self._people[variant.key]
            few = min(options.residents)
            mine = persons[number * few : (number + 1) * few]
            single = await alone(variant, mine[:5], options.dialogues)
            self._alone[variant.key] += single
            step(1)
            loads: dict[str, Load] = {}
            for residents in options.residents:
                if residents != few and number >= options.crowded_rounds:
                    step(1)
                    continue
                crowd = mine if residents == few else persons[:residents]
                loads[str(residents)] = await together(
                    variant, self._server, crowd, options.seconds
                )
                step(1)
            self._crowd[variant.key] += loads[str(few)].timings
            rate = max(loads[str(few)].rate * HALF, 1.0)
            half = await at_rate(variant, self._server, mine, options.seconds, rate)
            self._half[variant.key] += half.timings
            middle = statistics.median(timing.answer for timing in half.timings)
            self._relative[variant.key] += [timing.answer / middle for timing in half.timings]
            step(1)
            found[variant.key] = {
                "alone": latencies(single),
                "wrong when alone": sum(not timing.right for timing in single),
                "loads": {residents: load.to_json() for residents, load in loads.items()},
                "half load": half.to_json(),
            }
            self._progress.say(_line(name, variant, found[variant.key]))
        return found

    async def _statements(self) -> dict[str, Any]:
        step = self._progress.steps("statements are counted", len(self._variants))
        found = {}
        for variant in self._variants:
            person = _extra(variant, COUNTED)
            await link(variant.bot, person)
            found[variant.key] = await statements(variant, self._server, person, 12)
            step(1)
        return found

    async def _growth(self) -> dict[str, Any]:
        found = {}
        for variant in self._variants:
            turns = self._options.turns if variant.key == OURS else self._options.stock_turns
            turns -= turns % len(SCRIPT)
            step = self._progress.steps(f"{NAMES[variant.key]}: a long conversation", turns)
            found[variant.key] = await growth(
                variant,
                _extra(variant, OLD),
                [_extra(variant, number) for number in FRESH],
                turns,
                lambda step=step: step(10),  # type: ignore[misc]
            )
        return found

    async def _processes(self) -> list[dict[str, Any]]:
        """Ours with one process and with more, twice in turn."""
        options = self._options
        variant = next(one for one in self._variants if one.key == OURS)
        few = min(options.residents)
        persons = self._people[OURS]
        found: list[dict[str, Any]] = []
        step = self._progress.steps("more processes of ours", 2 * len(options.processes))
        for _ in range(2):
            for count in options.processes:
                # One more than those that run turns: the receiver of webhooks.
                while len(variant.processes) < count + 1:
                    await self._stage.one_more(variant)
                while len(variant.processes) > count + 1:
                    self._stage.one_less(variant)
                await together(variant, self._server, persons[:few], 2)
                load = await together(variant, self._server, persons[:few], options.seconds)
                found.append({"processes": count, **load.to_json()})
                step(1)
        return found


def _line(name: str, variant: Variant, found: Mapping[str, Any]) -> str:
    parts = [f"{name}, {variant.key}: p50 {found['alone']['all']['p50']:.0f} ms"]
    for residents, load in found["loads"].items():
        parts.append(f"{residents} residents {load['messages per second']:.1f}/s")
        odd = load["other answers than expected"] + load["no answer"]
        if odd:
            parts.append(f"{odd} odd answers {load['errors'][:1]}")
    return ", ".join(parts)


def _extra(variant: Variant, number: int) -> Person:
    found = people(f"{variant.key}-extra-", number + 1)[number]
    return found


def _machine() -> dict[str, Any]:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return {
        "processor": model,
        "cores": psutil.cpu_count(),
        "memory, GB": round(psutil.virtual_memory().total / 2**30, 1),
        "python": platform.python_version(),
    }
