from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import respx

from backend.billing.http import HttpBilling
from tests.backend.billing.billing_samples import TOKEN, URL


@pytest.fixture
async def billing() -> AsyncIterator[HttpBilling]:
    # respx stands in for the network of httpx's own transport.
    async with httpx.AsyncClient(trust_env=False) as client:
        yield HttpBilling(URL, TOKEN, client=client, budget=1.0)


@pytest.fixture
def wire() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as router:
        yield router
