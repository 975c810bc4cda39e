"""VK's error codes → the errors of the port. One line per code.

https://dev.vk.com/ru/reference/errors
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
from backend.delivery.text import storable
from channels.fields import mapping, number

KEYBOARD_INVALID = 911
MESSAGE_TOO_LONG = 914


@dataclass(frozen=True)
class Policy:
    """What becomes of a message: the port's error and, for RetryLater, the seconds to wait."""

    error: type[DeliveryError]
    meaning: str
    after: float | None = None


POLICIES: dict[int, Policy] = {
    # The same message later. The random id makes a repetition harmless.
    1: Policy(RetryLater, "unknown error"),
    6: Policy(RetryLater, "too many requests per second", after=0.5),
    9: Policy(RetryLater, "flood control", after=60),
    10: Policy(RetryLater, "internal server error"),
    29: Policy(RetryLater, "rate limit reached", after=300),
    984: Policy(RetryLater, "spam restriction", after=600),
    # Nothing more to this resident until they write.
    18: Policy(ResidentUnreachable, "user was deleted or banned"),
    900: Policy(ResidentUnreachable, "the resident is on the community's blacklist"),
    901: Policy(ResidentUnreachable, "the resident has not allowed messages"),
    902: Policy(ResidentUnreachable, "the resident's privacy settings"),
    1021: Policy(ResidentUnreachable, "no such conversation"),
    # A person must mend the set-up.
    5: Policy(OperatorNeeded, "the access token is wrong"),
    7: Policy(OperatorNeeded, "the token lacks the permission"),
    14: Policy(OperatorNeeded, "captcha needed"),
    15: Policy(OperatorNeeded, "access denied"),
    27: Policy(OperatorNeeded, "community authorisation failed"),
    28: Policy(OperatorNeeded, "application authorisation failed"),
    912: Policy(OperatorNeeded, "bot features are off in the community's settings"),
    # This message never.
    8: Policy(MessageRejected, "invalid request"),
    100: Policy(MessageRejected, "a parameter is missing or invalid"),
    113: Policy(MessageRejected, "invalid user id"),
    129: Policy(MessageRejected, "invalid picture"),
    KEYBOARD_INVALID: Policy(MessageRejected, "keyboard format is invalid"),
    913: Policy(MessageRejected, "too many forwarded messages"),
    MESSAGE_TOO_LONG: Policy(MessageRejected, "message is too long"),
    917: Policy(MessageRejected, "no access to this chat"),
    921: Policy(MessageRejected, "can't forward these messages"),
    922: Policy(MessageRejected, "the bot left this chat"),
    925: Policy(MessageRejected, "not an administrator of this chat"),
    936: Policy(MessageRejected, "contact not found"),
    940: Policy(MessageRejected, "too many posts in messages"),
    943: Policy(MessageRejected, "this intent can't be used"),
    944: Policy(MessageRejected, "limits of this intent are exceeded"),
    945: Policy(MessageRejected, "chat was disabled"),
    946: Policy(MessageRejected, "chat is not supported"),
    950: Policy(MessageRejected, "can't send a message to this chat"),
    1012: Policy(MessageRejected, "chat is closed to communities"),
}

UNKNOWN = Policy(RetryLater, "an error code we do not know")


def delivery_error(code: int, message: str = "") -> DeliveryError:
    """The port's error for a code of VK; `message` is VK's own wording, for the operator."""
    policy = POLICIES.get(code, UNKNOWN)
    reason = f"VK {code}: {policy.meaning}" + (f" ({message})" if message else "")
    if policy.error is RetryLater:
        return RetryLater(reason, code=code, after=policy.after)
    return policy.error(reason, code=code)


def read_error(told: object) -> DeliveryError:
    """The port's error for an error in VK's JSON; RetryLater if it can't be understood."""
    code, wording = mapping(told).get("error_code"), mapping(told).get("error_msg")
    return delivery_error(
        number(code) or 0, storable(wording)[:200] if isinstance(wording, str) else ""
    )
