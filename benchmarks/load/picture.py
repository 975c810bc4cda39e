"""The run over time as a picture."""

from __future__ import annotations

from pathlib import Path

from benchmarks.load.options import Options
from benchmarks.load.timeline import BUCKET, Timeline


def draw(options: Options, timeline: Timeline, path: Path) -> None:
    """Writes a PNG: answers, residents who talk, memory."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (top, middle, bottom) = pyplot.subplots(3, 1, figsize=(11, 8), sharex=True)
    buckets = timeline.buckets()
    times = [one[0] + BUCKET / 2 for one in buckets]
    top.plot(times, [one[3] for one in buckets], color="#a34a28", label="p95")
    top.plot(times, [one[2] for one in buckets], color="#1f6f54", label="p50")
    top.set_yscale("log")
    top.set_title("Seconds to the answer, by when the message was sent")
    top.legend(frameon=False)
    middle.bar(times, [one[1] / BUCKET for one in buckets], BUCKET * 0.9, color="#7f8fa3")
    middle.set_title("Answers awaited and given, a second (bars); residents at once (line)")
    right = middle.twinx()
    right.plot([s.at for s in timeline.samples], [s.talking for s in timeline.samples], "k")
    bottom.plot([s.at for s in timeline.samples], [s.memory for s in timeline.samples], "#1f6f54")
    bottom.set_ylim(0, 1.2 * max((s.memory for s in timeline.samples), default=1))
    bottom.set_title("Memory of the bot, MB")
    bottom.set_xlabel("seconds")
    begins = options.seconds * options.rush_begins
    for part in (top, middle, bottom):
        part.axvspan(begins, begins + options.seconds * options.rush_lasts, color="#f2e3cf")
        part.spines[["top"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
