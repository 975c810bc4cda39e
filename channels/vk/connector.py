"""VK's webhook: proves that an event comes from VK, stores it and only then answers «ok»."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from typing import Any

import structlog
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backend.delivery.messenger import DeliveryError
from backend.delivery.received import Inbox
from backend.settings import Settings, SettingsError, load_settings
from channels.fields import MalformedBody, read_object
from channels.http import http_client
from channels.vk.client import VkClient
from channels.vk.events import (
    CHANNEL,
    CallbackPress,
    Confirmation,
    Ignored,
    Left,
    Received,
    VkAccount,
    is_genuine,
    parse,
)
from channels.webhook import switched_off, webhook_blueprint

log = structlog.get_logger(__name__)


class VkInput(InputChannel):
    """Takes VK's Callback API events in at /webhooks/vk/webhook.

    Rasa is not called from here: what comes in goes to the inbox, whose worker runs the turns.
    """

    def __init__(
        self,
        account: VkAccount | None,
        inbox: Inbox | None,
        *,
        client: VkClient | None = None,
    ) -> None:
        """Without an account the channel is off. `client` answers callback buttons."""
        self._account = account
        self._inbox = inbox
        self._client = client
        self._answers: set[asyncio.Task[None]] = set()

    @classmethod
    def name(cls) -> str:
        """The channel's name, and the part of the webhook's address."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> VkInput:
        """Everything comes from the environment; credentials.yml only names the channel."""
        try:
            settings = load_settings()
        except SettingsError as error:
            # `rasa train`, `rasa shell` and the like read credentials.yml with no environment set.
            log.warning("channel.off", channel=CHANNEL, reason=str(error))
            return cls(None, None)
        token, account = settings.vk_access_token, _account(settings)
        if token is None or account is None:
            return cls(None, None)
        from backend.delivery.runtime import inbox

        client = VkClient(
            http_client(), token=token.get_secret_value(), api_url=settings.vk_api_url
        )
        return cls(account, inbox(), client=client)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The webhook's routes; `on_new_message` is not called (see the class)."""
        if self._account is None or self._inbox is None:
            return switched_off(CHANNEL, "VK_ACCESS_TOKEN")
        account, inbox = self._account, self._inbox

        async def handle(_request: Request, body: bytes) -> HTTPResponse:
            try:
                envelope = read_object(body)
            except MalformedBody as error:
                return response.text(str(error), status=400)
            if not is_genuine(envelope, account):
                log.warning("vk.not_genuine")
                return response.text("forbidden", status=403)
            return await self._take(envelope, account, inbox)

        blueprint = webhook_blueprint(CHANNEL, handle)
        blueprint.listener("after_server_stop")(self._close)
        return blueprint

    async def _take(
        self, envelope: dict[str, Any], account: VkAccount, inbox: Inbox
    ) -> HTTPResponse:
        parsed = parse(envelope, datetime.now(timezone.utc))
        if isinstance(parsed, Confirmation):
            return response.text(account.confirmation)
        if isinstance(parsed, Received):
            new = await inbox.store(parsed.event)
            log.info("vk.received", event_id=parsed.event.event_id, new=new)
        elif isinstance(parsed, Left):
            await inbox.resident_left(CHANNEL, parsed.user_id)
        else:
            log.info("vk.ignored", reason=parsed.reason)
        if isinstance(parsed, (Received, Ignored)) and parsed.press is not None:
            self._answer(parsed.press)
        # Anything else than «ok» makes VK deliver the event again.
        return response.text("ok")

    def _answer(self, press: CallbackPress) -> None:
        """Answers the button in the background: VK waits for the webhook meanwhile."""
        if self._client is None:
            return
        task = asyncio.create_task(self._acknowledge(self._client, press))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _acknowledge(self, client: VkClient, press: CallbackPress) -> None:
        try:
            await client.acknowledge(press)
        except DeliveryError as error:
            # The button spins for a minute; the press itself is stored.
            log.warning("vk.press_not_answered", reason=error.reason)

    async def _close(self, _app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
        for task in self._answers:
            task.cancel()
        if self._client is not None:
            await self._client.close()


def _account(settings: Settings) -> VkAccount | None:
    secret, group_id = settings.vk_secret, settings.vk_group_id
    if secret is None or group_id is None or settings.vk_confirmation is None:
        return None
    return VkAccount(group_id, secret.get_secret_value(), settings.vk_confirmation)
