"""How long and how often a run measures."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """Seconds are per variant and round, and for how long messages are begun.

    The largest number of residents comes in the first `crowded_rounds` only: stock Rasa needs
    minutes to answer everybody once.
    """

    rounds: int = 5
    crowded_rounds: int = 2
    seconds: float = 12.0
    residents: tuple[int, ...] = (50, 500)
    dialogues: int = 12
    starts: int = 3
    turns: int = 2000
    stock_turns: int = 200
    processes: tuple[int, ...] = (1, 2)
    variants: str = "abc"
    out: Path = Path("reports/bench")

    @property
    def most_residents(self) -> int:
        """How many have to be linked before the rounds begin."""
        return max(max(self.residents), min(self.residents) * self.rounds)


QUICK = Options(
    rounds=2,
    crowded_rounds=1,
    seconds=4.0,
    residents=(10, 40),
    dialogues=5,
    starts=1,
    turns=100,
    stock_turns=40,
)


def read_options(arguments: Sequence[str]) -> Options:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few minutes, to see that it runs")
    parser.add_argument("--rounds", type=int, help="interleaved rounds (default: 5)")
    parser.add_argument(
        "--crowded-rounds", type=int, help="rounds with the largest load (default: 2)"
    )
    parser.add_argument("--seconds", type=float, help="length of each load (default: 12)")
    parser.add_argument("--residents", type=_numbers, help="who talk at once (default: 50,500)")
    parser.add_argument("--dialogues", type=int, help="of residents alone, per round (default: 12)")
    parser.add_argument("--starts", type=int, help="starts of ours; stock's is one (default: 3)")
    parser.add_argument("--turns", type=int, help="length of our long conversation")
    parser.add_argument("--stock-turns", type=int, help="length of stock's long conversation")
    parser.add_argument("--processes", type=_numbers, help="of ours, measured (default: 1,2)")
    parser.add_argument("--variants", help="only these: a, b, c (default: abc)")
    parser.add_argument("--out", type=Path, help="folder of the results (default: reports/bench)")
    given = vars(parser.parse_args(arguments))
    base = QUICK if given.pop("quick") else Options()
    return replace(base, **{name: value for name, value in given.items() if value is not None})


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))
