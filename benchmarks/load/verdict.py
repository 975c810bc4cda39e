"""What a load must not do to the bot, beside losing, doubling or swapping anything."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.faults.verdict import Verdict
from benchmarks.load.capacity import capacity, in_turn, slackest
from benchmarks.load.options import Options
from benchmarks.load.timeline import Timeline
from demo.emulator.traffic import Acknowledgement

# Fewer answers than this say nothing about a 95th percentile.
ENOUGH = 20


def judge_load(
    verdict: Verdict,
    options: Options,
    timeline: Timeline,
    acknowledgements: Sequence[Acknowledgement],
    starts: int,
) -> None:
    """Adds the violations of the bounds in `options`, and figures."""
    calm = _judge_times(verdict, options, timeline)
    _judge_memory(verdict, options, timeline)
    unheard = [one for one in acknowledgements if one.status is None]
    for one in unheard:
        verdict.violations["webhooks not answered"].append(f"{one.messenger} {one.event_id}")
    wanted = options.processes + 1  # and the receiver of webhooks
    if starts != wanted:
        verdict.violations["processes ended"].append(f"{starts} starts of {wanted}")
    took = sorted(one.took for one in acknowledgements)
    verdict.figures["answers timed"] = len(timeline.answers)
    p95 = timeline.p95()
    verdict.figures["p95 of answers, s"] = round(p95, 2) if p95 is not None else "–"
    rush = options.seconds * options.rush_begins
    before = timeline.p95(0, rush)
    verdict.figures["p95 before the rush, s"] = round(before, 2) if before is not None else "–"
    for messenger in (None, *timeline.messengers):
        found = [p95 for _, count, _, p95 in timeline.buckets(messenger) if count >= ENOUGH]
        where = f" in {messenger}" if messenger else ""
        verdict.figures[f"worst p95 of ten seconds{where}, s"] = (
            round(max(found), 2) if found else "–"
        )
    verdict.figures["p95 after the rush, s"] = round(calm, 2) if calm is not None else "–"
    if took:
        verdict.figures["webhook acknowledged p50, ms"] = round(took[len(took) // 2] * 1000, 1)
        verdict.figures["webhook acknowledged p99, ms"] = round(
            took[int(len(took) * 0.99)] * 1000, 1
        )
    refused = sum(one.status == 503 for one in acknowledgements)
    verdict.figures["webhooks answered 503"] = refused
    verdict.figures["most residents at once"] = max(
        (one.talking for one in timeline.samples), default=0
    )


def _judge_times(verdict: Verdict, options: Options, timeline: Timeline) -> float | None:
    """Nobody waits longer than the bounds or, above the capacity, than in an orderly queue.

    Returns the p95 at the end, in seconds.
    """
    pace = capacity(timeline.answers)
    ideal = Timeline(answers=in_turn(timeline.answers) if pace else [])
    expected = {begins: p95 for begins, _, _, p95 in ideal.buckets()}
    for messenger in timeline.messengers:
        for begins, count, _, p95 in timeline.buckets(messenger):
            bound = max(options.slowest_p95, expected.get(begins, 0) * options.queue)
            if count >= ENOUGH and p95 > bound:
                late = f"{messenger}, second {begins:.0f}: p95 {p95:.1f} s, bound {bound:.1f}"
                verdict.violations["answers too late"].append(late)
    last = options.seconds * 0.8
    calm = timeline.p95(last, options.seconds)
    bound = max(options.calm_p95, (ideal.p95(last, options.seconds) or 0) * options.queue)
    if calm is None:
        verdict.violations["answers too late"].append("nobody was answered at the end")
    elif calm > bound:
        late = f"p95 {calm:.1f} s after the rush, bound {bound:.1f}"
        verdict.violations["answers too late"].append(late)
    slack = slackest(timeline.answers)
    if pace is not None and slack is not None and slack < pace * options.steadiness:
        fell = f"{slack:.1f} a second while messages waited, {pace:.1f} usually"
        verdict.violations["throughput fell"].append(fell)
    verdict.figures["answers a second while a crowd waited"] = round(pace, 1) if pace else "–"
    verdict.figures["... in the slackest half minute"] = round(slack, 1) if slack else "–"
    return calm


def _judge_memory(verdict: Verdict, options: Options, timeline: Timeline) -> None:
    """Caches and pools fill in the rush; after it nothing may go on growing."""
    settled = timeline.memory(options.seconds * 0.45, options.seconds * 0.6)
    end = timeline.memory(options.seconds * 0.85, float("inf"))
    if settled is None or end is None:
        verdict.violations["memory grew"].append("it was not measured")
        return
    verdict.figures["memory after the rush, MB"] = round(settled)
    verdict.figures["memory at the end, MB"] = round(end)
    if end > settled * (1 + options.growth):
        verdict.violations["memory grew"].append(f"from {settled:.0f} to {end:.0f} MB")
