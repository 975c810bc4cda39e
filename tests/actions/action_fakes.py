"""Fakes of what actions call: billing, linked accounts, submissions; and meters to talk about."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timezone
from decimal import Decimal as D
from typing import Any
from zoneinfo import ZoneInfo

from backend.accounts.service import MOST_ACCOUNTS, AccountLimitReached, AlreadyLinked
from backend.billing.errors import AccountNotFound, BillingUnavailable, Trouble
from backend.billing.model import AcceptedReading, Account, Balance, Meter, Period, Receipt
from backend.history.charts import Chart
from backend.history.model import SubmissionRecord
from backend.readings.outcomes import Accepted, ConfirmedReading, Outcome

TODAY = date(2019, 12, 20)
NOW = datetime(2019, 12, 20, 12, tzinfo=ZoneInfo("Europe/Moscow"))
OPEN = Period("2019-12", open=True, opens=date(2019, 12, 1), closes=date(2019, 12, 25))
MANUAL = Meter(
    id="m-1",
    number="1710051",
    service="ГВС",
    unit="м³",
    integer_digits=5,
    decimal_digits=3,
    accepts_readings=True,
    place="кухня",
    last_reading=D(56578),
    last_reading_date=date(2019, 12, 3),
    next_verification_date=date(2024, 5, 1),
    average_monthly=D("4.2"),
)
KITCHEN = replace(MANUAL, id="k", number="100001", last_reading=D("167.250"))
BATH = replace(MANUAL, id="b", number="100002", place="ванна", last_reading=D("265.800"))
HEATING = replace(
    MANUAL,
    id="h",
    number="200001",
    service="Отопление",
    unit="Гкал",
    place=None,
    last_reading=D("41.320"),
)
ONE, THREE, NONE = "7060012345", "7060020003", "7060000000"


class FakeBilling:
    """Billing in memory; `down` makes every call fail."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.balances: dict[str, Balance] = {}
        self.histories: dict[str, tuple[AcceptedReading, ...]] = {}
        self.down = False
        self.history_is_away = False
        self.never_answers: set[str] = set()
        self.broken: Exception | None = None

    def put(self, number: str, *meters: Meter, period: Period = OPEN) -> None:
        """An account with these meters."""
        self.accounts[number] = Account(number, period, meters)

    async def account(self, number: str) -> Account:
        if number in self.never_answers:
            await asyncio.Event().wait()
        return self._answer(self.accounts, number)

    async def balance(self, number: str) -> Balance:
        return self._answer(self.balances, number)

    async def readings(self, number: str, limit: int = 36) -> tuple[AcceptedReading, ...]:
        self._answer(self.accounts, number)
        if self.history_is_away:
            raise BillingUnavailable(Trouble.TIMEOUT)
        return self.histories.get(number, ())[:limit]

    def _answer(self, where: dict[str, Any], number: str) -> Any:
        if self.broken is not None:
            raise self.broken
        if self.down:
            raise BillingUnavailable(Trouble.TIMEOUT)
        if number not in where:
            raise AccountNotFound
        return where[number]


class FakeAccounts:
    """Linked accounts in memory, with the limits of the real ones."""

    def __init__(self) -> None:
        self.linked: dict[str, list[str]] = {}

    async def of(self, resident: str) -> tuple[str, ...]:
        return tuple(self.linked.get(resident, ()))

    async def link(self, resident: str, account: str) -> None:
        linked = self.linked.setdefault(resident, [])
        if account in linked:
            raise AlreadyLinked
        if len(linked) >= MOST_ACCOUNTS:
            raise AccountLimitReached
        linked.append(account)

    async def unlink(self, resident: str, account: str) -> bool:
        linked = self.linked.get(resident, [])
        if account not in linked:
            return False
        linked.remove(account)
        return True


class FakeSubmissions:
    """Remembers what is submitted; `outcome` is what becomes of it.

    `waiting` holds what earlier submissions of an account have not brought to billing yet.
    """

    def __init__(self) -> None:
        self.readings: list[tuple[ConfirmedReading, ...]] = []
        self.waiting: dict[str, dict[str, D]] = {}
        self.made: list[tuple[str, str, dict[str, D], str]] = []
        self.outcome: Outcome = Accepted(
            Receipt("R-77", datetime(2019, 12, 20, tzinfo=timezone.utc), "2019-12")
        )

    async def submit(
        self, resident: str, account: str, readings: Sequence[ConfirmedReading], *, event_id: str
    ) -> Outcome:
        values = {one.meter_id: one.value for one in readings}
        self.made.append((resident, account, values, event_id))
        self.readings.append(tuple(readings))
        return self.outcome

    async def unsent(self, account: str) -> dict[str, D]:
        return self.waiting.get(account, {})


class FakeReceipts:
    """What the resident has submitted, by (resident, account)."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], tuple[SubmissionRecord, ...]] = {}

    async def last(self, resident: str, account: str, limit: int) -> tuple[SubmissionRecord, ...]:
        return self.kept.get((resident, account), ())[:limit]


class FakeCharts:
    """Remembers what is drawn; `broken` draws nothing."""

    def __init__(self) -> None:
        self.drawn: list[Chart] = []
        self.broken = False

    async def draw(self, charts: Sequence[Chart]) -> list[bytes] | None:
        self.drawn += charts
        return None if self.broken else [b"png %d" % number for number in range(len(charts))]


class FakeReminders:
    """Choices in memory; `offers` are the events after whose readings an offer is due."""

    def __init__(self) -> None:
        self.choices: dict[str, bool] = {}
        self.offers: set[str] = set()
        self.channels = {"vk", "viber"}

    def sent_in(self, resident: str) -> bool:
        return resident.partition(":")[0] in self.channels

    async def wanted(self, resident: str) -> bool | None:
        return self.choices.get(resident)

    async def turn_on(self, resident: str, now: datetime) -> None:
        assert now == NOW
        self.choices[resident] = True

    async def turn_off(self, resident: str, now: datetime) -> None:
        assert now == NOW
        self.choices[resident] = False

    async def may_offer(self, resident: str, event_id: str) -> bool:
        return event_id in self.offers
