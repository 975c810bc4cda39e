"""Delivers webhooks to the bot as the messengers do: signed, timed, and again until accepted."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from demo.emulator.faults import Faults
from demo.emulator.traffic import Acknowledgement, Traffic, without_secrets

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Webhook:
    """One event on its way to the bot; `event_id` stays the same in every attempt."""

    event: str
    event_id: str
    body: Mapping[str, Any]
    resident: str | None = None
    user_id: str = ""


@dataclass(frozen=True)
class Answer:
    """What the bot answered. `status` is None if there was no HTTP answer."""

    status: int | None
    text: str
    accepted: bool


class Endpoint(Protocol):
    """How one messenger calls a bot."""

    messenger: str

    def address(self, content: bytes) -> str:
        """The URL for a request with this body; empty if no webhook is set."""
        ...

    def headers(self, content: bytes, attempt: int) -> dict[str, str]:
        """The headers of the given attempt, counted from 1."""
        ...

    def accepts(self, status: int, text: str) -> bool:
        """True if this answer means that the event need not come again."""
        ...


class Courier:
    """Carries webhooks; waits `retry_after[n]` seconds before attempt n + 2."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        traffic: Traffic,
        faults: Faults,
        retry_after: tuple[float, ...],
    ) -> None:
        self._client = client
        self._traffic = traffic
        self._faults = faults
        self._retry_after = retry_after

    async def deliver(self, endpoint: Endpoint, webhook: Webhook) -> Answer:
        """Delivers until the bot accepts or the attempts are used up; returns the last answer."""
        answer = await self._first(endpoint, webhook)
        for retry, pause in enumerate(self._retry_after, start=2):
            if answer.accepted:
                break
            await asyncio.sleep(pause)
            answer = await self.attempt(endpoint, webhook, retry)
        return answer

    async def attempt(self, endpoint: Endpoint, webhook: Webhook, attempt: int) -> Answer:
        """Makes one attempt and logs it."""
        content = json.dumps(webhook.body, ensure_ascii=False).encode()
        address = endpoint.address(content)
        headers = endpoint.headers(content, attempt)
        started = time.monotonic()
        status, text, problem = await self._post(address, content, headers)
        took = time.monotonic() - started
        accepted = status is not None and endpoint.accepts(status, text)
        self._traffic.log(
            direction="to_bot",
            messenger=endpoint.messenger,
            path=address,
            headers=headers,
            body=without_secrets(webhook.body),
            status=status,
            answer=text,
            took=took,
            accepted=accepted,
            resident=webhook.resident,
            attempt=attempt,
            problem=problem,
        )
        self._traffic.acknowledge(
            Acknowledgement(
                messenger=endpoint.messenger,
                resident=webhook.resident,
                event=webhook.event,
                event_id=webhook.event_id,
                attempt=attempt,
                status=status,
                accepted=accepted,
                started=started,
                took=took,
            )
        )
        return Answer(status, text, accepted)

    async def _first(self, endpoint: Endpoint, webhook: Webhook) -> Answer:
        fault = self._faults.for_webhook(endpoint.messenger, webhook.event, webhook.user_id)
        if fault is None:
            return await self.attempt(endpoint, webhook, attempt=1)
        if fault.mode == "at_once":
            answers = await asyncio.gather(
                *(self.attempt(endpoint, webhook, attempt=1) for _ in range(fault.copies))
            )
        else:
            answers = [
                await self.attempt(endpoint, webhook, attempt)
                for attempt in range(1, fault.copies + 1)
            ]
        # The copy that was acknowledged decides: the others would come again for nothing.
        return next((answer for answer in answers if answer.accepted), answers[0])

    async def _post(
        self, address: str, content: bytes, headers: Mapping[str, str]
    ) -> tuple[int | None, str, str | None]:
        if not address:
            return None, "", "no webhook is set"
        try:
            response = await self._client.post(address, content=content, headers=dict(headers))
        except httpx.TimeoutException:
            return None, "", "the bot did not answer in time"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            _log.warning("The bot cannot be reached at %s: %s", address, error)
            return None, "", f"the bot cannot be reached: {error}"
        return response.status_code, response.text, None
