"""Passes a webhook on, as it came, to a process that can answer it at once."""

from __future__ import annotations

import httpx
from sanic import response
from sanic.request import Request
from sanic.response import HTTPResponse

from backend.delivery.received import StorageUnavailable
from channels.http import http_client

# The bot itself gives up a greeting after four seconds.
PATIENCE = 6.0


class Forwarding:
    """Whoever checks a webhook's signature there finds the same body and the same headers."""

    def __init__(self, bot_url: str, *headers: str, http: httpx.AsyncClient | None = None) -> None:
        """`bot_url` is the address of a process that runs turns; `headers` are passed on.

        Without `http` a client is made in the event loop of the first webhook.
        """
        self._bot_url = bot_url.rstrip("/")
        self._headers = headers
        self._http = http

    async def __call__(self, request: Request, body: bytes) -> HTTPResponse:
        """The bot's answer.

        Raises:
            StorageUnavailable: there is none, so the messenger must come again.
        """
        if self._http is None:
            self._http = http_client()
        headers = {name: request.headers.get(name, "") for name in self._headers}
        try:
            answer = await self._http.post(
                f"{self._bot_url}{request.path}", content=body, headers=headers, timeout=PATIENCE
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise StorageUnavailable(f"the bot: {type(error).__name__}") from error
        if answer.status_code >= 500:
            raise StorageUnavailable(f"the bot: HTTP {answer.status_code}")
        content_type = answer.headers.get("Content-Type", "application/octet-stream")
        return response.raw(answer.content, answer.status_code, content_type=content_type)

    async def close(self) -> None:
        """Closes the connections to the bot."""
        if self._http is not None:
            await self._http.aclose()
