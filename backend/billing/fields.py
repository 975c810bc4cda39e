"""Strict reading of JSON objects: wrong types are errors, unknown fields are not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

_DECIMAL = re.compile(r"-?[0-9]{1,12}([.][0-9]{1,9})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2})([.][0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


class ContractBroken(Exception):
    """An answer does not fit the contract. `where` names the field, never its value."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


class Fields:
    """One JSON object of an answer. Every method raises ContractBroken for an unfit value."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, Mapping):
            raise ContractBroken(where)
        self._fields = value
        self.where = where

    def text(self, name: str) -> str:
        """A string that is not empty."""
        value = self._fields.get(name)
        if not isinstance(value, str) or not value:
            raise self.broken(name)
        return value

    def optional_text(self, name: str) -> str | None:
        """A string; None if it is missing, null or empty."""
        value = self._fields.get(name)
        if value is not None and not isinstance(value, str):
            raise self.broken(name)
        return value or None

    def integer(self, name: str, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        value = self._fields.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.broken(name)
        return value

    def flag(self, name: str) -> bool:
        """true or false."""
        value = self._fields.get(name)
        if not isinstance(value, bool):
            raise self.broken(name)
        return value

    def decimal(self, name: str) -> Decimal:
        """A decimal number written as a string: a JSON number may have been a float on its way."""
        value = self.text(name)
        if not _DECIMAL.fullmatch(value):
            raise self.broken(name)
        return Decimal(value)

    def optional_decimal(self, name: str) -> Decimal | None:
        """A decimal string; None if it is missing or null."""
        return None if self._fields.get(name) is None else self.decimal(name)

    def optional_reading(self, name: str) -> Decimal | None:
        """What a dial shows, so never negative; None if it is missing or null."""
        return None if self._fields.get(name) is None else self.reading(name)

    def reading(self, name: str) -> Decimal:
        """What a dial shows, so never negative."""
        value = self.decimal(name)
        if value.is_signed():
            raise self.broken(name)
        return value

    def day(self, name: str) -> date:
        """A calendar date, YYYY-MM-DD."""
        value = self.text(name)
        try:
            if _DATE.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise self.broken(name)

    def optional_day(self, name: str) -> date | None:
        """A calendar date; None if it is missing or null."""
        return None if self._fields.get(name) is None else self.day(name)

    def moment(self, name: str) -> datetime:
        """An RFC 3339 time; always has an offset."""
        match = _TIME.fullmatch(self.text(name))
        if match is None:
            raise self.broken(name)
        day, clock, fraction, offset = match.groups()
        micros = (fraction or ".0")[1:7].ljust(6, "0")
        offset = "+00:00" if offset in "Zz" else offset
        try:
            return datetime.fromisoformat(f"{day}T{clock}.{micros}{offset}")
        except ValueError:
            raise self.broken(name) from None

    def object(self, name: str) -> Fields:
        """A nested object."""
        return Fields(self._fields.get(name), f"{self.where}.{name}")

    def objects(self, name: str) -> list[Fields]:
        """A list of objects, possibly empty."""
        value = self._fields.get(name)
        if not isinstance(value, list):
            raise self.broken(name)
        return [Fields(item, f"{self.where}.{name}[{index}]") for index, item in enumerate(value)]

    def broken(self, name: str) -> ContractBroken:
        """The error that names the field `name` of this object."""
        return ContractBroken(f"{self.where}.{name}")
