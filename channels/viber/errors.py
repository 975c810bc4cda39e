"""Viber's status codes → the errors of the port. One line per code.

https://creators.viber.com/docs/bots-api/api-overview/error-codes
"""

from __future__ import annotations

from dataclasses import dataclass

from backend.delivery.messenger import (
    DeliveryError,
    MessageRejected,
    OperatorNeeded,
    ResidentUnreachable,
    RetryLater,
)

OK = 0

# Sent once more in its plainest form before it is given up.
TOO_MODERN = frozenset({13, 14})

# 100 messages an hour without an answer of the resident. The hour may be nearly over.
TOO_MANY_WAIT = 900.0


@dataclass(frozen=True)
class Policy:
    """What becomes of a message: the port's error and, for RetryLater, the seconds to wait."""

    error: type[DeliveryError]
    meaning: str
    after: float | None = None


POLICIES: dict[int, Policy] = {
    # Nothing more to this resident until they write.
    5: Policy(ResidentUnreachable, "receiverNotRegistered"),
    6: Policy(ResidentUnreachable, "receiverNotSubscribed"),
    11: Policy(ResidentUnreachable, "receiverNoSuitableDevice"),
    21: Policy(ResidentUnreachable, "unsupportedCountry"),
    # The same message later.
    12: Policy(RetryLater, "tooManyRequests", after=TOO_MANY_WAIT),
    # A person must mend the set-up.
    2: Policy(OperatorNeeded, "invalidAuthToken"),
    7: Policy(OperatorNeeded, "publicAccountBlocked"),
    8: Policy(OperatorNeeded, "publicAccountNotFound"),
    9: Policy(OperatorNeeded, "publicAccountSuspended"),
    10: Policy(OperatorNeeded, "webhookNotSet"),
    15: Policy(OperatorNeeded, "publicAccountNotAuthorized"),
    23: Policy(OperatorNeeded, "freeMessagesExceeded"),
    24: Policy(OperatorNeeded, "noBalance"),
    # This message never: the same bytes would be refused again.
    1: Policy(MessageRejected, "invalidUrl"),
    3: Policy(MessageRejected, "badData"),
    4: Policy(MessageRejected, "missingData"),
    13: Policy(MessageRejected, "apiVersionNotSupported"),
    14: Policy(MessageRejected, "incompatibleWithVersion"),
    16: Policy(MessageRejected, "inchatReplyMessageNotAllowed"),
    17: Policy(MessageRejected, "publicAccountIsNotInline"),
    18: Policy(MessageRejected, "noPublicChat"),
    19: Policy(MessageRejected, "cannotSendBroadcast"),
    20: Policy(MessageRejected, "broadcastNotAllowed"),
    22: Policy(MessageRejected, "paymentUnsupported"),
}

UNKNOWN = Policy(RetryLater, "generalError")


def delivery_error(status: int, message: str = "") -> DeliveryError:
    """The port's error for a status; `message` is Viber's own wording, for the operator."""
    policy = POLICIES.get(status, UNKNOWN)
    reason = f"Viber {status}: {policy.meaning}" + (f" ({message})" if message else "")
    if policy.error is RetryLater:
        return RetryLater(reason, code=status, after=policy.after)
    return policy.error(reason, code=status)
