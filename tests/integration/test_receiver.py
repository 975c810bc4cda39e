"""Webhooks in a process of their own: residents notice nothing of it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.integration.person import ASK_NUMBER, MENU
from tests.integration.stack import Stack, running_stack


@pytest.fixture(scope="module")
def received() -> Iterator[Stack]:
    with running_stack(receiver=True) as running:
        yield running


def test_a_reading_from_the_first_opening_to_the_receipt(received: Stack, messenger: str) -> None:
    received.billing.control.reset()
    person = received.person(messenger)
    assert person.open()[-1].endswith(ASK_NUMBER)
    person.say("7060012345", MENU)
    person.press("Передать показания", "Укажите")
    person.say("56579", "Объем потребления")
    accepted, _ = person.press("Подтверждаю", MENU)
    assert accepted.startswith("Показания приняты")
    assert len(received.billing.control.submissions()) == 1


def test_health_tells_that_events_can_be_stored(received: Stack) -> None:
    url = received.emulator.emulator.options.bot_url
    answer = httpx.get(f"{url}/health/ready", trust_env=False)
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "missing": []})
    assert httpx.get(f"{url}/health/live", trust_env=False).status_code == 200
