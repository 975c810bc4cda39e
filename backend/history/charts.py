"""Draws volumes by month: a picture for a phone, made in a thread of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal

from backend.computing import outside
from backend.history.style import Style, load_style

logger = logging.getLogger(__name__)

# Seconds that a turn waits for its picture; a table takes its place after that.
PATIENCE = 5.0


@dataclass(frozen=True)
class Bar:
    """A month: the words below and above the bar. `volume` None draws no bar."""

    month: str
    volume: Decimal | None
    value: str
    estimated: bool = False


@dataclass(frozen=True)
class Panel:
    """A meter: its name and unit, and its months, oldest first."""

    meter: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Chart:
    """A picture. `note` explains the light bars and is drawn only if there is one."""

    title: str
    note: str
    panels: tuple[Panel, ...]


class Charts:
    """Draws one chart at a time, off the event loop; matplotlib is loaded for the first one."""

    def __init__(self, style: Style | None = None, patience: float = PATIENCE) -> None:
        """`style` is that of style.yml unless another is given."""
        self._style = style
        self._patience = patience
        # One thread: matplotlib is not made for several, and drawing must leave room for turns.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="chart")

    def warm_up(self) -> None:
        """Loads matplotlib and its fonts in the background, so that no resident waits for it."""
        self._thread.submit(self._draw, (Chart("", "", ()),))

    async def draw(self, charts: Sequence[Chart]) -> list[bytes] | None:
        """The charts as PNG, or None if they are not ready in time or cannot be drawn."""
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._thread, self._draw, tuple(charts))
        try:
            async with outside():
                return await asyncio.wait_for(work, self._patience)
        except asyncio.TimeoutError:
            logger.warning("a chart was not drawn in %g s", self._patience)
        except Exception:
            logger.exception("a chart could not be drawn")
        return None

    def close(self) -> None:
        """Lets the thread end; what has not begun is not drawn any more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _draw(self, charts: tuple[Chart, ...]) -> list[bytes]:
        from backend.history.drawing import png

        style = self._style or load_style()
        return [png(chart, style) for chart in charts]
