"""The port through which messages leave, and the errors every messenger maps its own onto.

DeliveryError
├── RetryLater            rate limit, flood, 5xx, network: the same message, later
├── ResidentUnreachable   blocked, left, deleted: nothing more to this resident until they write
├── MessageRejected       this message can never be sent: parked, shown to the operator
└── OperatorNeeded        token, permission, account: parked and alerted; nothing works until mended
"""

from __future__ import annotations

from typing import Protocol

from backend.delivery.model import OutgoingMessage


class DeliveryError(Exception):
    """A message was not delivered. `code` is the messenger's own code, if it gave one."""

    def __init__(self, reason: str, *, code: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class RetryLater(DeliveryError):
    """Try the same message again, not before `after` seconds if given."""

    def __init__(self, reason: str, *, code: int | None = None, after: float | None = None) -> None:
        super().__init__(reason, code=code)
        self.after = after


class ResidentUnreachable(DeliveryError):
    """The resident can't be written to."""


class MessageRejected(DeliveryError):
    """The messenger will never take this message."""


class OperatorNeeded(DeliveryError):
    """The bot itself is not allowed to send: a person must mend the set-up."""


class Messenger(Protocol):
    """A messenger's API, as the outbox sees it."""

    channel: str
    text_limit: int

    async def send(self, message: OutgoingMessage) -> str:
        """Sends one message and returns the messenger's id of it. Raises DeliveryError."""
        ...

    async def close(self) -> None:
        """Releases the HTTP client."""
        ...
