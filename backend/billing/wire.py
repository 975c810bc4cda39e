"""The contract's JSON and our objects, each made from the other (schemas: billing-api.yml)."""

from __future__ import annotations

import re
from decimal import Decimal

import orjson

from backend.billing.errors import SubmissionRefused
from backend.billing.fields import ContractBroken, Fields
from backend.billing.model import (
    AcceptedReading,
    Account,
    Balance,
    Meter,
    Period,
    Receipt,
    Submission,
)

ACCOUNT_NUMBER = re.compile(r"[0-9]{5,12}")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_VALUE = re.compile(r"[0-9]{1,9}([.][0-9]{1,3})?")
_KEY = re.compile(r"[!-~]{1,64}")
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#]+[^\s]*", re.IGNORECASE)


def account_from(body: object, number: str) -> Account:
    """The account `number`. Raises ContractBroken, also if the answer is about another account."""
    fields = Fields(body, "account")
    if fields.text("number") != number:
        raise fields.broken("number")
    meters = tuple(_meter(item) for item in fields.objects("meters"))
    if len({meter.id for meter in meters}) != len(meters):
        raise fields.broken("meters")
    return Account(
        number=number,
        period=_period(fields.object("period")),
        meters=meters,
        address=fields.optional_text("address"),
    )


def readings_from(body: object) -> tuple[AcceptedReading, ...]:
    """The history in billing's order. Raises ContractBroken."""
    return tuple(
        AcceptedReading(
            meter_id=item.text("meter_id"),
            meter_number=item.text("meter_number"),
            value=item.reading("value"),
            date=item.day("date"),
            counts=item.flag("counts"),
            channel=item.optional_text("channel"),
        )
        for item in Fields(body, "history").objects("readings")
    )


def receipt_from(body: object) -> Receipt:
    """The proof of one submission. Raises ContractBroken."""
    fields = Fields(body, "receipt")
    return Receipt(
        receipt_id=fields.text("receipt_id"),
        accepted_at=fields.moment("accepted_at"),
        period=_month(fields, "period"),
    )


def balance_from(body: object) -> Balance:
    """Debt or overpayment. A payment address that is not http(s) is left out. ContractBroken."""
    fields = Fields(body, "balance")
    pay_url = fields.optional_text("pay_url")
    return Balance(
        amount=fields.decimal("amount"),
        as_of=fields.day("as_of"),
        pay_url=pay_url if pay_url and _WEB_ADDRESS.fullmatch(pay_url) else None,
    )


def submission_body(submission: Submission) -> bytes:
    """The request's JSON.

    Raises:
        SubmissionRefused: a value has more digits than the contract can carry.
        ValueError: no readings, a negative value, a time without an offset, an unfit key.
    """
    if not submission.readings:
        raise ValueError("a submission needs at least one reading")
    if submission.submitted_at.utcoffset() is None:
        raise ValueError("submitted_at needs an offset")
    if not _KEY.fullmatch(submission.idempotency_key):
        raise ValueError("an idempotency key is 1 to 64 printable ASCII characters")
    return orjson.dumps(
        {
            "channel": submission.channel,
            "submitted_at": submission.submitted_at.isoformat(),
            "readings": [
                {"meter_id": reading.meter_id, "value": _value(reading.value, reading.meter_id)}
                for reading in submission.readings
            ],
        }
    )


def _value(value: Decimal, meter_id: str) -> str:
    if not value.is_finite() or value < 0:
        raise ValueError("a reading is a number that is not negative")
    text = format(abs(value), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if not _VALUE.fullmatch(text):
        raise SubmissionRefused("too_many_digits", meter_id=meter_id)
    return text


def _meter(fields: Fields) -> Meter:
    return Meter(
        id=fields.text("id"),
        number=fields.text("number"),
        service=fields.text("service"),
        unit=fields.text("unit"),
        integer_digits=fields.integer("integer_digits", 1, 9),
        decimal_digits=fields.integer("decimal_digits", 0, 3),
        accepts_readings=fields.flag("accepts_readings"),
        place=fields.optional_text("place"),
        last_reading=fields.optional_reading("last_reading"),
        last_reading_date=fields.optional_day("last_reading_date"),
        next_verification_date=fields.optional_day("next_verification_date"),
        average_monthly=fields.optional_decimal("average_monthly"),
        refusal=fields.optional_text("refusal"),
    )


def _period(fields: Fields) -> Period:
    return Period(
        month=_month(fields, "month"),
        open=fields.flag("open"),
        opens=fields.optional_day("opens"),
        closes=fields.optional_day("closes"),
    )


def _month(fields: Fields, name: str) -> str:
    month = fields.text(name)
    if not _MONTH.fullmatch(month):
        raise fields.broken(name)
    return month


__all__ = [
    "ACCOUNT_NUMBER",
    "ContractBroken",
    "account_from",
    "balance_from",
    "readings_from",
    "receipt_from",
    "submission_body",
]
