"""`python -m benchmarks.speed` (`make bench`): stock Rasa and ours, a table, JSON and a PNG."""

from __future__ import annotations

import asyncio
import json
import sys

import uvloop

from benchmarks.speed.options import read_options
from benchmarks.speed.picture import draw
from benchmarks.speed.progress import Progress
from benchmarks.speed.report import report
from benchmarks.speed.run import UNFINISHED, measure
from benchmarks.speed.summary import summary


def main() -> int:
    """Measures, prints, writes."""
    options = read_options(sys.argv[1:])
    uvloop.install()
    with Progress() as progress:
        result = asyncio.run(measure(options, progress))
    options.out.mkdir(parents=True, exist_ok=True)
    result["summary"] = summary(result)
    (options.out / "bench.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    text = report(result)
    (options.out / "bench.md").write_text(text)
    draw(result, options.out / "bench.png")
    (options.out / UNFINISHED).unlink()
    print(f"\n{text}\nwritten to {options.out}/bench.json, bench.md and bench.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
