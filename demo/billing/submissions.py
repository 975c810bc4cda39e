"""Reading a submission out of a request's JSON, strictly as the contract describes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

CHANNELS = frozenset({"viber", "vk", "max", "telegram", "web"})
_VALUE = re.compile(r"[0-9]{1,9}([.][0-9]{1,3})?")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})([.][0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


class Invalid(Exception):
    """The body does not fit the contract; `field` says where."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True)
class Submission:
    """Values by meter id, as the resident's channel sent them."""

    channel: str
    submitted_at: str
    readings: dict[str, Decimal]
    values: tuple[tuple[str, str], ...]


def parse(body: object) -> Submission:
    """Raises Invalid for anything that the contract does not allow; ignores unknown fields."""
    if not isinstance(body, dict):
        raise Invalid("body")
    channel = body.get("channel")
    if not isinstance(channel, str) or channel not in CHANNELS:
        raise Invalid("channel")
    submitted_at = body.get("submitted_at")
    if not isinstance(submitted_at, str) or not _is_time(submitted_at):
        raise Invalid("submitted_at")
    items = body.get("readings")
    if not isinstance(items, list) or not items:
        raise Invalid("readings")
    values = tuple(_reading(item, f"readings[{index}]") for index, item in enumerate(items))
    readings = {meter_id: Decimal(value) for meter_id, value in values}
    if len(readings) != len(values):
        raise Invalid("readings")
    return Submission(channel, submitted_at, readings, values)


def _reading(item: object, where: str) -> tuple[str, str]:
    if not isinstance(item, dict):
        raise Invalid(where)
    meter_id, value = item.get("meter_id"), item.get("value")
    if not isinstance(meter_id, str):
        raise Invalid(f"{where}.meter_id")
    if not isinstance(value, str) or not _VALUE.fullmatch(value):
        raise Invalid(f"{where}.value")
    return meter_id, value


def _is_time(text: str) -> bool:
    match = _TIME.fullmatch(text)
    if match is None:
        return False
    day, clock, _, offset = match.groups()
    try:
        datetime.fromisoformat(f"{day}T{clock}{'+00:00' if offset in 'Zz' else offset}")
    except ValueError:
        return False
    return True
