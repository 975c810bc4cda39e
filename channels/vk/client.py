"""VK's API: sends messages and pictures, answers callback buttons.

https://dev.vk.com/ru/method/messages.send
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import structlog

from backend.delivery.messenger import MessageRejected, RetryLater
from backend.delivery.model import OutgoingMessage
from backend.delivery.text import length, split, storable
from channels.fields import items, mapping, number
from channels.http import ask
from channels.vk.batches import Batches, Parameters
from channels.vk.errors import KEYBOARD_INVALID, MESSAGE_TOO_LONG, read_error
from channels.vk.events import CHANNEL, CallbackPress
from channels.vk.keyboard import keyboard_json
from channels.vk.rate import RateLimiter

API_VERSION = "5.199"
TEXT_LIMIT = 4096

# A text that is refused as too long is halved; below this its length can't be the reason.
SHORTEST_PART = 256

log = structlog.get_logger(__name__)


class VkClient:
    """The Messenger port for VK.

    `http` is shared and closed with the client; the token travels in a header only.
    """

    channel = CHANNEL
    text_limit = TEXT_LIMIT

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        token: str,
        api_url: str,
        limiter: RateLimiter | None = None,
    ) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}"}
        self._api_url = api_url.rstrip("/")
        self._limiter = limiter or RateLimiter()
        self._batches = Batches(self._ask, self._limiter)

    async def send(self, message: OutgoingMessage) -> str:
        """Sends one message; returns VK's id of it, or of the last part of a text cut in parts.

        A repetition within an hour is not shown again, because the random id is the same.
        Raises DeliveryError.
        """
        attachment = await self._upload(message) if message.picture else None
        if attachment is None and message.without_picture:
            message = replace(message, text=message.without_picture)
        return await self._send(message, attachment)

    async def acknowledge(self, press: CallbackPress) -> None:
        """Stops a pressed callback button from spinning. Raises DeliveryError."""
        await self.call(
            "messages.sendMessageEventAnswer",
            event_id=press.press_id,
            user_id=press.user_id,
            peer_id=press.user_id,
        )

    async def call(self, method: str, **parameters: str | int) -> Any:
        """Calls a method of the API and returns what is under `response`.

        Raises:
            DeliveryError: by the table in `errors`; RetryLater for anything not understood.
        """
        async with self._limiter.call():
            return (await self._ask(method, parameters))["response"]

    async def close(self) -> None:
        """Closes the HTTP client."""
        await self._batches.close()
        await self._http.aclose()

    async def _ask(self, method: str, parameters: Parameters) -> dict[str, Any]:
        """Calls a method without regard to the limit; the answer has a `response`."""
        answer = await ask(
            self._http,
            f"{self._api_url}/{method}",
            data={"v": API_VERSION, **parameters},
            headers=self._headers,
        )
        if answer.get("error") is not None:
            raise read_error(answer["error"])
        if "response" not in answer:
            raise RetryLater("VK answered neither response nor error")
        return answer

    async def _send(self, message: OutgoingMessage, attachment: str | None) -> str:
        try:
            return await self._send_once(message, attachment)
        except MessageRejected as error:
            if error.code == KEYBOARD_INVALID and message.keyboard is not None:
                log.warning("vk.keyboard_refused", key=message.key, reason=error.reason)
                return await self._send(replace(message, keyboard=None), attachment)
            if error.code == MESSAGE_TOO_LONG and length(message.text) > SHORTEST_PART:
                return await self._send_in_parts(message, attachment)
            raise

    async def _send_once(self, message: OutgoingMessage, attachment: str | None) -> str:
        parameters: dict[str, str | int] = {
            "peer_id": message.user_id,
            "random_id": message.random_id,
            "message": storable(message.text),
            "dont_parse_links": 1,
            "disable_mentions": 1,
        }
        if message.keyboard is not None:
            parameters["keyboard"] = keyboard_json(message.keyboard)
        if attachment:
            parameters["attachment"] = attachment
        return await self._batches.send(parameters)

    async def _send_in_parts(self, message: OutgoingMessage, attachment: str | None) -> str:
        """The picture goes with the first part, the keyboard with the last one."""
        parts = split(message.text, max(SHORTEST_PART, length(message.text) // 2))
        log.warning("vk.text_split", key=message.key, parts=len(parts))
        sent = ""
        for index, text in enumerate(parts):
            part = replace(
                message,
                key=f"{message.key}/{index}",
                text=text,
                keyboard=message.keyboard if index == len(parts) - 1 else None,
            )
            sent = await self._send(part, attachment if index == 0 else None)
        return sent

    async def _upload(self, message: OutgoingMessage) -> str | None:
        """The picture as an attachment, or None if VK refuses it: the text matters more.

        https://dev.vk.com/ru/api/upload/photo-in-message
        """
        try:
            server = await self.call("photos.getMessagesUploadServer", peer_id=message.user_id)
            url = mapping(server).get("upload_url")
            if not isinstance(url, str) or not url.startswith(("https://", "http://")):
                raise RetryLater("VK named no upload server")
            # Another host than the API's: the token stays away from it.
            uploaded = await ask(
                self._http, url, files={"photo": ("picture.png", message.picture, "image/png")}
            )
            saved = await self.call(
                "photos.saveMessagesPhoto",
                photo=str(uploaded.get("photo", "")),
                server=str(uploaded.get("server", "")),
                hash=str(uploaded.get("hash", "")),
            )
        except MessageRejected as error:
            log.warning("vk.picture_refused", key=message.key, reason=error.reason)
            return None
        photo = mapping(next(iter(items(saved)), None))
        owner, photo_id = number(photo.get("owner_id")), number(photo.get("id"))
        if owner is None or photo_id is None:
            raise RetryLater("VK saved no picture")
        access_key = photo.get("access_key")
        suffix = f"_{access_key}" if isinstance(access_key, str) and access_key else ""
        return f"photo{owner}_{photo_id}{suffix}"
