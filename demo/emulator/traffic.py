"""The log of requests both ways, bounded in number and size and free of secrets."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import Any

from demo.emulator.feed import Feed

BODY_LIMIT = 8000
_SECRET_FIELDS = ("access_token", "auth_token", "secret", "secret_key")
_SECRET_HEADERS = ("authorization", "x-viber-auth-token")
_SHOWN_HEADERS = (
    "content-type",
    "x-viber-content-signature",
    "x-retry-counter",
    *_SECRET_HEADERS,
)


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. `direction` is to_bot or from_bot; `took` is in seconds.

    `status` is None if no HTTP answer came; `problem` then says why, and `accepted` is False
    whenever the receiver's documented meaning of the answer is a refusal.
    """

    number: int
    at: datetime
    direction: str
    messenger: str
    method: str
    path: str
    headers: dict[str, str]
    body: str
    status: int | None
    answer: str
    took: float
    accepted: bool
    resident: str | None = None
    attempt: int = 1
    problem: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The exchange as JSON."""
        return {**asdict(self), "at": self.at.isoformat()}


@dataclass(frozen=True)
class Acknowledgement:
    """How the bot answered one delivery of one webhook; times are seconds of a monotonic clock."""

    messenger: str
    resident: str | None
    event: str
    event_id: str
    attempt: int
    status: int | None
    accepted: bool
    started: float
    took: float

    def to_json(self) -> dict[str, Any]:
        """The record as JSON."""
        return asdict(self)


def without_secrets(body: Mapping[str, Any]) -> str:
    """The body as JSON text in which tokens and secrets are starred out."""
    masked = {key: "***" if key in _SECRET_FIELDS else value for key, value in body.items()}
    return json.dumps(masked, ensure_ascii=False, default=str)


def shown_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers worth reading, tokens starred out."""
    shown = {name.lower(): value for name, value in headers.items()}
    return {
        name: "***" if name in _SECRET_HEADERS else shown[name]
        for name in _SHOWN_HEADERS
        if name in shown
    }


class Traffic:
    """Keeps the last exchanges for people and the last acknowledgements for measurements."""

    def __init__(self, feed: Feed, *, keep: int = 1000, keep_acks: int = 50_000) -> None:
        self._feed = feed
        self._count = 0
        self.exchanges: deque[Exchange] = deque(maxlen=keep)
        self.acks: deque[Acknowledgement] = deque(maxlen=keep_acks)

    def log(
        self,
        *,
        direction: str,
        messenger: str,
        path: str,
        headers: Mapping[str, str],
        body: str,
        status: int | None,
        answer: str,
        took: float,
        accepted: bool,
        method: str = "POST",
        resident: str | None = None,
        attempt: int = 1,
        problem: str | None = None,
    ) -> None:
        """Adds one exchange; long bodies are cut."""
        self._count += 1
        exchange = Exchange(
            number=self._count,
            at=datetime.now(timezone.utc),
            direction=direction,
            messenger=messenger,
            method=method,
            path=path,
            headers=shown_headers(headers),
            body=_cut(body),
            status=status,
            answer=_cut(answer),
            took=took,
            accepted=accepted,
            resident=resident,
            attempt=attempt,
            problem=problem,
        )
        self.exchanges.append(exchange)
        self._feed.publish("exchange", exchange)

    def acknowledge(self, ack: Acknowledgement) -> None:
        """Adds one record of a webhook's delivery."""
        self.acks.append(ack)

    def clear(self) -> None:
        """Forgets everything logged."""
        self.exchanges.clear()
        self.acks.clear()


def _cut(text: str) -> str:
    return text if len(text) <= BODY_LIMIT else f"{text[:BODY_LIMIT]}… ({len(text)} characters)"
