"""The event loop of turns, in a thread of its own: what Rasa computes never delays a webhook."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")

# Seconds after which a thread that computes lets the other one have a go. Python's own 5 ms would
# be all the time that a webhook may take.
SWITCH = 0.0005


class TurnLoop:
    """An event loop in a thread. Connections and clients that turns use belong to this loop."""

    def __init__(self) -> None:
        """Nothing runs before `start`."""
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="turns", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        sys.setswitchinterval(SWITCH)
        self._thread.start()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs `work` over there and returns its result; cancelled here, it is cancelled there."""
        if asyncio.get_running_loop() is self._loop:
            return await work
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    def stop(self) -> None:
        """Ends the loop; what still runs there is cancelled."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()
