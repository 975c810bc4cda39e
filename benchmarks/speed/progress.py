"""Progress bars in a terminal, lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from tqdm import tqdm


class Progress:
    """One bar after another; each remains on the screen with the time it took."""

    def __init__(self) -> None:
        self._bar: tqdm[None] | None = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def stage(self, name: str) -> None:
        """A stage whose length nobody knows."""
        self._close()
        self._bar = tqdm(desc=name, bar_format="{desc} {elapsed}", mininterval=1)

    def tick(self) -> None:
        """Shows that the stage goes on."""
        if self._bar is not None:
            self._bar.update(1)

    def say(self, line: str) -> None:
        """A line above the bar."""
        tqdm.write(line)

    def steps(self, name: str, count: int) -> Callable[[int], None]:
        """A stage of `count` steps; the returned function does some of them."""
        self._close()
        bar = self._bar = tqdm(
            desc=name, total=count, bar_format="{desc} {bar:20} {n_fmt}/{total_fmt} {elapsed}"
        )

        def step(done: int) -> None:
            bar.update(done)

        return step

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
