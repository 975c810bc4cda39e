"""An account's history is put together from billing and from what the resident confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timezone
from decimal import Decimal as D
from typing import Any

import pytest

from backend.billing.errors import AccountNotFound, BillingUnavailable, Trouble
from backend.billing.model import AcceptedReading, Account, Meter, Period
from backend.history.charts import Charts
from backend.history.model import AccountHistory, Standing, SubmissionRecord
from backend.history.model import Trouble as Missing
from backend.history.service import History
from tests.backend.history.history_samples import accepted

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
KITCHEN = Meter("m-1", "171001", "ГВС", "м³", 5, 3, True, place="кухня")
BATH = Meter("m-2", "171002", "ГВС", "м³", 5, 3, True, place="ванна")
DONE = SubmissionRecord(Standing.ACCEPTED, NOW, (), "R-1")


class Billing:
    """One account; each of `troubles` breaks the call it is named after."""

    def __init__(self, meters: Sequence[Meter], readings: Sequence[AcceptedReading]) -> None:
        self.meters, self.given = tuple(meters), tuple(readings)
        self.troubles: dict[str, Exception] = {}
        self.limit = 0

    async def account(self, number: str) -> Account:
        if "account" in self.troubles:
            raise self.troubles["account"]
        return Account(number, Period("2026-11", open=True), self.meters)

    async def readings(self, number: str, limit: int = 36) -> tuple[AcceptedReading, ...]:
        if "readings" in self.troubles:
            raise self.troubles["readings"]
        self.limit = limit
        return self.given


class Receipts:
    """One accepted submission."""

    async def last(self, *_: Any) -> tuple[SubmissionRecord, ...]:
        return (DONE,)


def history(billing: Billing) -> History:
    fake: Any = billing
    return History(fake, Receipts(), Charts(), lambda: NOW, {"vk"})


async def of(billing: Billing) -> AccountHistory:
    return await history(billing).of("vk:1", "7060012345")


async def test_meters_come_in_billing_s_order_with_their_own_readings() -> None:
    readings = [
        accepted("20", "2026-11-20", meter="m-2"),
        accepted("15", "2026-11-20"),
        accepted("10", "2026-10-20", meter="m-2"),
        accepted("12", "2026-10-20"),
    ]
    found = await of(Billing([KITCHEN, BATH], readings))
    assert [meter.meter for meter in found.meters] == [KITCHEN, BATH]
    assert [[one.value for one in meter.readings] for meter in found.meters] == [
        [D(15), D(12)],
        [D(20), D(10)],
    ]
    assert [meter.months[-1].volume for meter in found.meters] == [D(3), D(10)]
    assert found.submissions == (DONE,)
    assert found.trouble is None


async def test_all_meters_show_the_same_months() -> None:
    readings = [accepted("15", "2026-11-20"), accepted("10", "2026-03-20", meter="m-2")]
    found = await of(Billing([KITCHEN, BATH], readings))
    assert {meter.months[-1].month for meter in found.meters} == {date(2026, 11, 1)}


async def test_a_meter_without_readings_is_named_and_not_drawn() -> None:
    (meter,) = (await of(Billing([KITCHEN], []))).meters
    assert meter.readings == ()
    assert not meter.is_drawable


async def test_one_reading_is_listed_and_not_drawn() -> None:
    (meter,) = (await of(Billing([KITCHEN], [accepted("5", "2026-11-20")]))).meters
    assert len(meter.readings) == 1
    assert not meter.is_drawable


async def test_a_meter_that_billing_names_no_more_keeps_its_readings() -> None:
    readings = [accepted("9", "2026-09-20", meter="m-9"), accepted("8", "2026-08-20", meter="m-9")]
    known, old = (await of(Billing([KITCHEN], readings))).meters
    assert known.meter == KITCHEN
    assert (old.number, old.meter, old.unit) == ("171009", None, "")
    assert old.is_drawable


async def test_readings_that_do_not_count_show_no_old_meter() -> None:
    readings = [accepted("9", "2026-09-20", meter="m-9", counts=False)]
    assert [one.meter for one in (await of(Billing([KITCHEN], readings))).meters] == [KITCHEN]


@pytest.mark.parametrize("call", ["account", "readings"])
@pytest.mark.parametrize(
    ("error", "missing"),
    [
        (BillingUnavailable(Trouble.TIMEOUT), Missing.UNAVAILABLE),
        (AccountNotFound(), Missing.NOT_FOUND),
    ],
)
async def test_receipts_are_shown_although_billing_does_not_answer(
    call: str, error: Exception, missing: Missing
) -> None:
    billing = Billing([KITCHEN], [accepted("5", "2026-11-20")])
    billing.troubles[call] = error
    assert await of(billing) == AccountHistory((), (DONE,), missing)


async def test_a_fault_of_ours_is_not_taken_for_billing_being_away() -> None:
    billing = Billing([KITCHEN], [])
    billing.troubles["readings"] = RuntimeError("ours")
    with pytest.raises(RuntimeError, match="ours"):
        await of(billing)


async def test_enough_readings_are_asked_for_to_fill_a_year_of_many_meters() -> None:
    billing = Billing([KITCHEN], [])
    await of(billing)
    assert billing.limit >= 12 * 10


def test_pictures_go_to_the_channels_that_can_show_them() -> None:
    one = history(Billing([], []))
    assert one.shows_pictures("vk")
    assert not one.shows_pictures("viber")
