"""Faults on demand do what they say, to whom they say, as often as they say."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import httpx
import pytest

from backend.billing.errors import BillingUnavailable, Trouble
from backend.billing.http import HttpBilling
from backend.billing.model import Reading, Submission
from demo.billing.running import RunningBilling

NUMBER = "7060012345"
Submit = Callable[..., httpx.Response]


def submission(number: str = NUMBER, value: str = "56590") -> Submission:
    moment = datetime.fromisoformat("2019-12-20T16:26:05+03:00")
    return Submission(number, "vk", moment, (Reading("m-1", Decimal(value)),), "key")


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_status_comes_with_its_time_to_wait_for_as_many_calls_as_asked(
    client: httpx.Client, demo: RunningBilling, status: int
) -> None:
    demo.control.fault("status", status=status, retry_after=7, calls=2)
    answers = [client.get(f"/accounts/{NUMBER}") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert answers[0].headers["retry-after"] == "7"
    assert answers[0].headers["content-type"] == "application/problem+json"


def test_a_fault_lasts_until_it_is_cleared(client: httpx.Client, demo: RunningBilling) -> None:
    demo.control.fault("status")
    assert {client.get(f"/accounts/{NUMBER}").status_code for _ in range(5)} == {503}
    assert client.get("/health").status_code == 200
    assert demo.control.calls() == {"account": 5, "health": 1}
    demo.control.clear_faults()
    assert client.get(f"/accounts/{NUMBER}").status_code == 200


def test_a_fault_may_be_for_one_call_or_one_account(
    client: httpx.Client, submit: Submit, demo: RunningBilling
) -> None:
    demo.control.fault("status", on="submit", account=NUMBER)
    assert client.get(f"/accounts/{NUMBER}").status_code == 200
    assert submit("7060020003", "a", {"m-1": "170"}).status_code == 201
    assert submit(NUMBER, "b", {"m-1": "56590"}).status_code == 503
    assert [entry["idempotency_key"] for entry in demo.control.submissions()] == ["a"]


async def test_health_can_be_made_to_fail(billing: HttpBilling, demo: RunningBilling) -> None:
    demo.control.fault("status", on="health", calls=1)
    assert not await billing.healthy()
    assert await billing.healthy()


async def test_a_cut_connection_stores_nothing(billing: HttpBilling, demo: RunningBilling) -> None:
    demo.control.fault("reset", calls=1)
    with pytest.raises(BillingUnavailable) as caught:
        await billing.submit(submission())
    assert (caught.value.trouble, caught.value.outcome_unknown) == (Trouble.CONNECTION, True)
    assert demo.control.submissions() == []
    assert demo.control.calls() == {"submit": 1}


async def test_a_read_outlives_one_cut_connection(
    billing: HttpBilling, demo: RunningBilling
) -> None:
    demo.control.fault("reset", calls=1)
    assert (await billing.account(NUMBER)).number == NUMBER
    assert demo.control.calls() == {"account": 2}


@pytest.mark.parametrize("mode", ["store_then_reset", "store_then_garbage", "store_then_timeout"])
async def test_after_a_lost_answer_the_same_key_finds_the_stored_readings(
    demo: RunningBilling, mode: str
) -> None:
    demo.control.fault(mode, calls=1, seconds=30, on="submit")
    billing = HttpBilling(demo.url, demo.token, budget=0.4)
    with pytest.raises(BillingUnavailable) as caught:
        await billing.submit(submission())
    assert caught.value.outcome_unknown
    (stored,) = demo.control.submissions()
    receipt = await billing.submit(submission())
    await billing.close()
    assert receipt.receipt_id == stored["receipt_id"]
    assert [entry["requests"] for entry in demo.control.submissions()] == [2]


async def test_garbage_is_unavailable_and_stores_nothing(
    billing: HttpBilling, demo: RunningBilling
) -> None:
    demo.control.fault("garbage", body="{]", calls=1)
    with pytest.raises(BillingUnavailable) as caught:
        await billing.submit(submission())
    assert caught.value.trouble is Trouble.BROKEN_ANSWER
    assert demo.control.submissions() == []


def test_a_delay_answers_as_usual_afterwards(client: httpx.Client, demo: RunningBilling) -> None:
    demo.control.fault("delay", seconds=0.2, calls=1)
    begun = time.perf_counter()
    assert client.get(f"/accounts/{NUMBER}").status_code == 200
    assert time.perf_counter() - begun >= 0.2


async def test_the_slow_account_ends_with_the_budget(demo: RunningBilling) -> None:
    billing = HttpBilling(demo.url, demo.token, budget=0.3)
    with pytest.raises(BillingUnavailable) as caught:
        await billing.account("7060080010")
    await billing.close()
    assert caught.value.trouble is Trouble.TIMEOUT


async def test_the_silent_account_stores_the_first_submission_and_answers_its_repeat(
    demo: RunningBilling,
) -> None:
    billing = HttpBilling(demo.url, demo.token, budget=0.4)
    assert (await billing.account("7060080011")).open_meters
    with pytest.raises(BillingUnavailable) as caught:
        await billing.submit(submission("7060080011", "170"))
    assert caught.value.outcome_unknown
    assert (await billing.submit(submission("7060080011", "170"))).receipt_id
    await billing.close()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b'{"mode": "explode"}',
        b'{"mode": 5}',
        b'{"mode": "status", "status": 200}',
        b'{"mode": "status", "status": "x"}',
        b'{"mode": "delay", "seconds": -1}',
        b'{"mode": "reset", "calls": 0}',
        b'{"mode": "reset", "calls": "many"}',
        b'{"mode": "reset", "colour": "red"}',
        b'{"mode": "reset", "account": []}',
    ],
)
def test_a_fault_nobody_understands_is_not_set(demo: RunningBilling, body: bytes) -> None:
    origin = demo.url.removesuffix("/v1")
    answer = httpx.post(f"{origin}/_demo/faults", content=body, trust_env=False)
    assert answer.status_code == 400
    assert httpx.get(f"{origin}/_demo/faults", trust_env=False).json()["faults"] == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"today": "soon"}', b'{"today": 5}'])
def test_a_day_nobody_understands_is_not_set(demo: RunningBilling, body: bytes) -> None:
    origin = demo.url.removesuffix("/v1")
    answer = httpx.post(f"{origin}/_demo/today", content=body, trust_env=False)
    assert answer.status_code == 400


def test_reset_forgets_submissions_and_faults(
    client: httpx.Client, submit: Submit, demo: RunningBilling
) -> None:
    submit(NUMBER, "k", {"m-1": "56590"})
    demo.control.fault("status")
    demo.control.reset()
    assert demo.control.submissions() == []
    meter = client.get(f"/accounts/{NUMBER}").json()["meters"][0]
    assert meter["last_reading"] == "56578"
