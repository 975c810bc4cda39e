"""What the machine could do, and how long the best of all queues would have let people wait.

A load above the capacity makes everybody wait, whatever the bot does. What a bot can do wrong is to
answer less the more is asked of it, or to let some wait for those who came later. Both show against
a queue that answers one after the other, in order, at the pace that was measured.
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


def paces(answers: Sequence[Answer]) -> list[float]:
    """Answers a second in each ten seconds throughout which a crowd waited, in order."""
    return [pace for _, pace in _crowded(answers)]


def capacity(answers: Sequence[Answer]) -> float | None:
    """Answers a second while a crowd waited, in the middle of the run; None if it never did."""
    found = paces(answers)
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


def in_turn(answers: Sequence[Answer], pace: float) -> list[Answer]:
    """The same messages as a queue would answer them that gives `pace` answers a second."""
    free, found = float("-inf"), []
    for one in sorted(answers, key=lambda answer: answer.at):
        free = max(one.at, free) + 1 / pace
        found.append(Answer(one.at, free - one.at, one.messenger))
    return found


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
