"""Puts an account's history together: billing's readings and the resident's own submissions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime

from backend.billing.errors import AccountNotFound, BillingError
from backend.billing.model import AcceptedReading, Account
from backend.billing.port import Billing
from backend.history.charts import Charts
from backend.history.model import AccountHistory, MeterHistory, Trouble
from backend.history.receipts import Receipts
from backend.history.volumes import (
    last_month_shown,
    last_months,
    monthly_volumes,
    past_readings,
)
from backend.readings.placing import dial_size

# Billing's most: enough for a year of any number of meters that a flat may have.
READ = 200
SHOWN_SUBMISSIONS = 5


class History:
    """What «my readings» shows. `now` gives the time in the utility's zone."""

    def __init__(
        self,
        billing: Billing,
        receipts: Receipts,
        charts: Charts,
        now: Callable[[], datetime],
        picture_channels: Collection[str] = (),
    ) -> None:
        """`picture_channels` are the messengers that can be sent a picture."""
        self._billing = billing
        self._receipts = receipts
        self._now = now
        self._picture_channels = frozenset(picture_channels)
        self.charts = charts

    def shows_pictures(self, channel: str) -> bool:
        """True if a resident of the channel can be sent a chart."""
        return channel in self._picture_channels

    async def of(self, resident: str, account: str) -> AccountHistory:
        """The account's history. What billing cannot tell now is missing, with the reason."""
        found, readings, submissions = await asyncio.gather(
            self._billing.account(account),
            self._billing.readings(account, READ),
            self._receipts.last(resident, account, SHOWN_SUBMISSIONS),
            return_exceptions=True,
        )
        for failure in (found, readings, submissions):
            if isinstance(failure, BaseException) and not isinstance(failure, BillingError):
                raise failure
        assert not isinstance(submissions, BaseException)
        if isinstance(found, BaseException) or isinstance(readings, BaseException):
            gone = isinstance(found, AccountNotFound) or isinstance(readings, AccountNotFound)
            trouble = Trouble.NOT_FOUND if gone else Trouble.UNAVAILABLE
            return AccountHistory((), submissions, trouble)
        return AccountHistory(self._meters(found, readings), submissions)

    def _meters(
        self, account: Account, readings: tuple[AcceptedReading, ...]
    ) -> tuple[MeterHistory, ...]:
        known = {meter.id: meter for meter in account.meters}
        numbers = {meter.id: meter.number for meter in account.meters}
        # Meters that billing no longer names follow: their readings were given all the same.
        for reading in readings:
            numbers.setdefault(reading.meter_id, reading.meter_number)
        past = {
            meter_id: past_readings(
                (reading for reading in readings if reading.meter_id == meter_id),
                dial_size(known[meter_id]) if meter_id in known else None,
            )
            for meter_id in numbers
        }
        newest = [given[0].date for given in past.values() if given]
        end = last_month_shown(newest, self._now().date())
        return tuple(
            MeterHistory(
                number=number,
                meter=known.get(meter_id),
                readings=past[meter_id],
                months=last_months(monthly_volumes(past[meter_id]), end),
            )
            for meter_id, number in numbers.items()
            if past[meter_id] or meter_id in known
        )
