"""The bot of `make talk`: the product's own, and a door for new texts and models while it runs.

`python -m demo.live.bot` is `python -m server` with POST /live/texts, GET and POST /live/model, and
POST /live/training for the studio, all with the secret of LIVE_TOKEN.
"""

from __future__ import annotations

import hmac
import os
import sys
from pathlib import Path
from typing import Any

from server.__main__ import main

TOKEN = "LIVE_TOKEN"


def open_door(app: Any) -> None:
    """Adds the routes to the product's application."""
    from sanic import Blueprint, response
    from sanic.exceptions import Forbidden, ServiceUnavailable

    from server.agent import replace_texts
    from studio.elsewhere import TrainingElsewhere

    token = os.environ.get(TOKEN)
    if not token:
        sys.exit(f"{TOKEN} is not set: `make talk` does that.")
    bot = app.ctx.bot
    elsewhere = TrainingElsewhere()
    if app.ctx.desk is not None:
        app.ctx.desk.training = elsewhere
    door = Blueprint("live", url_prefix="/live")

    @door.middleware("request")
    async def check(request: Any) -> None:
        given = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {token}".encode()):
            raise Forbidden("the token is wrong")

    @door.post("/texts")
    async def texts(request: Any) -> Any:
        if bot.turns is None:
            raise ServiceUnavailable("the model is not loaded yet")
        replace_texts(bot.turns.agent, request.json["responses"])
        return response.json({"texts": len(request.json["responses"])})

    @door.get("/model")
    async def answering(_request: Any) -> Any:
        return response.json({"model": bot.model.name})

    @door.post("/model")
    async def model(request: Any) -> Any:
        path = Path(request.json["model"])
        await app.ctx.models.take(path)
        replace_texts(bot.turns.agent, request.json["responses"])
        return response.json({"model": path.name})

    @door.post("/training")
    async def training(request: Any) -> Any:
        elsewhere.tell(**request.json)
        return response.json({"state": elsewhere.state})

    app.blueprint(door)


if __name__ == "__main__":
    sys.exit(main(open_door))
