"""The result as a picture."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.speed.dialogue import KINDS
from benchmarks.speed.summary import having
from benchmarks.speed.variants import NAMES

COLORS = {"a": "#b9b4ad", "b": "#7f8fa3", "c": "#1f6f54"}


def draw(result: Mapping[str, Any], path: Path) -> None:
    """Writes a PNG: latency by kind of turn, throughput, growth."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    variants = list(result["rounds"][0])
    figure, (left, middle, right) = pyplot.subplots(1, 3, figsize=(15, 4.6))
    width = 0.8 / len(variants)
    for place, key in enumerate(variants):
        offset = (place - (len(variants) - 1) / 2) * width
        found = result["alone, ms"][key]
        p50 = [found[kind]["p50"] for kind in KINDS]
        left.bar(
            [x + offset for x in range(len(KINDS))],
            p50,
            width,
            yerr=[
                [0] * len(KINDS),
                [found[kind]["p95"] - low for kind, low in zip(KINDS, p50, strict=True)],
            ],
            capsize=3,
            color=COLORS[key],
            label=NAMES[key],
        )
        crowds = [str(number) for number in result["options"]["residents"]]
        rates = [
            [
                one[key]["loads"][crowd]["messages per second"]
                for one in having(result["rounds"], crowd)
            ]
            for crowd in crowds
        ]
        bars = middle.bar(
            [x + offset for x in range(len(crowds))],
            [statistics.median(one) for one in rates],
            width,
            yerr=[
                [statistics.median(one) - min(one) for one in rates],
                [max(one) - statistics.median(one) for one in rates],
            ],
            capsize=3,
            color=COLORS[key],
        )
        middle.bar_label(bars, fmt="%.0f", padding=3)
        grown = result["growth"][key]
        right.bar(place, grown["ratio"], 0.6, color=COLORS[key])
        right.text(place, grown["ratio"], f"{grown['ratio']:.2f}", ha="center", va="bottom")
    left.set_xticks(range(len(KINDS)), KINDS)
    left.set_title("One resident: ms to the answer (p50, whisker p95)")
    left.legend(frameon=False)
    middle.set_xticks(range(len(crowds)), [f"{crowd} residents" for crowd in crowds])
    middle.set_title("Messages a second (all rounds)")
    turns = [result["growth"][key]["turns"] for key in variants]
    right.set_xticks(
        range(len(variants)),
        [f"{key}: after {count} turns" for key, count in zip(variants, turns, strict=True)],
    )
    right.axhline(1, color="black", linewidth=0.8)
    right.set_title("A long conversation's turn / a new one's")
    for part in (left, middle, right):
        part.spines[["top", "right"]].set_visible(False)
    machine = result["machine"]
    figure.suptitle(f"{machine['cores']} cores, {result['started'][:10]}")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
