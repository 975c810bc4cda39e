"""One running bot for all end-to-end tests; every test brings its own people and fresh accounts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.billing.running import Control
from tests.integration.person import Person
from tests.integration.stack import Stack, running_stack

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs the trained model."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.model)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The emulator, the demo billing and the bot's process."""
    with running_stack() as running:
        yield running


@pytest.fixture
def billing(stack: Stack) -> Iterator[Control]:
    """Billing as it was seeded, without faults."""
    stack.billing.control.reset()
    yield stack.billing.control
    stack.billing.control.clear_faults()
    stack.billing.control.set_today(None)


@pytest.fixture(params=["vk", "viber"])
def messenger(request: pytest.FixtureRequest) -> str:
    """Each test speaks through both messengers."""
    return str(request.param)


@pytest.fixture
def person(stack: Stack, messenger: str, billing: Control) -> Person:
    """Somebody who has never written."""
    return stack.person(messenger)
