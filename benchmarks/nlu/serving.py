"""Measures how much memory the process takes that serves the model.

Run: python -m benchmarks.nlu.serving MODEL
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from benchmarks.nlu import model
from benchmarks.nlu.phrases import ROOT, read_table

PARSES = 200
_PREFIX = "MEGABYTES "


def serving_memory(trained: Path) -> float:
    """Megabytes (PSS) of a fresh process that loaded `trained` as the bot does and parsed 200."""
    command = [sys.executable, "-m", "benchmarks.nlu.serving", str(trained)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = [line for line in done.stdout.splitlines() if line.startswith(_PREFIX)]
    if not found:
        raise RuntimeError(f"the serving process failed:\n{done.stderr[-2000:]}")
    return float(found[-1].removeprefix(_PREFIX))


def own_memory(rollup: Path = Path("/proc/self/smaps_rollup")) -> float:
    """Megabytes of this process; pages shared with others count in part (PSS)."""
    lines = rollup.read_text(encoding="ascii").splitlines()
    (size,) = (line.split()[1] for line in lines if line.startswith("Pss:"))
    return int(size) / 1024


def main() -> int:
    """Prints the figure after the last parse."""
    model.quiet()
    from server.agent import load_agent

    agent = load_agent(Path(sys.argv[1]))

    async def talk() -> None:
        for phrase in read_table("dev")[:PARSES]:
            await agent.parse_message(phrase.text)

    asyncio.run(talk())
    print(f"{_PREFIX}{own_memory():.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
