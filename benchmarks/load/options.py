"""How many residents come, when, and what is bounded."""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RESIDENTS_PER_SECOND = 2000 / 600


@dataclass(frozen=True)
class Options:
    """A share of the residents comes in a rush, the others evenly over the whole time.

    Bounds: `slowest_p95` seconds in any ten seconds of the run, also in the rush; `calm_p95`
    seconds when it is over; above the machine's capacity `queue` times what it would have been
    with the same answers in order, and never fewer answers than `steadiness` of the usual ones;
    `growth` of memory from after the rush to the end.
    """

    seconds: float = 600.0
    residents: int = 2000
    seed: int = 1
    processes: int = 1
    rush_share: float = 0.35
    rush_begins: float = 0.3
    rush_lasts: float = 0.05
    vk_share: float = 0.2
    pace: float = 4.0
    slowest_p95: float = 60.0
    calm_p95: float = 3.0
    queue: float = 1.3
    steadiness: float = 0.6
    growth: float = 0.05
    out: Path = Path("reports/load")


def arrivals(options: Options) -> list[float]:
    """Seconds from the start at which residents come, in order."""
    dice = random.Random(options.seed)
    rushing = int(options.residents * options.rush_share)
    # The last ones must have time for their dialogue.
    calm = [dice.random() * options.seconds * 0.95 for _ in range(options.residents - rushing)]
    begins = options.seconds * options.rush_begins
    rush = [begins + dice.random() * options.seconds * options.rush_lasts for _ in range(rushing)]
    return sorted(calm + rush)


def read_options(arguments: Sequence[str]) -> Options:
    """Reads the command line; a short run has as many residents a second as the long one."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--residents", type=int, help="default: 2000 in ten minutes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1, help="of the bot")
    parser.add_argument("--slowest-p95", type=float, default=60.0, help="bound, in the rush too")
    parser.add_argument("--calm-p95", type=float, default=3.0, help="bound after the rush")
    parser.add_argument("--pace", type=float, default=4.0, help="most seconds before a message")
    parser.add_argument("--out", type=Path, default=Path("reports/load"))
    given = parser.parse_args(arguments)
    residents = given.residents or int(given.seconds * RESIDENTS_PER_SECOND)
    return Options(
        seconds=given.seconds,
        residents=residents,
        seed=given.seed,
        processes=given.processes,
        pace=given.pace,
        slowest_p95=given.slowest_p95,
        calm_p95=given.calm_p95,
        out=given.out,
    )
