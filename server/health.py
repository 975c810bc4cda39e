"""Health for a load balancer: alive while the process lives, ready when a turn would succeed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backend.storage.database import Database

if TYPE_CHECKING:
    from server.app import Bot

# Seconds a load balancer is kept waiting for a database that does not say no either.
PATIENCE = 3.0


Missing = Callable[[], Awaitable[list[str]]]


def health(missing: Missing) -> Blueprint:
    """GET /health/live and GET /health/ready; the latter is 503 with what is missing."""
    blueprint = Blueprint("health", url_prefix="/health")

    @blueprint.get("/live")
    async def live(_request: Request) -> HTTPResponse:
        return response.json({"status": "alive"})

    @blueprint.get("/ready")
    async def ready(_request: Request) -> HTTPResponse:
        found = await missing()
        status = "not ready" if found else "ready"
        return response.json({"status": status, "missing": found}, status=503 if found else 200)

    return blueprint


async def bot_is_missing(bot: Bot) -> list[str]:
    """What a turn would need and does not have."""
    missing = list(bot.failures)
    if bot.turns is None:
        missing.append("model")
    elif not await bot.turns.actions_answer():
        missing.append("actions")
    missing += await database_is_missing(bot.database)
    if not bot.queue.is_working:
        missing.append("queue")
    return missing


async def database_is_missing(database: Database) -> list[str]:
    """["database"] when it does not answer."""
    try:
        await asyncio.wait_for(database.ping(), PATIENCE)
    except Exception:
        return ["database"]
    return []
