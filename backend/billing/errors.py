"""What can go wrong between the bot and billing.

BillingError
├── BillingUnavailable        no usable answer: try again later (`after`, `outcome_unknown`)
│   └── BillingUnauthorized   billing does not know the bot's token: an operator must mend it
├── AccountNotFound           billing has no such account
└── SubmissionRefused         billing read the submission and will never take it (`code`, `detail`)
"""

from __future__ import annotations

from enum import Enum


class Trouble(str, Enum):
    """Why billing gave no usable answer; for logs, metrics and the choice to try again."""

    TIMEOUT = "timeout"
    CONNECTION = "connection"
    SERVER_ERROR = "server_error"
    RATE_LIMIT = "rate_limit"
    BROKEN_ANSWER = "broken_answer"
    UNAUTHORIZED = "unauthorized"


REFUSALS = frozenset(
    {
        "period_closed",
        "reading_below_previous",
        "reading_too_high",
        "too_many_digits",
        "meter_not_found",
        "verification_expired",
        "meter_closed",
        "idempotency_conflict",
    }
)
UNKNOWN_REFUSAL = "unknown"


class BillingError(Exception):
    """Anything billing could not or would not do."""


class BillingUnavailable(BillingError):
    """Billing gave no answer that fits the contract.

    `after` is how many seconds billing asked to wait, if it did. `outcome_unknown` is True only
    after a submission that may have been stored although no receipt came: it must be repeated
    with the same idempotency key and never reported to the resident as lost.
    """

    def __init__(
        self,
        trouble: Trouble,
        reason: str = "",
        *,
        after: float | None = None,
        outcome_unknown: bool = False,
    ) -> None:
        super().__init__(f"{trouble.value}: {reason}" if reason else trouble.value)
        self.trouble = trouble
        self.after = after
        self.outcome_unknown = outcome_unknown


class BillingUnauthorized(BillingUnavailable):
    """Billing refused the bot's token; to a resident it is the same as being unavailable."""

    def __init__(self, reason: str = "", *, after: float | None = None) -> None:
        super().__init__(Trouble.UNAUTHORIZED, reason, after=after)


class AccountNotFound(BillingError):
    """There is no such account, or its number can't be an account number at all."""


class SubmissionRefused(BillingError):
    """Billing will not take this submission, however often it is repeated.

    `code` is one of `REFUSALS` or `UNKNOWN_REFUSAL`. `detail` is billing's sentence for residents,
    one line of plain text, if it gave one. `meter_id` is the meter it is about, if it is about one.
    """

    def __init__(
        self, code: str, *, detail: str | None = None, meter_id: str | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.meter_id = meter_id
