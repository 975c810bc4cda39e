"""Viber's API: sends messages, tells about the bot's account, sets its webhook.

https://creators.viber.com/docs/bots-api/api-overview/
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import structlog

from backend.delivery.messenger import MessageRejected, RetryLater
from backend.delivery.model import OutgoingMessage
from backend.delivery.text import length, storable
from channels.fields import identifier, number
from channels.http import ask
from channels.viber.errors import OK, TOO_MODERN, delivery_error
from channels.viber.events import CHANNEL
from channels.viber.messages import (
    PICTURE_TEXT_LIMIT,
    TEXT_LIMIT,
    encode,
    picture_message,
    text_message,
)

# Gives the public https address (ending in .png) of a message's picture, or None.
PictureUrl = Callable[[OutgoingMessage], Awaitable[str | None]]

log = structlog.get_logger(__name__)


class ViberClient:
    """The Messenger port for Viber.

    `http` is shared and closed with the client; the token travels in a header only. Viber takes
    pictures by address: without `picture_url` a message is sent as text only, the one that it has
    for this case.
    Viber has no key against repetitions: a lost answer can double a message.
    """

    channel = CHANNEL
    text_limit = TEXT_LIMIT

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        token: str,
        api_url: str,
        sender_name: str,
        picture_url: PictureUrl | None = None,
    ) -> None:
        self._http = http
        self._headers = {"X-Viber-Auth-Token": token, "Content-Type": "application/json"}
        self._api_url = api_url.rstrip("/")
        self._sender_name = sender_name
        self._picture_url = picture_url

    async def send(self, message: OutgoingMessage) -> str:
        """Sends one message and returns Viber's token of it. Raises DeliveryError."""
        url = await self._picture(message)
        if url is None and message.without_picture:
            message = replace(message, text=message.without_picture)
        if url and length(message.text) > PICTURE_TEXT_LIMIT:
            # The text does not fit below the picture and follows on its own, with the keyboard.
            await self._send(replace(message, text="", keyboard=None), url)
            url = None
        return await self._send(message, url)

    async def call(self, method: str, content: bytes) -> dict[str, Any]:
        """POSTs JSON to a method of the API and returns the answer.

        Raises:
            DeliveryError: by the table in `errors`; RetryLater for anything not understood.
        """
        answer = await ask(
            self._http, f"{self._api_url}/{method}", content=content, headers=self._headers
        )
        status = number(answer.get("status"))
        if status is None:
            raise RetryLater("Viber answered without a status")
        if status != OK:
            wording = answer.get("status_message")
            raise delivery_error(
                status, storable(wording)[:200] if isinstance(wording, str) else ""
            )
        return answer

    async def account_info(self) -> dict[str, Any]:
        """The bot's account: `uri`, `name`, `webhook`, … Raises DeliveryError."""
        return await self.call("get_account_info", b"{}")

    async def set_webhook(self, url: str, event_types: list[str]) -> dict[str, Any]:
        """Sets the webhook's address; Viber calls it before it answers. Raises DeliveryError."""
        body = {"url": url, "event_types": event_types, "send_name": False, "send_photo": False}
        return await self.call("set_webhook", json.dumps(body).encode())

    async def close(self) -> None:
        """Closes the HTTP client."""
        await self._http.aclose()

    async def _send(self, message: OutgoingMessage, picture_url: str | None) -> str:
        try:
            answer = await self._send_once(message, picture_url, plain=False)
        except MessageRejected as error:
            if error.code not in TOO_MODERN:
                raise
            log.warning("viber.plain_retry", key=message.key, reason=error.reason)
            answer = await self._send_once(message, picture_url, plain=True)
        token = identifier(answer.get("message_token")) or ""
        log.info(
            "viber.sent",
            key=message.key,
            token=token,
            billing_status=number(answer.get("billing_status")),
        )
        return token

    async def _send_once(
        self, message: OutgoingMessage, picture_url: str | None, *, plain: bool
    ) -> dict[str, Any]:
        text, keyboard, sender = message.text, message.keyboard, self._sender_name
        if picture_url:
            body = picture_message(picture_url, text, keyboard, sender, plain=plain)
        else:
            body = text_message(text, keyboard, sender, plain=plain)
        return await self.call("send_message", encode({"receiver": message.user_id, **body}))

    async def _picture(self, message: OutgoingMessage) -> str | None:
        if message.picture is None or self._picture_url is None:
            return None
        return await self._picture_url(message)
