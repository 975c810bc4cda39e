"""The result as tables (Markdown, so that they can be kept)."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from benchmarks.speed.dialogue import KINDS
from benchmarks.speed.summary import having
from benchmarks.speed.variants import NAMES


def report(result: Mapping[str, Any]) -> str:
    """Everything in one text."""
    variants = list(result["rounds"][0])
    machine, options = result["machine"], result["options"]
    parts = [
        f"{result['started']}, {machine['cores']} cores ({machine['processor']}), "
        f"{len(result['rounds'])} interleaved rounds, {options['seconds']:g} s per load, "
        f"machine {machine['busy with nothing to do, %']:g} % busy before the first load.",
        "; ".join(f"{key} = {NAMES[key]}" for key in variants) + ".",
        "Milliseconds to the whole answer, one resident at a time:",
        _latencies(result["alone, ms"], variants),
        f"Milliseconds with {min(options['residents'])} residents at once:",
        _latencies(result["together, ms"], variants),
        "Per variant (middle of all rounds):",
        _totals(result, variants),
        "Ratios (middle, lowest and highest of all rounds):",
        _ratios(result["summary"]["ratios"]),
        "Targets:",
        _targets(result["summary"]["targets"]),
    ]
    city = result["summary"]["city"]
    if city:
        parts += ["A city, and more processes:", _city(city)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _latencies(found: Mapping[str, Any], variants: Sequence[str]) -> str:
    rows = [
        [
            kind,
            *(
                f"{found[key][kind]['p50']:.1f} / {found[key][kind]['p95']:.1f} / "
                f"{found[key][kind]['p99']:.1f}"
                for key in variants
            ),
        ]
        for kind in ("link", *KINDS)
        if all(kind in found[key] for key in variants)
    ]
    return table(["turn, p50 / p95 / p99", *variants], rows)


def _totals(result: Mapping[str, Any], variants: Sequence[str]) -> str:
    crowds = [str(number) for number in result["options"]["residents"]]
    few = crowds[0]
    rounds = result["rounds"]

    def middle(key: str, figure: Callable[[Any], float], crowd: str = few) -> str:
        return f"{statistics.median(figure(one[key]) for one in having(rounds, crowd)):.4g}"

    def row(name: str, figure: Callable[[Any], float], crowd: str = few) -> list[str]:
        return [name, *(middle(key, figure, crowd) for key in variants)]

    rows = [
        row(f"messages/s, {crowd} residents", lambda one, c=crowd: one["loads"][c][RATE], crowd)
        for crowd in crowds
    ]
    rows += [
        row(f"{name}, {few} residents", lambda one, name=name: one["loads"][few][name])
        for name in (
            "bot CPU ms",
            "database CPU ms",
            "client CPU ms",
            "WAL bytes",
            "stored bytes",
            "WAL flushes",
        )
    ]
    rows.append(
        row(
            "other or no answers, all loads",
            lambda one: sum(
                load["other answers than expected"] + load["no answer"]
                for load in one["loads"].values()
            ),
        )
    )
    rows.append(
        [
            "at half load, ms p50 / p99",
            *(
                " / ".join(
                    middle(key, lambda one, at=at: one["half load"]["milliseconds"]["all"][at])
                    for at in ("p50", "p99")
                )
                for key in variants
            ),
        ]
    )
    memory, growth = result["memory, MB"]["loaded"], result["growth"]
    statements = result["statements"]
    rows += [
        [
            "start to ready, s",
            *(f"{statistics.median(result['start to ready, s'][key]):g}" for key in variants),
        ],
        [
            "memory after the loads, MB PSS (RSS)",
            *(
                " + ".join(f"{one['pss']:.0f} ({one['rss']:.0f})" for one in memory[key])
                for key in variants
            ),
        ],
        [
            "SQL statements of a typical turn: " + ", ".join(KINDS),
            *(
                ", ".join(f"{statements[key]['typical turn'][kind]:g}" for kind in KINDS)
                for key in variants
            ),
        ],
        [
            "… mean, with BEGIN, COMMIT and pings",
            *(
                ", ".join(
                    f"{statements[key]['mean with BEGIN, COMMIT and pings'][kind]:g}"
                    for kind in KINDS
                )
                for key in variants
            ),
        ],
        [
            "a long conversation against a new one",
            *(f"{growth[key]['ratio']:g} after {growth[key]['turns']} turns" for key in variants),
        ],
    ]
    if "c" in variants:
        for crowd in crowds:
            acks = [one["c"]["loads"] for one in having(rounds, crowd)]
            p50, p99 = (
                statistics.median(one[crowd]["acknowledged"][part] for one in acks)
                for part in ("p50", "p99")
            )
            said = [f"{p50:.1f} / {p99:.1f}" if key == "c" else "–" for key in variants]
            rows.append([f"webhook acknowledged, ms p50 / p99, {crowd} residents", *said])
    return table(["", *variants], rows)


RATE = "messages per second"


def _ratios(found: Mapping[str, Mapping[str, Any]]) -> str:
    if not found:
        return ""
    pairs = list(found)
    rows = [
        [
            name,
            *(
                f"{found[pair][name]['middle']:.2f} "
                f"({found[pair][name]['low']:.2f}–{found[pair][name]['high']:.2f})"
                for pair in pairs
            ),
        ]
        for name in found[pairs[0]]
    ]
    return table(["", *pairs], rows)


def _targets(found: Iterable[Mapping[str, Any]]) -> str:
    rows = [
        [
            one["target"],
            f"{one['middle']:.3g} ({one['low']:.3g}–{one['high']:.3g})",
            "yes" if one["met"] else "NO",
        ]
        for one in found
    ]
    return table(["target", "measured", "met"], rows)


def _city(found: Mapping[str, Any]) -> str:
    single = [[name, f"{value:g}"] for name, value in found.items() if name != "processes"]
    rows = [
        [
            count,
            f"{one['computed, database with as many cores']:g}",
            f"{one['computed, database with 8 cores']:g}",
            ", ".join(f"{rate:g}" for rate in one["measured on this machine"]) or "–",
        ]
        for count, one in found["processes"].items()
    ]
    heads = ["processes", "computed, as many database cores", "computed, 8 database cores"]
    return table(["", ""], single) + "\n\n" + table([*heads, "measured here, messages/s"], rows)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with aligned columns."""
    everything = [list(head), *(list(row) for row in rows)]
    widths = [max(len(row[at]) for row in everything) for at in range(len(head))]
    lines = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |"
        for row in everything
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
