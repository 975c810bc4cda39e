"""The figures that the targets speak of, round by round, and whether they are met."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.speed.dialogue import KINDS
from benchmarks.speed.figures import Spread
from benchmarks.speed.scaling import city
from benchmarks.speed.variants import OURS, STOCK_DEFAULT, STOCK_OURS

Round = Mapping[str, Any]


@dataclass(frozen=True)
class Target:
    """One target: `limit` is the least value, or the greatest if `at_most`."""

    name: str
    found: Spread
    limit: float
    at_most: bool = True

    @property
    def met(self) -> bool:
        """True if the middle of all rounds reaches it."""
        middle = self.found.middle
        return middle <= self.limit if self.at_most else middle >= self.limit

    def to_json(self) -> dict[str, Any]:
        """Name, figure with spread, limit, verdict."""
        sign = "≤" if self.at_most else "≥"
        return {
            "target": f"{self.name} {sign} {self.limit:g}",
            **self.found.to_json(),
            "met": self.met,
        }


def summary(result: Mapping[str, Any]) -> dict[str, Any]:
    """Ratios, targets and the arithmetic for a city."""
    rounds: Sequence[Round] = result["rounds"]
    variants = list(rounds[0])
    compared = {
        f"{OURS}/{other}": _compared(result, rounds, other)
        for other in (STOCK_DEFAULT, STOCK_OURS)
        if other in variants and OURS in variants
    }
    targets = _targets(result, rounds, variants) if OURS in variants else []
    return {
        "ratios": compared,
        "targets": [target.to_json() for target in targets],
        "city": city(result) if OURS in variants else None,
    }


def _compared(result: Mapping[str, Any], rounds: Sequence[Round], other: str) -> dict[str, Any]:
    crowds = [str(number) for number in result["options"]["residents"]]
    found = {
        f"messages per second, {crowd} residents": _ratio(
            having(rounds, crowd),
            other,
            lambda one, crowd=crowd: one["loads"][crowd]["messages per second"],
        )
        for crowd in crowds
    }
    for kind in KINDS:
        timed = [one for one in rounds if all(kind in one[key]["alone"] for key in (OURS, other))]
        if timed:
            found[f"{kind} turn p50"] = _ratio(
                timed, other, lambda one, kind=kind: one["alone"][kind]["p50"]
            )
    few = crowds[0]
    found["bot CPU per message"] = _ratio(
        rounds, other, lambda one: one["loads"][few]["bot CPU ms"]
    )
    return {name: spread.to_json() for name, spread in found.items()}


def _ratio(rounds: Sequence[Round], other: str, figure: Callable[[Any], float]) -> Spread:
    return Spread.of(figure(one[OURS]) / figure(one[other]) for one in rounds)


def having(rounds: Sequence[Round], residents: str) -> list[Round]:
    """The rounds with this load: the largest one comes in some only."""
    return [one for one in rounds if all(residents in each["loads"] for each in one.values())]


def _targets(
    result: Mapping[str, Any], rounds: Sequence[Round], variants: Sequence[str]
) -> list[Target]:
    few = str(min(result["options"]["residents"]))
    crowds = [str(number) for number in result["options"]["residents"]]
    ours = [one[OURS] for one in rounds]
    found: list[Target] = []
    for other, times in ((STOCK_DEFAULT, 6.0), (STOCK_OURS, 3.0)):
        if other in variants:
            ratio = _ratio(rounds, other, lambda one: one["loads"][few]["messages per second"])
            found.append(Target(f"throughput c/{other}, {few} residents", ratio, times, False))
    if STOCK_DEFAULT in variants:
        reading = _ratio(rounds, STOCK_DEFAULT, lambda one: one["alone"]["reading"]["p50"])
        found.append(Target("reading turn p50, c/a", reading, 1 / 3))
    # A round has some three hundred turns at half load, and its p99 is the third worst: all rounds
    # are judged together, each turn against the p50 of its own round, as a machine is not equally
    # fast in all of them.
    by_round = Spread.of(_tail(one["half load"]["milliseconds"]["all"]) for one in ours)
    tail = Spread(result["half load, p99 in p50 of the round"][OURS], by_round.low, by_round.high)
    found.append(Target("p99/p50 at half load, all rounds", tail, 4))
    for crowd in crowds:
        for part, limit in (("p50", 5), ("p99", 20)):
            acks = Spread.of(
                one[OURS]["loads"][crowd]["acknowledged"][part] for one in having(rounds, crowd)
            )
            found.append(Target(f"webhook acknowledged {part} ms, {crowd} residents", acks, limit))
    grown = result["growth"][OURS]
    name = f"turn {grown['turns']} / turn 10"
    found.append(Target(name, Spread.of([grown["ratio"]]), 1.2))
    found.append(Target("start to ready, s", Spread.of(result["start to ready, s"][OURS]), 12))
    # The sentence encoder is part of the pipeline: the limit is the one with it.
    megabytes = max(one["pss"] for one in result["memory, MB"]["loaded"][OURS])
    found.append(Target("memory of the largest process, MB (PSS)", Spread.of([megabytes]), 900))
    most = max(result["statements"][OURS]["typical turn"].values())
    found.append(Target("SQL statements of the largest typical turn", Spread.of([most]), 6))
    return found


def _tail(latency: Mapping[str, float]) -> float:
    return latency["p99"] / latency["p50"]
