"""Percentiles, and ratios with their spread over rounds."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.speed.dialogue import Timing


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all values do not exceed. Needs at least one value."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


@dataclass(frozen=True)
class Spread:
    """Milliseconds, or a ratio: the middle of all rounds with the lowest and the highest."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Over one value per round."""
        found = list(values)
        return cls(statistics.median(found), min(found), max(found))

    def to_json(self) -> dict[str, float]:
        """Rounded for reading."""
        return {name: round(value, 3) for name, value in vars(self).items()}


def latencies(timings: Iterable[Timing]) -> dict[str, dict[str, float]]:
    """Milliseconds to the whole answer by kind of turn: p50, p95, p99, count."""
    by_kind: dict[str, list[float]] = defaultdict(list)
    for timing in timings:
        by_kind[timing.kind].append(timing.answer)
        by_kind["all"].append(timing.answer)
    return {kind: in_milliseconds(values) for kind, values in by_kind.items()}


def in_milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p95, p99 in milliseconds, and how many."""
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    found = {name: round(percentile(seconds, at) * 1000, 2) for name, at in shares.items()}
    return {**found, "count": len(seconds)}


def ratios(rounds: Sequence[Mapping[str, float]], of: str, to: str) -> Spread:
    """The figure of `of` divided by that of `to`, round by round."""
    return Spread.of(one[of] / one[to] for one in rounds)
