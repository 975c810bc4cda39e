from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import respx
from billing_samples import TOKEN, URL

from backend.billing.http import HttpBilling


@pytest.fixture
async def billing() -> AsyncIterator[HttpBilling]:
    adapter = HttpBilling(URL, TOKEN, budget=1.0)
    yield adapter
    await adapter.close()


@pytest.fixture
def wire() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as router:
        yield router
