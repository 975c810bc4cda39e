"""Health for a load balancer: alive while the process lives, ready when a turn would succeed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

if TYPE_CHECKING:
    from server.app import Bot

# Seconds a load balancer is kept waiting for a database that does not say no either.
PATIENCE = 3.0


def health(bot: Bot) -> Blueprint:
    """GET /health/live and GET /health/ready; the latter is 503 with what is missing."""
    blueprint = Blueprint("health", url_prefix="/health")

    @blueprint.get("/live")
    async def live(_request: Request) -> HTTPResponse:
        return response.json({"status": "alive"})

    @blueprint.get("/ready")
    async def ready(_request: Request) -> HTTPResponse:
        missing = list(bot.failures)
        if bot.turns is None:
            missing.append("model")
        elif not await bot.turns.actions_answer():
            missing.append("actions")
        try:
            await asyncio.wait_for(bot.database.ping(), PATIENCE)
        except Exception:
            missing.append("database")
        if not bot.queue.is_working:
            missing.append("queue")
        status = 503 if missing else 200
        return response.json(
            {"status": "not ready" if missing else "ready", "missing": missing}, status=status
        )

    return blueprint
