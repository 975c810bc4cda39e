"""The demo's accounts out of seeds.yml, with every date made a real one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import yaml

from demo.billing.faults import Fault
from demo.billing.periods import Rule, months_before

SEEDS = Path(__file__).with_name("seeds.yml")
_DAYS = re.compile(r"([+-][0-9]+)d")


@dataclass(frozen=True)
class Meter:
    """A meter as billing keeps it, without its readings."""

    id: str
    number: str
    service: str
    place: str | None
    unit: str
    integer_digits: int
    decimal_digits: int
    verification: date | None
    average: Decimal | None
    refusal: str | None

    @property
    def name(self) -> str:
        """What residents know it by."""
        return f"{self.service} №{self.number}"


@dataclass(frozen=True)
class SeedReading:
    """A reading that was accepted before the demo began."""

    account: str
    meter_id: str
    value: str
    date: date


@dataclass(frozen=True)
class Account:
    """An account as billing keeps it."""

    number: str
    about: str
    address: str
    rule: Rule
    meters: dict[str, Meter]
    amount: str
    pay_url: str | None
    behaviour: Fault | None


@dataclass(frozen=True)
class Seeds:
    """All accounts by number, and the readings to begin with, oldest first."""

    accounts: dict[str, Account]
    readings: tuple[SeedReading, ...]


def load(today: date, path: Path = SEEDS, crowd: int | None = None) -> Seeds:
    """Reads the seeds as they are on `today`; `crowd` plain accounts instead of the file's."""
    content: dict[str, Any] = _content(path)
    entries = [*content["accounts"], *_crowd(content["crowd"], crowd)]
    accounts = [_account(entry, today) for entry in entries]
    readings = [
        reading
        for entry in entries
        for meter in entry["meters"]
        for reading in _history(entry["number"], meter, today)
    ]
    return Seeds(
        accounts={account.number: account for account in accounts},
        readings=tuple(sorted(readings, key=lambda reading: reading.date)),
    )


@cache
def _content(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def _crowd(entry: Mapping[str, Any], count: int | None) -> Iterator[dict[str, Any]]:
    first, width = int(entry["first"]), len(entry["first"])
    for index in range(entry["count"] if count is None else count):
        yield {
            "number": str(first + index).zfill(width),
            "about": "",
            "address": f"{entry['address']}, кв. {index + 1}",
            "period": entry["period"],
            "meters": [
                {**entry["meter"], "number": str(int(entry["meter"]["number"]) + index)},
            ],
        }


def _account(entry: Mapping[str, Any], today: date) -> Account:
    balance = entry.get("balance", {"amount": "0.00"})
    behaviour = entry.get("behaviour")
    return Account(
        number=entry["number"],
        about=entry["about"],
        address=entry["address"],
        rule=_rule(entry.get("period")),
        meters={meter["id"]: _meter(meter, today) for meter in entry["meters"]},
        amount=balance["amount"],
        pay_url=balance.get("pay_url"),
        behaviour=Fault(**behaviour) if behaviour else None,
    )


def _rule(entry: Any) -> Rule:
    if entry is None:
        return Rule()
    if entry == "closed":
        return Rule(never=True)
    closes = entry["closes"]
    return Rule(entry["opens"], None if closes == "last" else closes)


def _meter(entry: Mapping[str, Any], today: date) -> Meter:
    average = entry.get("average")
    integer_digits, decimal_digits = entry["digits"]
    return Meter(
        id=entry["id"],
        number=entry["number"],
        service=entry["service"],
        place=entry.get("place"),
        unit=entry["unit"],
        integer_digits=integer_digits,
        decimal_digits=decimal_digits,
        verification=_day(entry["verification"], today) if entry.get("verification") else None,
        average=Decimal(average) if average else None,
        refusal=entry.get("refusal"),
    )


def _history(account: str, entry: Mapping[str, Any], today: date) -> Iterator[SeedReading]:
    if "last" not in entry:
        return
    value, last = Decimal(entry["last"]), _day(entry["last_date"], today)
    if _DAYS.fullmatch(entry["last_date"]):
        # Nobody has given a reading in the month that is running.
        last = min(last, today.replace(day=1) - timedelta(days=1))
    yield SeedReading(account, entry["id"], str(value), last)
    history = entry.get("history", {"months": 0, "usage": ["0"]})
    for months, volume in enumerate(islice(cycle(history["usage"]), history["months"]), start=1):
        value -= Decimal(volume)
        if value < 0:
            return
        yield SeedReading(account, entry["id"], str(value), months_before(last, months))


def _day(text: str, today: date) -> date:
    days = _DAYS.fullmatch(text)
    return today + timedelta(days=int(days[1])) if days else date.fromisoformat(text)
