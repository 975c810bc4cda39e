"""What all webhooks share: the limit of a body, and the answer when storage is away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backend.delivery.received import StorageUnavailable

BODY_LIMIT = 256 * 1024
RETRY_AFTER_SECONDS = 30

Handle = Callable[[Request, bytes], Awaitable[HTTPResponse]]

log = structlog.get_logger(__name__)


class BodyTooLarge(Exception):
    """The body is over BODY_LIMIT; the rest of it was not read."""


def webhook_blueprint(channel: str, handle: Handle) -> Blueprint:
    """A blueprint with GET / for health checks and POST /webhook, which calls `handle`.

    `handle` gets the raw body. The webhook answers 413 to a body that is too large and 503 with
    Retry-After if nothing could be stored, so that the messenger delivers the event again.
    """
    blueprint = Blueprint(f"{channel}_webhook")

    @blueprint.route("/", methods=["GET"])
    async def health(_request: Request) -> HTTPResponse:
        return response.json({"status": "ok"})

    @blueprint.route("/webhook", methods=["POST"], stream=True)
    async def receive(request: Request) -> HTTPResponse:
        try:
            return await handle(request, await _body(request))
        except BodyTooLarge:
            log.warning("webhook.too_large", channel=channel)
            return response.text("payload too large", status=413)
        except StorageUnavailable:
            log.error("webhook.storage_unavailable", channel=channel)
        except Exception:
            # Nothing says that the event was stored: the messenger must keep it and come again.
            log.exception("webhook.failed", channel=channel)
        return response.text(
            "try again later", status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)}
        )

    return blueprint


def switched_off(channel: str, variable: str) -> Blueprint:
    """The blueprint of a channel without its token: both addresses answer 404."""
    log.info("channel.off", channel=channel, reason=f"{variable} is not set")
    blueprint = Blueprint(f"{channel}_webhook")

    @blueprint.route("/", methods=["GET"])
    @blueprint.route("/webhook", methods=["POST"], stream=True)
    async def nothing(_request: Request) -> HTTPResponse:
        return response.text("this channel is off", status=404)

    return blueprint


async def _body(request: Request) -> bytes:
    declared = request.headers.get("content-length", "")
    # The length of the number comes first: Python refuses to read thousands of digits.
    if declared.isdecimal() and (len(declared) > 12 or int(declared) > BODY_LIMIT):
        raise BodyTooLarge
    body = bytearray()
    if request.stream is not None:
        async for chunk in request.stream:
            body += chunk
            if len(body) > BODY_LIMIT:
                raise BodyTooLarge
    return bytes(body)
