"""The machine and the world of reminders."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from backend.delivery import queue as queue_module
from tests.backend.reminders.reminder_world import Accounts, World
from tests.durability_fakes import Machine


@pytest.fixture(autouse=True)
def prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "POLL", 0.05)


@pytest.fixture
async def machine(database_url: str) -> AsyncIterator[Machine]:
    async with Machine(database_url) as one:
        yield one


@pytest.fixture
def world(machine: Machine) -> World:
    return World(machine, Accounts())
