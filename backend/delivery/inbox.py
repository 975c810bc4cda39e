"""Where connectors put what they received. The webhook is answered only after `store` returns."""

from __future__ import annotations

from typing import Protocol

from backend.delivery.model import IncomingEvent, OutgoingMessage


class StorageUnavailable(Exception):
    """The event could not be stored durably: the webhook must answer 503."""


class Inbox(Protocol):
    """Durable, duplicate-free storage of incoming events."""

    async def store(self, event: IncomingEvent) -> bool:
        """Stores the event and its processing; False if it was known already.

        Raises:
            StorageUnavailable: nothing was stored.
        """
        ...

    async def answer_now(self, event: IncomingEvent) -> list[OutgoingMessage]:
        """Stores the event, handles it at once and returns the answer instead of sending it.

        For Viber's conversation_started, whose answer is the webhook's response body. Returns an
        empty list for a repeated event or if the turn did not end in time.

        Raises:
            StorageUnavailable: nothing was stored.
        """
        ...

    async def resident_left(self, channel: str, user_id: str) -> None:
        """The resident forbade messages: nothing is sent until they write again."""
        ...
