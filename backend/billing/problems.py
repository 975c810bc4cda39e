"""Which error an answer of billing that is no success stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from backend.billing.errors import (
    REFUSALS,
    UNKNOWN_REFUSAL,
    AccountNotFound,
    BillingError,
    BillingUnauthorized,
    BillingUnavailable,
    SubmissionRefused,
    Trouble,
)
from backend.billing.fields import ContractBroken, Fields

LONGEST_WAIT = 24 * 3600.0
LONGEST_DETAIL = 500
_URN = "urn:billing:"
_SECONDS = re.compile(r"[0-9]{1,9}")
_RETRIED_CLIENT_ERRORS = {408, 425, 429}


@dataclass(frozen=True)
class Problem:
    """RFC 9457 problem details, as far as the bot cares. `code` may come from `type`."""

    code: str | None
    detail: str | None
    meter_id: str | None
    is_about_http: bool


def error_for(
    status: int, headers: Mapping[str, str], body: object, *, submit: bool
) -> BillingError:
    """The error for a status that is no success. `body` is parsed JSON, or None if it was none."""
    after = retry_after(headers.get("retry-after"))
    problem = _problem(body)
    code = problem.code if problem else None
    if status in (401, 403) or code == "unauthorized":
        return BillingUnauthorized(f"status {status}", after=after)
    if status >= 500 or code == "temporarily_unavailable":
        refused_plainly = code == "temporarily_unavailable"
        return BillingUnavailable(
            Trouble.SERVER_ERROR,
            f"status {status}",
            after=after,
            # A gateway's own 5xx says nothing of what billing behind it did with the request.
            outcome_unknown=submit and not refused_plainly,
        )
    if status in _RETRIED_CLIENT_ERRORS:
        trouble = Trouble.RATE_LIMIT if status == 429 else Trouble.TIMEOUT
        return BillingUnavailable(
            trouble, f"status {status}", after=after, outcome_unknown=submit and status == 408
        )
    # A 404 page of a proxy or a wrong address must not tell a resident that the account is unknown.
    if problem is None or status < 400:
        return BillingUnavailable(
            Trouble.BROKEN_ANSWER,
            f"status {status}",
            after=after,
            outcome_unknown=submit and status < 300,
        )
    if code == "account_not_found":
        return AccountNotFound()
    if submit and not (status == 404 and problem.is_about_http):
        known = code if code in REFUSALS else UNKNOWN_REFUSAL
        return SubmissionRefused(
            known or UNKNOWN_REFUSAL, detail=problem.detail, meter_id=problem.meter_id
        )
    return BillingUnavailable(Trouble.BROKEN_ANSWER, f"status {status}", after=after)


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds to wait from a Retry-After header, in seconds or as an HTTP date; None if unusable.

    A date in the past gives 0; nothing gives more than a day.
    """
    if value is None:
        return None
    value = value.strip()
    if _SECONDS.fullmatch(value):
        return min(float(value), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    wait = (moment - (now or datetime.now(timezone.utc))).total_seconds()
    return min(max(wait, 0.0), LONGEST_WAIT)


def _problem(body: object) -> Problem | None:
    try:
        fields = Fields(body, "problem")
        kind = fields.text("type")
        fields.text("title")
        fields.integer("status", 100, 599)
        code = fields.optional_text("code")
        if code is None and kind.startswith(_URN):
            code = kind[len(_URN) :]
        detail = fields.optional_text("detail")
        return Problem(
            code=code,
            detail=_one_line(detail) if detail else None,
            meter_id=fields.optional_text("meter_id"),
            is_about_http=code is None and kind == "about:blank",
        )
    except ContractBroken:
        return None


def _one_line(text: str) -> str | None:
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(plain.split())[:LONGEST_DETAIL] or None
