"""What residents confirm and what becomes of it, and how both stand in the table of submissions."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from backend.billing.model import Receipt


@dataclass(frozen=True)
class ConfirmedReading:
    """One value as the resident confirmed it; `label` names the meter to people.

    `replaces` is another value of this period that stops counting when this one is accepted.
    """

    meter_id: str
    label: str
    value: Decimal
    replaces: Decimal | None = None


@dataclass(frozen=True)
class Accepted:
    """Billing has the readings."""

    receipt: Receipt


@dataclass(frozen=True)
class Refused:
    """Billing will not take them. `detail` is billing's own sentence, if any."""

    code: str
    detail: str | None = None


@dataclass(frozen=True)
class Waiting:
    """The readings are kept and will be sent."""


Outcome = Accepted | Refused | Waiting


@dataclass(frozen=True)
class Settled:
    """A submission whose outcome came after its turn had ended."""

    channel: str
    user_id: str
    account: str
    readings: tuple[ConfirmedReading, ...]
    outcome: Accepted | Refused


def accepted_in(key: str) -> tuple[Hashable, ...]:
    """Under what a turn remembers whether its submission `key` was accepted (backend.asked)."""
    return ("accepted", key)


def outcome_of(row: Any) -> Outcome:
    """What became of a submission, as its row says."""
    if row.state == "accepted":
        stored = row.receipt
        accepted_at = datetime.fromisoformat(stored["accepted_at"]).astimezone(timezone.utc)
        return Accepted(Receipt(stored["receipt_id"], accepted_at, stored["period"]))
    if row.state == "refused":
        return Refused(row.refusal["code"], row.refusal["detail"])
    return Waiting()


def state_of(outcome: Outcome) -> str:
    """An outcome's name in the column `state`."""
    if isinstance(outcome, Accepted):
        return "accepted"
    return "refused" if isinstance(outcome, Refused) else "waiting"


def reading_to_json(reading: ConfirmedReading) -> dict[str, str]:
    """A reading for the column `readings`."""
    stored = {
        "meter_id": reading.meter_id,
        "label": reading.label,
        "value": format(reading.value, "f"),
    }
    if reading.replaces is not None:
        stored["replaces"] = format(reading.replaces, "f")
    return stored


def readings_of(row: Any) -> tuple[ConfirmedReading, ...]:
    """The readings of a row."""
    return tuple(
        ConfirmedReading(
            one["meter_id"],
            one["label"],
            Decimal(one["value"]),
            Decimal(one["replaces"]) if "replaces" in one else None,
        )
        for one in row.readings
    )


def values_of(readings: Sequence[ConfirmedReading]) -> list[tuple[str, Decimal]]:
    """What two sets of readings are compared by: meters and values, in order."""
    return [(one.meter_id, one.value) for one in readings]


def receipt_to_json(receipt: Receipt) -> dict[str, str]:
    """A receipt for the column `receipt`."""
    return {
        "receipt_id": receipt.receipt_id,
        "accepted_at": receipt.accepted_at.isoformat(),
        "period": receipt.period,
    }
