"""Good answers become our objects; anything that does not fit the contract is refused whole."""

from __future__ import annotations

import json
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import httpx
import pytest
import respx
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.billing.errors import BillingUnavailable, SubmissionRefused, Trouble
from backend.billing.fields import ContractBroken
from backend.billing.http import HttpBilling
from backend.billing.model import Account, Meter, Period, Reading
from backend.billing.wire import (
    account_from,
    balance_from,
    readings_from,
    receipt_from,
    submission_body,
)
from tests.backend.billing.billing_samples import (
    BALANCE,
    CALLS,
    CONTRACT,
    GOOD,
    HISTORY,
    MOSCOW,
    NUMBER,
    RECEIPT,
    TOKEN,
    URL,
    account_json,
    submission,
)

SUBMIT = CONTRACT["paths"]["/accounts/{account}/readings"]["post"]
MISSING = object()


def test_the_contracts_account_example_becomes_an_account() -> None:
    assert account_from(account_json(), NUMBER) == Account(
        number=NUMBER,
        address="г. Санкт-Петербург, ул. Ленина, д. 1, кв. 7",
        period=Period("2019-12", True, date(2019, 12, 15), date(2019, 12, 25)),
        meters=(
            Meter(
                id="m-1",
                number="1710051",
                service="ГВС",
                unit="м³",
                integer_digits=5,
                decimal_digits=3,
                accepts_readings=True,
                place="кухня",
                last_reading=Decimal("56578"),
                last_reading_date=date(2019, 12, 3),
                next_verification_date=date(2024, 5, 1),
                average_monthly=Decimal("4.2"),
            ),
        ),
    )


def test_our_submission_is_the_contracts_example() -> None:
    example = SUBMIT["requestBody"]["content"]["application/json"]["example"]
    assert json.loads(submission_body(submission())) == example


def test_what_is_optional_may_be_missing_or_null() -> None:
    bare = {
        "id": "m",
        "number": "1",
        "service": "ГВС",
        "unit": "м³",
        "integer_digits": 5,
        "decimal_digits": 0,
        "accepts_readings": False,
    }
    nulls = dict.fromkeys(
        ("place", "last_reading", "last_reading_date", "next_verification_date", "refusal")
    )
    period = {"month": "2019-12", "open": False}
    body = {"number": NUMBER, "period": period, "meters": [bare]}
    same = {**body, "meters": [{**bare, **nulls}], "address": None}
    assert account_from(body, NUMBER) == account_from(same, NUMBER)


def test_what_the_contract_does_not_name_is_ignored() -> None:
    meter = {**account_json()["meters"][0], "colour": "red"}
    assert account_from(account_json(mood=1, meters=[meter]), NUMBER) == account_from(
        account_json(), NUMBER
    )


def test_leading_zeros_and_readings_stay_exact() -> None:
    account = account_from(account_json(number="0070600123"), "0070600123")
    assert account.number == "0070600123"
    history = readings_from(HISTORY)
    assert [reading.value for reading in history] == [Decimal("56590.5"), Decimal("56578")]
    assert [reading.counts for reading in history] == [True, False]
    assert balance_from(BALANCE).amount == Decimal("-1234.56")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2019-12-20T16:26:06+03:00", datetime(2019, 12, 20, 16, 26, 6, tzinfo=MOSCOW)),
        ("2019-12-20T13:26:06Z", datetime(2019, 12, 20, 13, 26, 6, tzinfo=timezone.utc)),
        (
            "2019-12-20t13:26:06.1234567z",
            datetime(2019, 12, 20, 13, 26, 6, 123456, tzinfo=timezone.utc),
        ),
    ],
)
def test_times_are_read_with_their_offset(text: str, moment: datetime) -> None:
    receipt = receipt_from({**RECEIPT, "accepted_at": text})
    assert receipt.accepted_at == moment
    assert receipt.accepted_at.utcoffset() is not None


def test_another_accounts_answer_is_never_shown() -> None:
    with pytest.raises(ContractBroken):
        account_from(account_json(number="7060099999"), NUMBER)


WRONG_READINGS = [56578, 56578.5, "56 578", "5,5", "-1", "1e5", "NaN", "", "٥", [], True]
WRONG_TEXTS = [MISSING, None, 5, "", [], {}]
WRONG_DATES = ["03.12.2019", "2019-13-01", "2019-02-30", "20191203", 20191203, "2019-12-03T00:00"]


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("id", WRONG_TEXTS),
        ("number", WRONG_TEXTS),
        ("service", WRONG_TEXTS),
        ("unit", WRONG_TEXTS),
        ("integer_digits", [MISSING, None, 0, 10, "5", 5.0, True]),
        ("decimal_digits", [MISSING, None, -1, 4, "3", False]),
        ("accepts_readings", [MISSING, None, 1, "true"]),
        ("place", [5, [], {}]),
        ("refusal", [5, False]),
        ("last_reading", WRONG_READINGS),
        ("average_monthly", [4.2, 4, "много"]),
        ("last_reading_date", WRONG_DATES),
        ("next_verification_date", WRONG_DATES),
    ],
)
def test_a_meter_with_a_wrong_field_is_refused(field: str, values: list[Any]) -> None:
    for value in values:
        meter = {**account_json()["meters"][0], field: value}
        if value is MISSING:
            del meter[field]
        with pytest.raises(ContractBroken, match=field):
            account_from(account_json(meters=[meter]), NUMBER)


@pytest.mark.parametrize(
    "changes",
    [
        {"meters": None},
        {"meters": {}},
        {"meters": ["m-1"]},
        {"meters": account_json()["meters"] * 2},
        {"period": None},
        {"period": "2019-12"},
        {"period": {"month": "2019-12"}},
        {"period": {"month": "2019-13", "open": True}},
        {"period": {"month": "2019-1", "open": True}},
        {"period": {"month": "2019-12", "open": "yes"}},
        {"period": {"month": "2019-12", "open": True, "closes": "25"}},
        {"address": 7},
    ],
)
def test_an_account_with_a_wrong_field_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ContractBroken):
        account_from(account_json(**changes), NUMBER)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("receipt_id", [MISSING, None, 1, "", []]),
        ("accepted_at", [MISSING, None, 1, "2019-12-20T16:26:06", "2019-12-20T25:00:00Z", "noon"]),
        ("period", [MISSING, None, 201912, "", "December", "2019-00"]),
    ],
)
def test_a_receipt_with_a_wrong_field_is_refused(field: str, values: list[Any]) -> None:
    for value in values:
        receipt = {**RECEIPT, field: value}
        if value is MISSING:
            del receipt[field]
        with pytest.raises(ContractBroken, match=field):
            receipt_from(receipt)


@pytest.mark.parametrize("amount", [1234.56, 1234, "1 234,56", "1e3", "-", None])
def test_money_that_may_have_been_a_float_is_refused(amount: object) -> None:
    with pytest.raises(ContractBroken):
        balance_from({**BALANCE, "amount": amount})


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//pay", "ftp://x", "https://", "a b"])
def test_a_payment_address_that_is_not_of_the_web_is_left_out(address: str) -> None:
    balance = balance_from({**BALANCE, "pay_url": address})
    assert balance.pay_url is None
    assert balance.amount == Decimal("-1234.56")


@pytest.mark.parametrize("call", list(CALLS))
async def test_a_wrong_type_on_the_wire_is_unavailable(
    wire: respx.MockRouter, billing: HttpBilling, call: str
) -> None:
    method, path, act = CALLS[call]
    body = dict.fromkeys(GOOD[call], 1)
    wire.route(method=method, path=f"/v1{path}").respond(200, json=body)
    with pytest.raises(BillingUnavailable) as caught:
        await act(billing)
    assert caught.value.trouble is Trouble.BROKEN_ANSWER


@pytest.mark.parametrize("call", list(CALLS))
async def test_good_answers_are_returned_and_requests_carry_the_token(
    wire: respx.MockRouter, billing: HttpBilling, call: str
) -> None:
    method, path, act = CALLS[call]
    status = 201 if call == "submit" else 200
    route = wire.route(method=method, path=f"/v1{path}").respond(status, json=GOOD[call])
    assert await act(billing)
    request: httpx.Request = route.calls[0].request
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert str(request.url).startswith(URL)


@pytest.mark.parametrize(("asked", "sent"), [(0, 1), (-5, 1), (36, 36), (200, 200), (10_000, 200)])
async def test_the_limit_of_the_history_stays_within_the_contract(
    wire: respx.MockRouter, billing: HttpBilling, asked: int, sent: int
) -> None:
    route = wire.get(path=f"/v1/accounts/{NUMBER}/readings").respond(200, json=HISTORY)
    found = await billing.readings(NUMBER, asked)
    assert route.calls[0].request.url.params["limit"] == str(sent)
    assert len(found) == min(sent, 2)


@pytest.mark.parametrize(
    ("value", "text"),
    [("56590", "56590"), ("5.500", "5.5"), ("1E+3", "1000"), ("0.000", "0"), ("-0", "0")],
)
def test_values_are_written_plainly(value: str, text: str) -> None:
    body = json.loads(submission_body(submission(readings=(Reading("m", Decimal(value)),))))
    assert body["readings"] == [{"meter_id": "m", "value": text}]


@pytest.mark.parametrize("value", ["1.2345", "1234567890", "1E+30", "1E-30"])
def test_values_the_contract_cannot_carry_are_refused_before_the_wire(value: str) -> None:
    with pytest.raises(SubmissionRefused) as caught:
        submission_body(submission(readings=(Reading("m-7", Decimal(value)),)))
    assert (caught.value.code, caught.value.meter_id) == ("too_many_digits", "m-7")


@pytest.mark.parametrize(
    "changes",
    [
        {"readings": ()},
        {"readings": (Reading("m", Decimal("-1")),)},
        {"readings": (Reading("m", Decimal("NaN")),)},
        {"readings": (Reading("m", Decimal("Infinity")),)},
        {"submitted_at": datetime(2019, 12, 20)},
        {"idempotency_key": ""},
        {"idempotency_key": "k" * 65},
        {"idempotency_key": "two\r\nlines"},
        {"idempotency_key": "ключ"},
    ],
)
async def test_a_submission_that_cannot_be_written_never_reaches_the_wire(
    wire: respx.MockRouter, billing: HttpBilling, changes: dict[str, Any]
) -> None:
    everything = wire.route()
    with pytest.raises(ValueError, match=r"reading|offset|key"):
        await billing.submit(submission(**changes))
    assert not everything.called


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["number", "meters", "period", "readings", "amount", "id", "open"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(junk=JUNK, field=st.sampled_from(["number", "period", "meters", "address", None]))
def test_junk_is_refused_or_read_but_never_breaks_the_reader(junk: Any, field: str | None) -> None:
    account = account_json(**{field: junk}) if field else junk
    for read in (lambda body: account_from(body, NUMBER), readings_from, receipt_from):
        try:
            read(account)
        except ContractBroken as broken:
            assert broken.where  # noqa: PT017 - either outcome is fine, other errors are not
