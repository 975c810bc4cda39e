"""What billing says in these tests, and how a stubbed call is made."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from backend.billing.http import HttpBilling
from backend.billing.model import Reading, Submission

URL = "http://billing.test/v1"
TOKEN = "secret-token-of-the-bot"
NUMBER = "7060012345"
MOSCOW = timezone(timedelta(hours=3))
CONTRACT = yaml.safe_load(
    (Path(__file__).parents[3] / "backend/billing/billing-api.yml").read_text(encoding="utf-8")
)

_PATHS = CONTRACT["paths"]
_ACCOUNT_EXAMPLE = _PATHS["/accounts/{account}"]["get"]["responses"]["200"]["content"][
    "application/json"
]["example"]

RECEIPT = {"receipt_id": "r-1", "accepted_at": "2019-12-20T16:26:06+03:00", "period": "2019-12"}
HISTORY = {
    "readings": [
        {
            "meter_id": "m-1",
            "meter_number": "1710051",
            "value": "56590.5",
            "date": "2019-12-20",
            "channel": "vk",
            "counts": True,
        },
        {
            "meter_id": "m-1",
            "meter_number": "1710051",
            "value": "56578",
            "date": "2019-12-03",
            "counts": False,
        },
    ]
}
BALANCE = {"amount": "-1234.56", "as_of": "2019-12-20", "pay_url": "https://pay.example.org/1"}


def account_json(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(_ACCOUNT_EXAMPLE), **changes}


def problem(status: int, code: str | None = None, **more: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": f"urn:billing:{code}" if code else "about:blank",
        "title": "Отказ",
        "status": status,
        **more,
    }
    return {**body, "code": code} if code else body


def submission(**changes: Any) -> Submission:
    fields: dict[str, Any] = {
        "account": NUMBER,
        "channel": "vk",
        "submitted_at": datetime(2019, 12, 20, 16, 26, 5, tzinfo=MOSCOW),
        "readings": (Reading("m-1", Decimal("56590")),),
        "idempotency_key": "key-1",
    }
    return Submission(**{**fields, **changes})


Call = Callable[[HttpBilling], Awaitable[object]]

CALLS: dict[str, tuple[str, str, Call]] = {
    "account": ("GET", f"/accounts/{NUMBER}", lambda billing: billing.account(NUMBER)),
    "readings": ("GET", f"/accounts/{NUMBER}/readings", lambda billing: billing.readings(NUMBER)),
    "balance": ("GET", f"/accounts/{NUMBER}/balance", lambda billing: billing.balance(NUMBER)),
    "submit": (
        "POST",
        f"/accounts/{NUMBER}/readings",
        lambda billing: billing.submit(submission()),
    ),
}
READS = ("account", "readings", "balance")
GOOD: dict[str, dict[str, Any]] = {
    "account": account_json(),
    "readings": HISTORY,
    "balance": BALANCE,
    "submit": RECEIPT,
}
