"""What happens over time: answers, acknowledgements and memory."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psutil

from benchmarks.speed.figures import percentile

BUCKET = 10.0
SAMPLING = 2.0


@dataclass(frozen=True)
class Answer:
    """One answer: when the message was sent, counted from the start, and how long it took."""

    at: float
    took: float
    messenger: str


@dataclass(frozen=True)
class Sample:
    """The machine at one moment: memory of the bot in MB, residents who talk, cores busy."""

    at: float
    memory: float
    talking: int
    cores: float


@dataclass
class Timeline:
    """Everything that was noted; times are seconds from the start."""

    began: float = field(default_factory=time.monotonic)
    answers: list[Answer] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    @property
    def now(self) -> float:
        """Seconds from the start."""
        return time.monotonic() - self.began

    def answered(self, messenger: str, started: float, took: float) -> None:
        """Notes an answer; `started` is of the monotonic clock."""
        self.answers.append(Answer(started - self.began, took, messenger))

    def p95(self, begins: float = 0.0, ends: float = float("inf")) -> float | None:
        """Seconds that 95 % of the answers to messages of this time took; None without any."""
        times = [one.took for one in self.answers if begins <= one.at < ends]
        return percentile(times, 0.95) if times else None

    @property
    def messengers(self) -> list[str]:
        """Those in which anybody was answered."""
        return sorted({one.messenger for one in self.answers})

    def buckets(self, messenger: str | None = None) -> list[tuple[float, int, float, float]]:
        """For each ten seconds, in all messengers or one: when they began, answers, p50 and p95."""
        found: dict[int, list[float]] = defaultdict(list)
        for one in self.answers:
            if messenger in (None, one.messenger):
                found[int(one.at // BUCKET)].append(one.took)
        return [
            (at * BUCKET, len(times), percentile(times, 0.5), percentile(times, 0.95))
            for at, times in sorted(found.items())
        ]

    def memory(self, begins: float, ends: float) -> float | None:
        """The most memory between two times, in MB."""
        return max((one.memory for one in self.samples if begins <= one.at < ends), default=None)

    async def watch(self, pids: Callable[[], Sequence[int]], talking: Callable[[], int]) -> None:
        """Samples until it is cancelled."""
        psutil.cpu_percent()
        while True:
            await asyncio.sleep(SAMPLING)
            memory = 0
            for pid in pids():
                try:
                    memory += psutil.Process(pid).memory_full_info().pss
                except psutil.NoSuchProcess:
                    continue
            busy = psutil.cpu_percent() * psutil.cpu_count() / 100
            self.samples.append(Sample(self.now, memory / 2**20, talking(), busy))
