"""Faults on demand: what the demo billing does wrong, to whom, and how often."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

MODES = (
    "status",  # answer `status` with Retry-After
    "delay",  # wait `seconds`, then answer as usual
    "reset",  # cut the connection without an answer, nothing is stored
    "garbage",  # answer 200 with `body`, nothing is stored
    "store_then_timeout",  # do the work, then say nothing for `seconds` and cut the connection
    "store_then_reset",  # do the work, then cut the connection
    "store_then_garbage",  # do the work, then answer 200 with `body`
)
CALLS = ("any", "account", "readings", "balance", "submit", "health")


@dataclass(frozen=True)
class Fault:
    """One fault. `calls` None: until cleared. `on` "any" means every call but the health check.

    `first_only`: the store_… modes let a repeated submission through.
    """

    mode: str
    status: int = 503
    retry_after: int | str | None = None
    seconds: float = 30.0
    body: str = "<html>Bad gateway</html>"
    calls: int | None = None
    on: str = "any"
    account: str | None = None
    first_only: bool = False

    def __post_init__(self) -> None:
        if self.mode not in MODES or self.on not in CALLS:
            raise ValueError(f"mode is one of {MODES}, on is one of {CALLS}")
        if not 400 <= self.status <= 599 or self.seconds < 0:
            raise ValueError("status is 400 to 599, seconds are not negative")
        if not isinstance(self.account, (str, type(None))) or not isinstance(self.body, str):
            raise TypeError("account and body are text")
        if self.calls is not None and self.calls < 1:
            raise ValueError("calls is at least 1")

    @property
    def stores(self) -> bool:
        """True if the work is done before the fault shows."""
        return self.mode.startswith("store_then_")

    def fits(self, call: str, account: str | None) -> bool:
        """True if this fault is meant for such a call."""
        wanted = self.on == call or (self.on == "any" and call != "health")
        return wanted and self.account in (None, account)


@dataclass
class FaultPlan:
    """The faults that are set now, the oldest first, and how often each call was made."""

    faults: list[Fault] = field(default_factory=list)
    made: Counter[str] = field(default_factory=Counter)

    def take(self, call: str, account: str | None) -> Fault | None:
        """Counts a call and returns the fault that it meets, if any."""
        self.made[call] += 1
        for index, fault in enumerate(self.faults):
            if fault.fits(call, account):
                if fault.calls == 1:
                    del self.faults[index]
                elif fault.calls is not None:
                    self.faults[index] = replace(fault, calls=fault.calls - 1)
                return fault
        return None

    def clear(self) -> None:
        """Forgets all faults and counts."""
        self.faults.clear()
        self.made.clear()


async def cut(request: Any) -> None:
    """Resets the connection; returns only by being cancelled when it is gone."""
    transport = request.transport
    connection = transport.get_extra_info("socket")
    # Without lingering the close is a TCP reset, not an orderly end.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await asyncio.sleep(60)
