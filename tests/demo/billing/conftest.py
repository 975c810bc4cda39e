from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any

import httpx
import pytest

from backend.billing.http import HttpBilling
from demo.billing.running import RunningBilling, billing_in_thread
from tests.demo.billing.billing_contract import Contract

TODAY = date(2019, 12, 20)


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Contract()


@pytest.fixture(scope="session")
def _server() -> Iterator[RunningBilling]:
    with billing_in_thread(token="the-token", today=TODAY) as running:
        yield running


@pytest.fixture
def demo(_server: RunningBilling) -> Iterator[RunningBilling]:
    yield _server
    _server.control.set_today(TODAY)
    _server.control.reset()


@pytest.fixture
def client(demo: RunningBilling) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {demo.token}"}
    with httpx.Client(base_url=demo.url, headers=headers, trust_env=False, timeout=10) as client:
        yield client


@pytest.fixture
async def billing(demo: RunningBilling, contract: Contract) -> AsyncIterator[HttpBilling]:
    """The product's adapter against the demo; each request is judged by the contract on its way."""

    async def judge(request: httpx.Request) -> None:
        contract.judge_request(request)

    async with httpx.AsyncClient(trust_env=False, event_hooks={"request": [judge]}) as client:
        yield HttpBilling(demo.url, demo.token, client=client, budget=3.0)


class Submit:
    """Posts readings of one account the way any client would."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def __call__(
        self, number: str, key: str, values: dict[str, str] | None = None, **changes: Any
    ) -> httpx.Response:
        readings = [{"meter_id": meter, "value": value} for meter, value in (values or {}).items()]
        body = {
            "channel": "vk",
            "submitted_at": "2019-12-20T16:26:05+03:00",
            "readings": readings,
            **changes,
        }
        return self._client.post(
            f"/accounts/{number}/readings", json=body, headers={"Idempotency-Key": key}
        )


@pytest.fixture
def submit(client: httpx.Client) -> Submit:
    return Submit(client)
