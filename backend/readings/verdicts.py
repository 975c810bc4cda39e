"""What the check of a value may end with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum


class Kind(str, Enum):
    """Why a value is questioned, refused or commented on; the codes are stable."""

    NOT_A_NUMBER = "not_a_number"
    TOO_MANY_DIGITS = "too_many_digits"
    TOO_MANY_DECIMALS = "too_many_decimals"
    BELOW_PREVIOUS = "below_previous"
    DIAL_OVER = "dial_over"
    UNUSUALLY_HIGH = "unusually_high"
    THOUSANDFOLD_SLIP = "thousandfold_slip"
    VOLUME_INSTEAD = "volume_instead"
    EQUAL = "equal"
    VERIFICATION_EXPIRED = "verification_expired"
    VERIFICATION_SOON = "verification_soon"
    LONG_SILENCE = "long_silence"


@dataclass(frozen=True)
class Notice:
    """Something to tell beside an accepted value. `when` is the date it is about."""

    kind: Kind
    when: date | None = None


@dataclass(frozen=True)
class Accepted:
    """The value may be submitted. `volume` is None when there is no previous reading."""

    value: Decimal
    volume: Decimal | None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Question:
    """The value needs the resident's word first.

    `proposal` is the value probably meant; None when the typed value itself is to be confirmed.
    `volume` is what would be billed for the proposal or, without one, for the typed value.
    `limit` is the volume above which the bot asks.
    """

    kind: Kind
    proposal: Decimal | None = None
    volume: Decimal | None = None
    previous: Decimal | None = None
    limit: Decimal | None = None


@dataclass(frozen=True)
class Refused:
    """The value cannot be submitted. `allowed` is the number of digits the dial has."""

    kind: Kind
    previous: Decimal | None = None
    allowed: int | None = None
    when: date | None = None


Verdict = Accepted | Question | Refused
