"""The door of `make talk`: what it is told of the training stands in the studio."""

from __future__ import annotations

import uuid
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from sanic import Sanic
from sanic.touchup import TouchUp

from backend.storage.database import Database
from demo.live.bot import TOKEN, open_door
from studio.desk import Desk
from studio.words import words
from tests.studio.studio_fakes import FakeBot, write_project


async def test_the_studio_shows_the_training_it_is_told_of_and_offers_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN, "t0ken")
    # Sanic rewrites its own methods at its start, which works once in a process.
    optimise, touched = TouchUp.run, getattr(Sanic, "__touched__", False)
    monkeypatch.setattr(TouchUp, "run", lambda app: None if touched else optimise(app))
    monkeypatch.setattr(Sanic, "test_mode", True)
    database = Database("postgresql://nobody@127.0.0.1:1/nothing")
    desk = Desk(database, FakeBot(), write_project(tmp_path), "Europe/Moscow", words())
    assert not desk.training_state()["by_itself"]
    app = Sanic(f"door_{uuid.uuid4().hex}")
    app.ctx.bot, app.ctx.desk = SimpleNamespace(turns=None), desk
    open_door(app)
    await app._startup()
    told = {"state": "failed", "usual": 60, "again": False, "said": ["счёт 7060012345"]}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot/live") as other:
        assert (await other.post("/training", json=told)).status_code == 403
        headers = {"Authorization": "Bearer t0ken"}
        assert (await other.post("/training", json=told, headers=headers)).status_code == 200
    shown = desk.training_state()
    assert (shown["state"], shown["usual"], shown["said"]) == ("failed", 60, ["счёт •••45"])
    assert shown["by_itself"]
