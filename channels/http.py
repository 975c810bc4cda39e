"""The HTTP client for messengers' APIs, and the mapping of transport failures to RetryLater."""

from __future__ import annotations

import email.utils
from datetime import datetime, timezone
from typing import Any

import httpx

from backend.delivery.messenger import RetryLater
from backend.http_transport import AiohttpTransport
from channels.fields import MalformedBody, read_object

USER_AGENT = "meter-readings-bot"
TIMEOUT = httpx.Timeout(connect=5.0, read=15.0, write=15.0, pool=15.0)

# A messenger that asks for a longer rest gets this one: the outbox decides about giving up.
LONGEST_WAIT = 3600.0


def http_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """One client to be shared by the channels of a process; whoever made it closes it."""
    return httpx.AsyncClient(
        timeout=TIMEOUT,
        headers={"User-Agent": USER_AGENT},
        follow_redirects=False,
        transport=transport or AiohttpTransport(),
    )


async def ask(http: httpx.AsyncClient, url: str, **request: Any) -> dict[str, Any]:
    """POSTs and returns the answer's JSON object, whatever the HTTP status below 500 is.

    `request` is passed to httpx. Raises RetryLater for network errors, 429, 5xx and answers
    that are no JSON object.
    """
    try:
        response = await http.post(url, **request)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise RetryLater(f"network: {type(error).__name__}") from error
    if response.status_code == 429 or response.status_code >= 500:
        raise RetryLater(f"HTTP {response.status_code}", after=_retry_after(response))
    try:
        return read_object(response.content)
    except MalformedBody:
        raise RetryLater(f"HTTP {response.status_code} without a JSON object") from None


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds from the Retry-After header, which holds seconds or an HTTP date."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_WAIT)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return min(max((moment - datetime.now(timezone.utc)).total_seconds(), 0.0), LONGEST_WAIT)
