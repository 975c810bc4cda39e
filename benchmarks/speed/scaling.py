"""Arithmetic on measured figures: `python -m benchmarks.speed.scaling reports/bench/bench.json`.

What was measured: processor time per message of the bot and of PostgreSQL, the time PostgreSQL
spends flushing its log, and throughput with one and two processes. All else here is computed.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROCESSES = (1, 2, 8, 64)


@dataclass(frozen=True)
class City:
    """Who writes, and when."""

    accounts: int = 1_000_000
    in_last_days: float = 0.7
    days: int = 3
    messages: int = 10
    peak: float = 5.0

    @property
    def average(self) -> float:
        """Messages a second in the last days."""
        return self.accounts * self.in_last_days * self.messages / (self.days * 86_400)

    @property
    def rate(self) -> float:
        """Messages a second in the hour that counts."""
        return self.average * self.peak


@dataclass(frozen=True)
class Costs:
    """Measured milliseconds per message under load: bot, PostgreSQL, flushes of its log."""

    bot: float
    database: float
    flush: float

    @property
    def per_core(self) -> float:
        """Messages a second of one bot process with a core to itself."""
        return 1000 / self.bot

    def cores(self, rate: float) -> tuple[float, float]:
        """Cores of the bot and of PostgreSQL that `rate` messages a second keep busy."""
        return rate * self.bot / 1000, rate * self.database / 1000

    def rate(self, processes: int, database_cores: float) -> float:
        """Messages a second of `processes` with a core each and one PostgreSQL beside them."""
        limits = [processes * self.per_core, database_cores * 1000 / self.database]
        if self.flush:
            limits.append(1000 / self.flush)
        return min(limits)


def costs(result: Mapping[str, Any]) -> Costs:
    """The middle of all rounds under the smaller load, where nothing but the bot queues."""
    few = str(min(result["options"]["residents"]))
    loads = [one["c"]["loads"][few] for one in result["rounds"]]
    return Costs(
        bot=statistics.median(one["bot CPU ms"] for one in loads),
        database=statistics.median(one["database CPU ms"] for one in loads),
        flush=statistics.median(one["WAL flush ms"] for one in loads),
    )


def city(result: Mapping[str, Any], wanted: City | None = None) -> dict[str, Any]:
    """What a city needs against what one core was measured to do."""
    wanted = wanted or City()
    measured = costs(result)
    bot, database = measured.cores(wanted.rate)
    by_processes: dict[str, Any] = {}
    for count in PROCESSES:
        by_processes[str(count)] = {
            "computed, database with as many cores": round(measured.rate(count, count), 0),
            "computed, database with 8 cores": round(measured.rate(count, 8), 0),
            "measured on this machine": [
                one["messages per second"]
                for one in result.get("processes", [])
                if one["processes"] == count
            ],
        }
    return {
        "messages per second, average of the last days": round(wanted.average, 1),
        "messages per second, peak hour": round(wanted.rate, 1),
        "measured: bot CPU ms per message": measured.bot,
        "measured: database CPU ms per message": measured.database,
        "measured: WAL flush ms per message (one after another)": measured.flush,
        "computed: messages per second and core of the bot": round(measured.per_core, 1),
        "computed: cores busy in the peak hour, bot": round(bot, 2),
        "computed: cores busy in the peak hour, database": round(database, 2),
        "processes": by_processes,
    }


def main() -> int:
    """Prints the arithmetic for a written result."""
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "reports/bench/bench.json")
    print(json.dumps(city(json.loads(path.read_text())), indent=1, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
