"""What an account has given in the open period already, and what its readings are measured from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from backend.billing.model import AcceptedReading, Account, Meter, Period


@dataclass(frozen=True)
class Standing:
    """An account in its period.

    `account` has each meter's last reading from before the period: that is what billing measures a
    second reading of the period from. `counting` holds the values that count in the period, or will
    once they are sent, by meter id.
    """

    account: Account
    counting: Mapping[str, Decimal] = field(default_factory=dict)


def in_period(day: date | None, period: Period) -> bool:
    """True if a reading of that day was given in the period that is open now."""
    if day is None or not period.open:
        return False
    year, month = map(int, period.month.split("-"))
    return day >= (period.opens or date(year, month, 1))


def has_given(account: Account) -> bool:
    """True if every meter that takes readings has one in the period that is open now."""
    return all(in_period(meter.last_reading_date, account.period) for meter in account.open_meters)


def may_have_given(account: Account) -> bool:
    """True if the history is worth reading: some meter has a reading of the open period."""
    return any(in_period(meter.last_reading_date, account.period) for meter in account.meters)


def standing(
    account: Account,
    history: Sequence[AcceptedReading] = (),
    unsent: Mapping[str, Decimal] | None = None,
    *,
    is_whole: bool = True,
) -> Standing:
    """Where the account stands: `history` is billing's, newest first; `unsent` waits for it.

    `is_whole` False: billing has more than `history` shows, perhaps from before the period too.
    """
    counting: dict[str, Decimal] = {}
    meters = []
    for meter in account.meters:
        own = [one for one in history if one.meter_id == meter.id and one.counts]
        now = next((one for one in own if in_period(one.date, account.period)), None)
        if now is not None:
            counting[meter.id] = now.value
            meters.append(_before(meter, own, account.period, is_whole))
        else:
            meters.append(meter)
    known = {meter.id for meter in account.meters}
    counting.update({key: value for key, value in (unsent or {}).items() if key in known})
    return Standing(replace(account, meters=tuple(meters)), counting)


def _before(meter: Meter, own: Sequence[AcceptedReading], period: Period, is_whole: bool) -> Meter:
    """The meter as it stood when the period began; as it is, if that lies too far back."""
    last = next((one for one in own if not in_period(one.date, period)), None)
    if last is None and not is_whole:
        return meter
    if last is None:
        return replace(meter, last_reading=None, last_reading_date=None)
    return replace(meter, last_reading=last.value, last_reading_date=last.date)
