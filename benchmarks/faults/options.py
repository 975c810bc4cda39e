"""How long, how hard and with which dice a run goes."""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """`seconds` of faults, up to twice as many until there were `dialogues` and `kills` enough."""

    seconds: float = 900.0
    seed: int = 0
    processes: int = 2
    residents: int = 12
    dialogues: int = 300
    kills: int = 30
    keep: bool = False

    @property
    def pause_between_kills(self) -> float:
        """Seconds on average, counted from when the processes are ready again."""
        return self.seconds / self.kills / 2 if self.kills else self.seconds


def read_options(arguments: Sequence[str]) -> Options:
    """Reads the command line; a short run has fewer dialogues and kills, never other faults."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--seconds", type=float, default=900.0, help="how long faults happen")
    parser.add_argument("--seed", type=int, default=None, help="repeats the run with this seed")
    parser.add_argument("--processes", type=int, default=2, choices=(1, 2, 3))
    parser.add_argument("--residents", type=int, default=12, help="who talk at the same time")
    parser.add_argument("--kills", type=int, default=None, help="default: one every 25 seconds")
    parser.add_argument("--dialogues", type=int, default=None, help="default: one every 3 seconds")
    parser.add_argument("--keep", action="store_true", help="keeps the folder with the logs")
    given = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(10**6) if given.seed is None else given.seed
    return Options(
        seconds=given.seconds,
        seed=seed,
        processes=given.processes,
        residents=given.residents,
        dialogues=int(given.seconds / 3) if given.dialogues is None else given.dialogues,
        kills=int(given.seconds / 25) if given.kills is None else given.kills,
        keep=given.keep,
    )
