"""A training that is none of the studio's, as `make talk` does it: shown here, not begun."""

from __future__ import annotations

import time

from studio.training import SHOWN_LINES, USUAL_SECONDS, AlreadyTraining
from studio.usual import Usual


class TrainingElsewhere:
    """Another process trains by itself, and tells how it goes."""

    again = False
    by_itself = True

    def __init__(self) -> None:
        self.usual = Usual(USUAL_SECONDS)
        self.state = "idle"
        self.said: list[str] = []
        self._began = self._ended = 0.0

    @property
    def seconds(self) -> float:
        """See Trains."""
        if self.state not in ("training", "loading", "done"):
            return 0.0
        return (self._ended if self.state == "done" else time.monotonic()) - self._began

    def tell(self, state: str, usual: float, again: bool, said: list[str]) -> None:
        """Takes over how it goes now; `usual` is in seconds."""
        if state != self.state:
            self._ended = time.monotonic()
            if state == "training":
                self._began = self._ended
        self.state, self.again, self.said = state, again, said[-SHOWN_LINES:]
        self.usual = Usual(usual)

    def start(self) -> None:
        """See Trains."""
        raise AlreadyTraining

    async def stop(self) -> None:
        """See Trains."""
