"""A conversation test is rehearsed by the running bot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from server.agent import load_agent
from server.models import newest_model
from server.turn_loop import TurnLoop
from server.turns import RasaTurns
from server.workbench import Workbench
from studio.bot import Mismatch
from studio.story import as_file
from tests.integration.stack import ROOT

pytestmark = pytest.mark.model

THANKS = """  - story: Says thanks
    steps:
      - user: |-
          спасибо
        intent: thank
      - action: utter_thank
      - action: action_continue
"""


@pytest.fixture(scope="module")
def workbench() -> Iterator[Workbench]:
    trained_model = newest_model(ROOT / "models")
    assert trained_model is not None
    loop = TurnLoop()
    loop.start()
    bot = SimpleNamespace(
        loop=loop, model=trained_model, turns=RasaTurns(load_agent(trained_model))
    )

    async def take(model: Path) -> None:
        raise AssertionError(model)

    yield Workbench(cast(Any, bot), take)
    loop.stop()


async def test_what_the_bot_repeats_has_no_mismatch(workbench: Workbench) -> None:
    assert await workbench.rehearse(as_file(THANKS)) == []


async def test_another_action_and_another_intent_are_told(workbench: Workbench) -> None:
    other = THANKS.replace("utter_thank", "utter_greet")
    assert Mismatch("action", "utter_greet", "utter_thank") in await workbench.rehearse(
        as_file(other)
    )
    misread = THANKS.replace("intent: thank", "intent: help").replace("utter_thank", "utter_help")
    found = await workbench.rehearse(as_file(misread))
    assert "intent" in {one.kind for one in found}


async def test_a_slot_or_question_that_is_gone_is_told(workbench: Workbench) -> None:
    gone = THANKS + (
        "      - slot_was_set:\n"
        "          - requested_slot: answer_moving_confirmed\n"
        "          - no_such_slot: true\n"
    )
    found = [one for one in await workbench.rehearse(as_file(gone)) if one.kind == "slot"]
    assert sorted(one.expected for one in found) == ["answer_moving_confirmed", "no_such_slot"]
