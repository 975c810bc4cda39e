"""The load test's verdict notices each kind of broken bound: it can fail."""

from __future__ import annotations

import pytest

from benchmarks.faults.verdict import Verdict
from benchmarks.load.options import Options, arrivals, read_options
from benchmarks.load.timeline import Answer, Sample, Timeline
from benchmarks.load.verdict import judge_load
from demo.emulator.traffic import Acknowledgement

OPTIONS = Options(seconds=100, residents=100)


def timeline(*, rush: float = 5.0, end: float = 0.5, memory: float = 300.0) -> Timeline:
    found = Timeline()
    for second in range(100):
        took = rush if 30 <= second < 40 else end if second >= 80 else 0.3
        found.answers += [Answer(second, took, "viber")] * 5
        found.samples.append(Sample(second, memory if second >= 85 else 300.0, 10, 1.0))
    return found


def acknowledged(status: int | None = 200, took: float = 0.003) -> Acknowledgement:
    return Acknowledgement("viber", "viber-1", "message", "1", 1, status, True, 0.0, took)


def broken(lived: Timeline, acks: list[Acknowledgement], starts: int = 2) -> set[str]:
    verdict = Verdict()
    judge_load(verdict, OPTIONS, lived, acks, starts)
    return {name for name, found in verdict.violations.items() if found}


def test_a_good_run() -> None:
    assert broken(timeline(), [acknowledged()]) == set()


@pytest.mark.parametrize(
    ("lived", "acks", "starts", "expected"),
    [
        (timeline(rush=61), [acknowledged()], 2, "answers too late"),
        (timeline(end=3.5), [acknowledged()], 2, "answers too late"),
        (timeline(memory=316), [acknowledged()], 2, "memory grew"),
        (timeline(), [acknowledged(None)], 2, "webhooks not answered"),
        (timeline(), [acknowledged()], 3, "processes ended"),
    ],
)
def test_broken_bounds(
    lived: Timeline, acks: list[Acknowledgement], starts: int, expected: str
) -> None:
    assert broken(lived, acks, starts) == {expected}


def test_nobody_answered_is_no_good_run() -> None:
    assert broken(Timeline(), []) == {"answers too late", "memory grew"}


def test_a_messenger_of_few_residents_is_judged_by_itself() -> None:
    lived = timeline()
    lived.answers += [Answer(53, 61.0, "vk")] * 20 + [Answer(53, 0.3, "viber")] * 1000
    assert broken(lived, [acknowledged()]) == {"answers too late"}
    verdict = Verdict()
    judge_load(verdict, OPTIONS, lived, [acknowledged()], 2)
    assert verdict.figures["worst p95 of ten seconds in vk, s"] == 61.0
    assert verdict.figures["worst p95 of ten seconds in viber, s"] == 5.0


def test_refused_webhooks_are_counted_not_condemned() -> None:
    verdict = Verdict()
    judge_load(verdict, OPTIONS, timeline(), [acknowledged(503), acknowledged()], 2)
    assert verdict.is_good
    assert verdict.figures["webhooks answered 503"] == 1


def test_a_third_comes_in_the_rush() -> None:
    options = Options(seconds=600, residents=2000)
    times = arrivals(options)
    assert len(times) == 2000
    assert times == sorted(times)
    assert 0 <= times[0] <= times[-1] <= 600
    rushing = [time for time in times if 180 <= time < 210]
    assert 700 <= len(rushing) <= 800


def test_a_short_run_has_as_many_residents_a_second() -> None:
    assert read_options(["--seconds", "60"]).residents == 200
    assert read_options([]).residents == 2000


def queue(pauses: tuple[float, float] = (0, 0), *, newest_first: bool = False) -> Timeline:
    """Forty messages a second for 50 s, then five; twenty are answered a second, but in pauses."""
    came = [at / 40 for at in range(2000)] + [50 + at / 5 for at in range(250)]
    waiting: list[float] = []
    lived, moment = timeline(), 0.0
    lived.answers = []
    while came or waiting:
        while came and came[0] <= moment:
            waiting.append(came.pop(0))
        if pauses[0] <= moment < pauses[1]:
            moment = pauses[1]
        elif waiting:
            sent = waiting.pop(-1 if newest_first else 0)
            moment += 1 / 20
            lived.answers.append(Answer(sent, moment - sent, "viber"))
        else:
            moment = came[0]
    return lived


def test_above_the_capacity_a_queue_in_order_is_no_fault() -> None:
    options = Options(seconds=100, residents=100, slowest_p95=10)
    verdict = Verdict()
    judge_load(verdict, options, queue(), [acknowledged()], 2)
    assert verdict.is_good
    assert verdict.figures["answers a second while a crowd waited"] == pytest.approx(20, abs=0.5)


@pytest.mark.parametrize(
    ("lived", "expected"),
    [
        (queue((40, 65)), {"throughput fell"}),
        (queue(newest_first=True), {"answers too late"}),
    ],
    ids=["it stands still for a while", "who comes last is answered first"],
)
def test_a_queue_that_collapses_or_is_unjust_is_a_fault(
    lived: Timeline, expected: set[str]
) -> None:
    verdict = Verdict()
    judge_load(verdict, Options(seconds=100, slowest_p95=10), lived, [acknowledged()], 2)
    assert {name for name, found in verdict.violations.items() if found} == expected
