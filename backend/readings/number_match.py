"""What a number found in a message looks like."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum


class Role(str, Enum):
    """What a number stands for in its message."""

    READING = "reading"  # may be a reading or a meter's number
    DATE = "date"
    ADDRESS = "address"
    PHONE = "phone"
    MONEY = "money"
    COUNT = "count"
    ORDINAL = "ordinal"  # «1) …», «the second meter»
    ACCOUNT = "account"


@dataclass(frozen=True)
class NumberMatch:
    """One number of a message.

    `start` and `end` are the half-open range in the message, `text` is that range. `integer_text`
    holds the digits before the decimal mark as given, leading zeros included. `alternatives` are
    other values the same characters may mean; `parts` are the numbers they may be if they are
    several numbers. `certain` is False when the value must be confirmed before it is used.
    A negative `value` is a mistake of the resident, kept so that it can be refused.
    """

    value: Decimal
    start: int
    end: int
    text: str
    digits_typed: bool
    integer_text: str
    alternatives: tuple[Decimal, ...] = ()
    parts: tuple[NumberMatch, ...] = ()
    certain: bool = True
    role: Role = Role.READING

    @property
    def options(self) -> tuple[Decimal, ...]:
        """Every value the characters may mean as one number, the likeliest first."""
        return (self.value, *self.alternatives)
