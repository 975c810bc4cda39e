"""One resident, fresh fakes and the registered actions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from rasa_sdk.executor import ActionExecutor

from actions import wiring
from backend.history.service import History
from tests.actions.action_fakes import (
    BATH,
    HEATING,
    KITCHEN,
    MANUAL,
    NOW,
    ONE,
    THREE,
    FakeAccounts,
    FakeCharts,
    FakeReceipts,
    FakeReminders,
)
from tests.actions.action_fakes import FakeBilling as Billing
from tests.actions.action_fakes import FakeSubmissions as SubmissionsFake
from tests.actions.action_privacy import FakePrivacy
from tests.actions.action_talk import FORM, Talk, load_domain
from tests.heard import HeardResponses


@pytest.fixture(scope="session")
def domain() -> dict[str, Any]:
    """The whole domain; which of its texts are said is noted."""
    whole = load_domain()
    return {**whole, "responses": HeardResponses(whole["responses"])}


@pytest.fixture(scope="session")
def executor() -> ActionExecutor:
    """Every action of the package, registered as the action server does it."""
    executor = ActionExecutor()
    executor.register_package("actions")
    return executor


@pytest.fixture
def billing() -> Billing:
    """An account with the manual's meter and one with three meters."""
    billing = Billing()
    billing.put(ONE, MANUAL)
    billing.put(THREE, KITCHEN, BATH, HEATING)
    return billing


@pytest.fixture
def accounts() -> FakeAccounts:
    """Nothing is linked."""
    return FakeAccounts()


@pytest.fixture
def submissions() -> SubmissionsFake:
    """Everything is accepted."""
    return SubmissionsFake()


@pytest.fixture
def receipts() -> FakeReceipts:
    """Nothing was submitted yet."""
    return FakeReceipts()


@pytest.fixture
def charts() -> FakeCharts:
    """Every chart is drawn."""
    return FakeCharts()


@pytest.fixture
def privacy() -> FakePrivacy:
    """The manual's policy: the number alone links, and writing it is consent."""
    return FakePrivacy()


@pytest.fixture
def reminders() -> FakeReminders:
    """Nobody has chosen."""
    return FakeReminders()


@pytest.fixture
def talk(
    domain: dict[str, Any],
    executor: ActionExecutor,
    billing: Billing,
    accounts: FakeAccounts,
    submissions: SubmissionsFake,
    receipts: FakeReceipts,
    charts: FakeCharts,
    privacy: FakePrivacy,
    reminders: FakeReminders,
) -> Iterator[Talk]:
    """A resident who has not said anything yet."""
    wiring.provide(
        wiring.Services(
            accounts=accounts,  # type: ignore[arg-type]
            billing=billing,  # type: ignore[arg-type]
            submissions=submissions,  # type: ignore[arg-type]
            now=lambda: NOW,
            history=History(billing, receipts, charts, lambda: NOW, {"vk"}),  # type: ignore[arg-type]
            privacy=privacy,  # type: ignore[arg-type]
            reminders=reminders,  # type: ignore[arg-type]
        )
    )
    yield Talk(domain, executor)
    wiring.provide(None)


@pytest.fixture
async def single(talk: Talk, accounts: FakeAccounts) -> Talk:
    """The manual's account: one meter, 56578 on 3 December 2019."""
    accounts.linked["vk:1"] = [ONE]
    return await talk.open(FORM)


@pytest.fixture
async def three(talk: Talk, accounts: FakeAccounts) -> Talk:
    """One account with three meters."""
    accounts.linked["vk:1"] = [THREE]
    return await talk.open(FORM)
