"""What a person or a test can do with the emulator; the HTTP API and the page use it too."""

from __future__ import annotations

from typing import Any, Protocol

from demo.emulator.faults import Fault
from demo.emulator.traffic import Acknowledgement
from demo.emulator.views import ResidentView, ShownMessage

ACTIONS = (
    "open",
    "say",
    "press",
    "sticker",
    "picture",
    "voice",
    "contact",
    "location",
    "allow",
    "deny",
)


class CannotDo(Exception):
    """The resident cannot do this; the message says why."""


class NoSuchButton(CannotDo):
    """No button with this caption is on the phone; the message names those that are."""


class Control(Protocol):
    """The emulator as its users see it, in this process or over HTTP.

    `key` is a resident's key such as «vk-1». Methods raise UnknownResident for other keys.
    """

    async def create_resident(self, messenger: str, name: str | None = None) -> ResidentView:
        """Lets somebody new in."""
        ...

    async def resident(self, key: str) -> ResidentView:
        """The present state of a phone."""
        ...

    async def residents(self) -> list[ResidentView]:
        """All phones."""
        ...

    async def act(self, key: str, action: str, **details: Any) -> None:
        """Does one of ACTIONS. Raises CannotDo."""
        ...

    async def messages(self, key: str, since: int = 0, timeout: float = 0.0) -> list[ShownMessage]:
        """Messages after number `since`; waits up to `timeout` seconds if there are none."""
        ...

    async def add_fault(self, fault: Fault) -> None:
        """Switches a fault on."""
        ...

    async def acknowledgements(self) -> list[Acknowledgement]:
        """How the bot answered the webhooks."""
        ...

    async def reset(self) -> None:
        """Forgets residents, faults and logs."""
        ...
