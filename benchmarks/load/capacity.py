"""What a load above the capacity may do to a bot, and what not.

It makes everybody wait, whatever the bot does. What a bot can do wrong is to answer less the more
is asked of it, or to let some wait for those who came later. The first shows in its pace while a
crowd waits, the second against a queue in which the same answers are given in order.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from statistics import median

from benchmarks.load.timeline import BUCKET, Answer

# So many messages wait throughout: the bot is never idle for want of one.
CROWD = 100
# Buckets in a row that are looked at together: Viber and VK are answered in bursts.
STRETCH = 3


def capacity(answers: Sequence[Answer]) -> float | None:
    """Answers a second while a crowd waited, in the middle of the run; None if it never did."""
    found = [pace for _, pace in _crowded(answers)]
    return median(found) if found else None


def slackest(answers: Sequence[Answer]) -> float | None:
    """The fewest answers a second in half a minute throughout which a crowd waited."""
    found = dict(_crowded(answers))
    stretches = [
        [found[at + step] for step in range(STRETCH)]
        for at in found
        if all(at + step in found for step in range(STRETCH))
    ]
    return min((sum(one) / STRETCH for one in stretches), default=None)


def in_turn(answers: Sequence[Answer]) -> list[Answer]:
    """The same messages if each moment at which one was answered had gone to the first in turn."""
    came = sorted(answers, key=lambda answer: answer.at)
    gone = sorted(one.at + one.took for one in answers)
    return [
        Answer(one.at, moment - one.at, one.messenger)
        for one, moment in zip(came, gone, strict=True)
    ]


def _crowded(answers: Sequence[Answer]) -> list[tuple[int, float]]:
    """Number and pace of each bucket in which a crowd waits at its begin, middle and end."""
    came = sorted(one.at for one in answers)
    gone = sorted(one.at + one.took for one in answers)
    last = int((gone[-1] if gone else 0) // BUCKET)

    def waiting(moment: float) -> int:
        return bisect.bisect(came, moment) - bisect.bisect(gone, moment)

    found = []
    for number in range(last + 1):
        begins = number * BUCKET
        moments = (begins, begins + BUCKET / 2, begins + BUCKET)
        if min(map(waiting, moments)) >= CROWD:
            given = bisect.bisect(gone, begins + BUCKET) - bisect.bisect(gone, begins)
            found.append((number, given / BUCKET))
    return found
