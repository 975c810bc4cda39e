"""The inbox of this process, for connectors that Rasa builds from credentials.yml."""

from __future__ import annotations

from backend.delivery.received import Inbox

_inbox: Inbox | None = None


def provide(inbox: Inbox | None) -> None:
    """Sets the inbox that connectors of this process store events in."""
    global _inbox
    _inbox = inbox


def inbox() -> Inbox:
    """The inbox of this process.

    Raises:
        RuntimeError: the process has none, as under plain `rasa run`.
    """
    if _inbox is None:
        raise RuntimeError("VK and Viber need the durable inbox: start the bot with `make serve`.")
    return _inbox
