"""Both sides against the contract's own YAML."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
import yaml

from backend.billing.errors import REFUSALS, AccountNotFound, BillingUnavailable, SubmissionRefused
from backend.billing.http import HttpBilling
from backend.billing.model import Reading, Submission
from demo.billing.problems import TEXTS
from demo.billing.running import RunningBilling
from tests.demo.billing.billing_contract import Contract

NUMBER = "7060012345"
ACCOUNT, READINGS = "/accounts/{account}", "/accounts/{account}/readings"
BALANCE = "/accounts/{account}/balance"


def get(path: str, number: str = NUMBER, **options: Any) -> Callable[..., httpx.Response]:
    return lambda client, submit: client.get(path.format(account=number), **options)


def post(key: str, values: dict[str, str], number: str = NUMBER) -> Callable[..., httpx.Response]:
    return lambda client, submit: submit(number, key, values)


def conflict(client: httpx.Client, submit: Callable[..., httpx.Response]) -> httpx.Response:
    submit(NUMBER, "same", {"m-1": "56590"})
    return submit(NUMBER, "same", {"m-1": "56591"})


WAYS: dict[tuple[str, str, int], Callable[..., httpx.Response]] = {
    ("/health", "get", 200): get("/health"),
    (ACCOUNT, "get", 200): get(ACCOUNT),
    (ACCOUNT, "get", 401): get(ACCOUNT, headers={"Authorization": "Bearer wrong"}),
    (ACCOUNT, "get", 404): get(ACCOUNT, "99999"),
    (ACCOUNT, "get", 503): get(ACCOUNT, "7060080503"),
    (READINGS, "get", 200): get(READINGS, "7060020003"),
    (READINGS, "get", 404): get(READINGS, "99999"),
    (READINGS, "post", 201): post("a", {"m-1": "56590"}),
    (READINGS, "post", 404): post("b", {"m-1": "56590"}, "99999"),
    (READINGS, "post", 409): conflict,
    (READINGS, "post", 422): post("c", {"m-1": "1"}),
    (READINGS, "post", 503): post("d", {"m-1": "200"}, "7060080503"),
    (BALANCE, "get", 200): get(BALANCE, "7060020003"),
    (BALANCE, "get", 404): get(BALANCE, "99999"),
}


def test_the_copy_in_the_product_names_every_refusal_the_adapter_knows(contract: Contract) -> None:
    codes = contract.document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    of_the_account = {"account_not_found", "unauthorized", "temporarily_unavailable"}
    assert set(codes) == REFUSALS | of_the_account


def test_every_documented_answer_has_a_way_to_be_provoked(contract: Contract) -> None:
    assert contract.documented() == set(WAYS)


@pytest.mark.parametrize(("path", "method", "status"), sorted(WAYS))
def test_the_demo_answers_as_documented(
    contract: Contract,
    client: httpx.Client,
    submit: Callable[..., httpx.Response],
    path: str,
    method: str,
    status: int,
) -> None:
    response = WAYS[path, method, status](client, submit)
    assert response.status_code == status
    contract.judge_answer(path, method, response)


def test_every_seeded_account_fits_the_contract(
    contract: Contract, client: httpx.Client, demo: RunningBilling
) -> None:
    out_of_order = {"7060080503", "7060080010"}
    for account in demo.control.accounts():
        number = account["number"]
        if number not in out_of_order:
            for path in (ACCOUNT, READINGS, BALANCE):
                contract.judge_answer(path, "get", client.get(path.format(account=number)))


def test_the_judge_is_strict(contract: Contract, client: httpx.Client) -> None:
    schema = contract.document["components"]["schemas"]["Account"]
    good = client.get(f"/accounts/{NUMBER}").json()
    assert contract.complaints(good, schema) == []
    meter = {**good["meters"][0], "last_reading": 56578}
    assert contract.complaints({**good, "meters": [meter]}, schema)
    assert contract.complaints({**good, "period": {"month": "2019", "open": True}}, schema)


def test_the_demo_gives_the_contracts_own_account(contract: Contract, client: httpx.Client) -> None:
    operation = contract.document["paths"][ACCOUNT]["get"]
    example = operation["responses"]["200"]["content"]["application/json"]["example"]
    given = client.get(f"/accounts/{NUMBER}").json()
    # The demo takes readings on every day of the month, so only the window's days differ.
    given["period"].update(opens=example["period"]["opens"], closes=example["period"]["closes"])
    del given["meters"][0]["refusal"]
    assert given == example


def test_the_demo_takes_the_contracts_own_submission(
    contract: Contract, client: httpx.Client
) -> None:
    operation = contract.document["paths"][READINGS]["post"]
    example = operation["requestBody"]["content"]["application/json"]["example"]
    response = client.post(
        f"/accounts/{NUMBER}/readings", json=example, headers={"Idempotency-Key": "example"}
    )
    assert response.status_code == 201
    contract.judge_answer(READINGS, "post", response)


@pytest.mark.parametrize("code", sorted(REFUSALS | {"account_not_found"}))
def test_every_refusal_has_a_russian_sentence(code: str) -> None:
    text = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))[code]
    assert any("а" <= letter <= "я" for letter in text["detail"])
    assert text["detail"].endswith(".")


async def test_all_requests_of_the_adapter_fit_the_contract(
    billing: HttpBilling, demo: RunningBilling
) -> None:
    account = await billing.account(NUMBER)
    assert account.meters[0].last_reading == Decimal("56578")
    assert await billing.healthy()
    submission = Submission(
        account=NUMBER,
        channel="viber",
        submitted_at=datetime.fromisoformat("2019-12-20T16:26:05.123456+03:00"),
        readings=(Reading("m-1", Decimal("56590.500")),),
        idempotency_key="k" * 64,
    )
    receipt = await billing.submit(submission)
    assert receipt.period == "2019-12"
    assert await billing.submit(submission) == receipt
    newest, *_ = await billing.readings(NUMBER, limit=500)
    assert (newest.value, newest.counts, newest.channel) == (Decimal("56590.5"), True, "viber")
    assert (await billing.balance("7060020003")).amount == Decimal("1234.56")
    assert (await billing.account("0070600123")).number == "0070600123"


@pytest.mark.parametrize(
    ("number", "values", "code"),
    [
        ("7060070001", {"m-1": "170"}, "period_closed"),
        (NUMBER, {"m-1": "56577.999"}, "reading_below_previous"),
        (NUMBER, {"m-1": "99999"}, "reading_too_high"),
        (NUMBER, {"m-1": "100000"}, "too_many_digits"),
        (NUMBER, {"m-9": "56590"}, "meter_not_found"),
        ("7060040002", {"m-2": "270"}, "verification_expired"),
        ("7060050009", {"m-1": "170"}, "meter_closed"),
    ],
)
async def test_every_refusal_of_the_demo_reaches_the_port(
    billing: HttpBilling, number: str, values: dict[str, str], code: str
) -> None:
    readings = tuple(Reading(meter, Decimal(value)) for meter, value in values.items())
    submission = Submission(
        number, "vk", datetime.fromisoformat("2019-12-20T16:26:05+03:00"), readings, "key"
    )
    with pytest.raises(SubmissionRefused) as caught:
        await billing.submit(submission)
    assert caught.value.code == code
    assert caught.value.detail
    assert caught.value.meter_id == (None if code == "period_closed" else next(iter(values)))


async def test_unknown_and_broken_accounts_reach_the_port(billing: HttpBilling) -> None:
    with pytest.raises(AccountNotFound):
        await billing.account("99999")
    with pytest.raises(BillingUnavailable) as caught:
        await billing.account("7060080503")
    assert caught.value.after == 30.0
