"""How long something usually takes, learnt from how long it took."""

from __future__ import annotations

from collections import deque
from statistics import median

KEPT = 5


class Usual:
    """The median of the last KEPT times; until there is one, a guess."""

    def __init__(self, guess: float) -> None:
        """`guess` is in seconds."""
        self._guess = guess
        self._times: deque[float] = deque(maxlen=KEPT)

    @property
    def seconds(self) -> float:
        """What is to be expected."""
        return median(self._times) if self._times else self._guess

    def note(self, seconds: float) -> None:
        """Takes one more time into account."""
        self._times.append(seconds)
