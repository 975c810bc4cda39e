"""A conversation whose row is cut short answers as one that is kept whole."""

from __future__ import annotations

import logging
import random
import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timezone

import pytest
import structlog

from actions import wiring
from backend.delivery.model import EventKind, IncomingEvent, Keyboard
from backend.delivery.turn import Turn, current_turn
from backend.settings import Settings
from backend.storage.database import Database
from demo.billing.running import RunningBilling, billing_in_thread
from server import conversation
from server.agent import load_agent
from server.models import newest_model
from server.turns import RasaTurns
from tests.integration.stack import ROOT

TURNS = 70
WORDS = (
    "привет",
    "какой срок передачи",
    "где найти лицевой счёт",
    "какая погода завтра",
    "сколько я передавал в прошлый раз",
    "спасибо",
    "отмена",
    "201,5",
    "200.07",
    "56578",
    "да",
    "нет",
    "меню",
    "абракадабра",
    "сколько я должен",
    "хочу передать показания",
    "удалите мой счёт",
)

pytestmark = pytest.mark.model


class Resident:
    """Talks with Rasa directly: the turns of one resident, without queue and messenger."""

    def __init__(self, turns: RasaTurns, name: str) -> None:
        self._turns, self._name = turns, name
        self._number = 0
        self._events: list[dict[str, object]] = []
        self.keyboards: list[Keyboard] = []

    async def say(self, words: str, kind: EventKind = EventKind.TEXT) -> list[str]:
        self._number += 1
        event = IncomingEvent(
            "viber", f"{self._name}-{self._number}", self._name, kind, NOW, text=words
        )
        turn = Turn(event, self._number, self._events, self.keyboards)
        token = current_turn.set(turn)
        try:
            await self._turns.handle(turn)
        finally:
            current_turn.reset(token)
        assert turn.failure is None
        turn.messages(7000)
        self._events, self.keyboards = turn.events, turn.keyboards
        buttons = (
            [button.caption for button in self.keyboards[-1].buttons] if self.keyboards else []
        )
        return [re.sub(r"\d", "#", said.text) for said in turn.said] + [
            re.sub(r"\d", "#", label) for label in buttons
        ]


NOW = datetime.now(timezone.utc)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Without settings structlog prints everything that Rasa has to say for debugging."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def billing() -> Iterator[RunningBilling]:
    with billing_in_thread() as running:
        yield running


@pytest.fixture
async def turns(database_url: str, billing: RunningBilling) -> AsyncIterator[RasaTurns]:
    settings = Settings(
        _env_file=None,
        database_url=database_url,
        billing_url=billing.url,
        billing_token=billing.token,
        viber_auth_token="secret",
    )
    database = Database(database_url)
    services = wiring.build(settings, database)
    wiring.provide(services)
    model = newest_model(ROOT / "models")
    assert model is not None
    yield RasaTurns(load_agent(model))
    await services.billing.close()
    await database.close()


async def test_random_talk_gets_the_same_answers_from_a_bounded_and_a_whole_conversation(
    turns: RasaTurns, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(7)
    bounded, whole = Resident(turns, "bounded"), Resident(turns, "whole")
    whole_kept = conversation.KEPT_TURNS * 10_000

    async def both(words: str, account: str = "", kind: EventKind = EventKind.TEXT) -> None:
        ours = await bounded.say(words or (account and f"{account}1"), kind)
        with monkeypatch.context() as patch:
            patch.setattr(conversation, "KEPT_TURNS", whole_kept)
            patch.setattr(conversation, "KEPT_ACTIONS", whole_kept)
            theirs = await whole.say(words or (account and f"{account}2"), kind)
        assert ours == theirs, f"after «{words or account}»"

    await both("", kind=EventKind.OPENED)
    await both("", "706900010")
    for _ in range(TURNS):
        pressed = bounded.keyboards[-1].buttons if bounded.keyboards else ()
        if pressed and dice.random() < 0.6:
            label = dice.choice(pressed).caption
            position = [button.caption for button in pressed].index(label)
            other = whole.keyboards[-1].buttons[position].caption
            if label == other:
                await both(label)
        else:
            await both(dice.choice(WORDS))
