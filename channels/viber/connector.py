"""Viber's webhook: proves that a callback comes from Viber, stores it and only then answers 200."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import structlog
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backend.delivery.model import IncomingEvent
from backend.delivery.received import Inbox
from backend.settings import SettingsError, load_settings
from channels.fields import MalformedBody, read_object
from channels.forwarding import Forwarding
from channels.viber.events import CHANNEL, Failed, Left, Opened, Parsed, Received, is_genuine, parse
from channels.viber.messages import encode, welcome_message
from channels.webhook import switched_off, webhook_blueprint

SIGNATURE_HEADER = "X-Viber-Content-Signature"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ViberAccount:
    """What proves that a callback comes from Viber, and the name that messages are signed with."""

    token: str = field(repr=False)
    sender_name: str


class ViberInput(InputChannel):
    """Takes Viber's callbacks in at /webhooks/viber/webhook.

    Rasa is not called from here: what comes in goes to the inbox, whose worker runs the turns.
    """

    def __init__(
        self,
        account: ViberAccount | None,
        inbox: Inbox | None,
        *,
        greeter: Forwarding | None = None,
    ) -> None:
        """Without an account the channel is off.

        `greeter` is asked for greetings, which are answers at once, where no turns are run.
        """
        self._account = account
        self._inbox = inbox
        self._greeter = greeter

    @classmethod
    def name(cls) -> str:
        """The channel's name, and the part of the webhook's address."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> ViberInput:
        """Everything comes from the environment; credentials.yml only names the channel.

        A process that runs no turns says who does: `bot_url`.
        """
        try:
            settings = load_settings()
        except SettingsError as error:
            # `rasa train`, `rasa shell` and the like read credentials.yml with no environment set.
            log.warning("channel.off", channel=CHANNEL, reason=str(error))
            return cls(None, None)
        if settings.viber_auth_token is None:
            return cls(None, None)
        from backend.delivery.runtime import inbox

        token = settings.viber_auth_token.get_secret_value()
        bot_url = (credentials or {}).get("bot_url")
        greeter = Forwarding(bot_url, SIGNATURE_HEADER) if bot_url is not None else None
        return cls(ViberAccount(token, settings.viber_sender_name), inbox(), greeter=greeter)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The webhook's routes; `on_new_message` is not called (see the class)."""
        if self._account is None or self._inbox is None:
            return switched_off(CHANNEL, "VIBER_AUTH_TOKEN")
        account, inbox = self._account, self._inbox

        async def handle(request: Request, body: bytes) -> HTTPResponse:
            if not is_genuine(body, request.headers.get(SIGNATURE_HEADER, ""), account.token):
                log.warning("viber.not_genuine")
                return response.text("forbidden", status=403)
            try:
                callback = read_object(body)
            except MalformedBody as error:
                return response.text(str(error), status=400)
            parsed = parse(callback, datetime.now(timezone.utc))
            if isinstance(parsed, Opened) and self._greeter is not None:
                return await self._greeter(request, body)
            return await self._take(parsed, account, inbox)

        blueprint = webhook_blueprint(CHANNEL, handle)
        blueprint.listener("after_server_stop")(self._close)
        return blueprint

    async def _take(self, parsed: Parsed, account: ViberAccount, inbox: Inbox) -> HTTPResponse:
        if isinstance(parsed, Opened):
            return await self._welcome(parsed.event, account, inbox)
        if isinstance(parsed, Received):
            new = await inbox.store(parsed.event)
            log.info("viber.received", event_id=parsed.event.event_id, new=new)
        elif isinstance(parsed, Left):
            await inbox.resident_left(CHANNEL, parsed.user_id)
        elif isinstance(parsed, Failed):
            log.error(
                "viber.message_failed",
                message_token=parsed.message_token,
                description=parsed.description,
            )
        else:
            log.info("viber.ignored", reason=parsed.reason)
        return response.empty(status=200)

    async def _welcome(
        self, event: IncomingEvent, account: ViberAccount, inbox: Inbox
    ) -> HTTPResponse:
        """The greeting goes into the body: before a resident writes, nothing may be sent."""
        answer = await inbox.answer_now(event)
        log.info("viber.opened", event_id=event.event_id, messages=len(answer))
        message = welcome_message(answer, account.sender_name)
        if message is None:
            return response.empty(status=200)
        return response.raw(encode(message), content_type="application/json")

    async def _close(self, _app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
        if self._greeter is not None:
            await self._greeter.close()
