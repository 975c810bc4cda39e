"""Which part of the event log is looked at: days of the utility's time zone, and a channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

USUAL_DAYS = 14
LONGEST_DAYS = 366


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both included. `channel` None: all channels."""

    first: date
    last: date
    zone: str
    channel: str | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """The values of WITHIN."""
        zone = ZoneInfo(self.zone)
        return {
            "since": datetime.combine(self.first, time(), zone),
            "until": datetime.combine(self.last + timedelta(days=1), time(), zone),
            "channel": self.channel,
            "zone": self.zone,
        }

    @classmethod
    def read(cls, query: dict[str, str], zone: str, today: date) -> Period:
        """The period of a request; what is missing is the last two weeks.

        Raises:
            ValueError: a day is none, or the last comes before the first.
        """
        last = date.fromisoformat(query["to"]) if query.get("to") else today
        usual = last - timedelta(days=USUAL_DAYS - 1)
        first = date.fromisoformat(query["from"]) if query.get("from") else usual
        if not first <= last or (last - first).days >= LONGEST_DAYS:
            raise ValueError("the period is empty or too long")
        return cls(first, last, zone, query.get("channel") or None)


WITHIN = """at >= :since AND at < :until
       AND (CAST(:channel AS text) IS NULL OR split_part(resident, ':', 1) = :channel)"""
