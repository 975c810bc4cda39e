"""The seeded accounts are what their descriptions say, on any day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import httpx
import pytest

from demo.billing.periods import Rule, months_before, period_on
from demo.billing.running import RunningBilling
from demo.billing.seeds import load

DAYS = [date(2019, 12, 20), date(2024, 2, 29), date(2026, 1, 1), date(2026, 1, 31)]
NOT_OPEN = {"7060070001"}
COMPANY_RULE = "7060075001"


@pytest.mark.parametrize("today", DAYS)
def test_all_accounts_but_the_closed_one_take_readings_on_any_day(today: date) -> None:
    for number, account in load(today).accounts.items():
        if number != COMPANY_RULE:
            assert period_on(today, account.rule).open is (number not in NOT_OPEN), number


@pytest.mark.parametrize("today", DAYS)
def test_histories_grow_and_never_pass_the_dial_or_the_day(today: date) -> None:
    seeds = load(today)
    last: dict[tuple[str, str], Decimal] = {}
    for reading in seeds.readings:
        meter = seeds.accounts[reading.account].meters[reading.meter_id]
        value = Decimal(reading.value)
        assert reading.date < today
        assert last.get((reading.account, meter.id), Decimal(0)) <= value
        assert value < 10**meter.integer_digits
        last[reading.account, meter.id] = value


@pytest.mark.parametrize("today", [*DAYS, date(2026, 11, 24)])
def test_nobody_has_given_a_reading_in_the_running_month_yet(today: date) -> None:
    first = today.replace(day=1)
    written_out = {"7060012345"}  # The manual's reading keeps its date.
    days = [one.date for one in load(today).readings if one.account not in written_out]
    assert max(days) < first


def test_the_cast_is_complete() -> None:
    today = date(2026, 3, 10)
    accounts = load(today).accounts
    assert len(accounts["7060012345"].meters) == 1
    assert len(accounts["7060020003"].meters) == 3
    assert accounts["7060030000"].meters == {}
    expired = [
        meter.verification < today
        for meter in accounts["7060040002"].meters.values()
        if meter.verification
    ]
    assert expired == [False, True]
    assert all(meter.refusal for meter in accounts["7060050009"].meters.values())
    five = [account for account in accounts.values() if account.number.startswith("706010")]
    assert [len(account.meters) for account in five] == [3] * 5
    soon = accounts["7060130001"].meters["m-1"].verification
    assert soon
    assert timedelta(0) < soon - today < timedelta(90)
    amounts = {Decimal(account.amount) for account in accounts.values()}
    assert min(amounts) < 0 < max(amounts)
    assert Decimal(0) in amounts
    assert sum(number.startswith("7069") for number in accounts) == 500


def test_a_load_test_has_as_many_plain_accounts_as_it_asks_for() -> None:
    accounts = load(date(2026, 3, 10), crowd=1200).accounts
    assert sum(number.startswith("7069") for number in accounts) == 1200
    assert "7069001200" in accounts


def test_the_newest_meter_has_no_previous_reading(client: httpx.Client) -> None:
    meter = client.get("/accounts/7060060001").json()["meters"][0]
    assert (meter["last_reading"], meter["last_reading_date"]) == (None, None)


def test_an_expired_meter_says_why_it_takes_no_readings(client: httpx.Client) -> None:
    first, second = client.get("/accounts/7060040002").json()["meters"]
    assert (first["accepts_readings"], first["refusal"]) == (True, None)
    assert (second["accepts_readings"], second["refusal"]) == (False, "истёк срок поверки")


def test_a_crowd_account_works_like_any_other(client: httpx.Client) -> None:
    assert client.get("/accounts/7069000500").json()["meters"][0]["number"] == "9000499"


def test_the_control_lists_what_each_account_is_for(demo: RunningBilling) -> None:
    listed = demo.control.accounts()
    assert listed[0]["number"] == "7060012345"
    assert all(account["about"] for account in listed)


@pytest.mark.parametrize(
    ("today", "rule", "expected"),
    [
        (date(2019, 12, 20), Rule(), ("2019-12", date(2019, 12, 1), date(2019, 12, 25), True)),
        (date(2019, 12, 25), Rule(), ("2019-12", date(2019, 12, 1), date(2019, 12, 25), True)),
        (date(2019, 12, 26), Rule(), ("2020-01", date(2020, 1, 1), date(2020, 1, 25), False)),
        (
            date(2019, 12, 14),
            Rule(15, 25),
            ("2019-12", date(2019, 12, 15), date(2019, 12, 25), False),
        ),
        (
            date(2024, 2, 29),
            Rule(1, None),
            ("2024-02", date(2024, 2, 1), date(2024, 2, 29), True),
        ),
        (
            date(2019, 12, 20),
            Rule(never=True),
            ("2020-01", date(2020, 1, 1), date(2020, 1, 25), False),
        ),
        (
            date(2023, 2, 10),
            Rule(31, 31),
            ("2023-02", date(2023, 2, 28), date(2023, 2, 28), False),
        ),
    ],
)
def test_the_period_is_the_open_one_or_the_next_to_open(
    today: date, rule: Rule, expected: tuple[str, date, date, bool]
) -> None:
    period = period_on(today, rule)
    assert (period.month, period.opens, period.closes, period.open) == expected


def test_months_are_counted_back_to_days_that_exist() -> None:
    assert months_before(date(2024, 3, 31), 1) == date(2024, 2, 29)
    assert months_before(date(2024, 1, 15), 13) == date(2022, 12, 15)
