"""Neither the token nor an account number can be found in logs."""

from __future__ import annotations

import logging

import pytest
import respx
import structlog

from backend.billing.errors import BillingUnauthorized, BillingUnavailable
from backend.billing.http import HttpBilling
from backend.billing.privacy import masked
from tests.backend.billing.billing_samples import CALLS, GOOD, NUMBER, TOKEN, submission


@pytest.mark.parametrize("call", list(CALLS))
@pytest.mark.parametrize("status", [200, 401, 404, 422, 503])
async def test_logs_of_every_level_hide_number_token_and_address(
    wire: respx.MockRouter,
    billing: HttpBilling,
    caplog: pytest.LogCaptureFixture,
    call: str,
    status: int,
) -> None:
    caplog.set_level(logging.DEBUG)
    method, path, act = CALLS[call]
    wire.route(method=method, path=f"/v1{path}").respond(status, json=GOOD[call])
    with structlog.testing.capture_logs() as ours:
        try:
            await act(billing)
        except BillingUnavailable as error:
            shown = f"{error} {error!r}"
        else:
            shown = ""
    everything = f"{caplog.text} {ours} {shown}"
    assert "HTTP Request" in caplog.text
    for secret in (NUMBER, TOKEN, "Ленина"):
        assert secret not in everything


async def test_a_refused_token_is_logged_as_an_error_for_the_operator(
    wire: respx.MockRouter, billing: HttpBilling
) -> None:
    wire.route().respond(401)
    with structlog.testing.capture_logs() as logs, pytest.raises(BillingUnauthorized):
        await billing.account(NUMBER)
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [
        ("billing.unavailable", "error")
    ]


async def test_the_log_names_the_field_that_broke_the_contract_but_not_its_value(
    wire: respx.MockRouter, billing: HttpBilling
) -> None:
    wire.route().respond(200, json={**GOOD["account"], "number": "7060099999"})
    with structlog.testing.capture_logs() as logs, pytest.raises(BillingUnavailable):
        await billing.account(NUMBER)
    assert "account.number" in logs[0]["reason"]
    assert "7060099999" not in str(logs)


@pytest.mark.parametrize(
    ("number", "shown"), [(NUMBER, "…45"), ("12345", "…45"), ("1234", "…"), ("", "…")]
)
def test_a_masked_number_shows_two_digits_at_most(number: str, shown: str) -> None:
    assert masked(number) == shown


def test_a_submission_does_not_print_its_key() -> None:
    assert "key-1" not in repr(submission())
