"""The words of an account's history: lists, the chart, the table, receipts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any

from actions.meters import label
from actions.texts import has, line
from backend.history.charts import Bar, Chart, Panel
from backend.history.model import (
    MeterHistory,
    MonthVolume,
    PastReading,
    Standing,
    SubmissionRecord,
)
from backend.readings.format import (
    date_text,
    moment_text,
    reading_text,
    short_volume_text,
    volume_text,
)

SHOWN_READINGS = 5
# More meters than these make several pictures, and more pictures than those are not sent.
METERS_PER_PICTURE = 4
MOST_PICTURES = 3
UNKNOWN = "—"
SHORT_MONTH = 3


@dataclass(frozen=True)
class HistoryTexts:
    """Words the history of an account's `meters` with the texts of the domain."""

    domain: dict[str, Any]
    meters: tuple[MeterHistory, ...]

    def readings(self) -> str:
        """Every meter with its last readings, newest first."""
        return "\n\n".join(
            line(
                self.domain,
                "utter_history_meter",
                meter=self._name(meter),
                readings="\n".join(
                    self._reading(reading, meter.unit)
                    for reading in meter.readings[:SHOWN_READINGS]
                )
                or line(self.domain, "utter_history_meter_none"),
            )
            for meter in self.meters
        )

    def charts(self) -> list[Chart]:
        """The pictures to draw, none if no month's volume is known."""
        drawable = [meter for meter in self.meters if meter.is_drawable]
        drawable = drawable[: METERS_PER_PICTURE * MOST_PICTURES]
        return [
            Chart(
                title=line(self.domain, "utter_history_chart_title"),
                note=line(self.domain, "utter_history_chart_note"),
                panels=tuple(
                    Panel(self._name_with_unit(meter), _bars(meter.months))
                    for meter in drawable[first : first + METERS_PER_PICTURE]
                ),
            )
            for first in range(0, len(drawable), METERS_PER_PICTURE)
        ]

    def table(self) -> str:
        """The same volumes as lines; empty if none is known."""
        drawable = [meter for meter in self.meters if meter.is_drawable]
        blocks = [
            line(
                self.domain,
                "utter_history_meter",
                meter=self._name_with_unit(meter),
                readings="\n".join(
                    self._month(month) for month in meter.months if month.volume is not None
                ),
            )
            for meter in drawable
        ]
        if any(month.estimated for meter in drawable for month in meter.months):
            blocks.append(line(self.domain, "utter_history_table_note"))
        return "\n\n".join(blocks)

    def _name(self, meter: MeterHistory) -> str:
        if meter.meter is None:
            return line(self.domain, "utter_history_old_meter", number=meter.number)
        return label(meter.meter, [one.meter for one in self.meters if one.meter is not None])

    def _name_with_unit(self, meter: MeterHistory) -> str:
        name = self._name(meter)
        if not meter.unit:
            return name
        return line(self.domain, "utter_history_chart_meter", meter=name, unit=meter.unit)

    def _reading(self, reading: PastReading, unit: str) -> str:
        day, value = date_text(reading.date), reading_text(reading.value)
        details = []
        if reading.volume is not None:
            volume = volume_text(reading.volume, unit)
            details.append(line(self.domain, "utter_history_volume", volume=volume))
        if reading.channel:
            known = f"utter_history_channel_{reading.channel}"
            way = line(self.domain, known) if has(self.domain, known) else reading.channel
            details.append(line(self.domain, "utter_history_channel", way=way))
        if not details:
            return line(self.domain, "utter_history_reading", date=day, value=value)
        return line(
            self.domain,
            "utter_history_reading_with",
            date=day,
            value=value,
            details="; ".join(details),
        )

    def _month(self, month: MonthVolume) -> str:
        assert month.volume is not None
        response = "utter_history_month_estimated" if month.estimated else "utter_history_month"
        return line(
            self.domain,
            response,
            month=f"{month_name(month.month)} {month.month.year}",
            volume=reading_text(month.volume),
        )


def receipts(
    domain: dict[str, Any], submissions: Sequence[SubmissionRecord], zone: tzinfo | None
) -> str:
    """The submissions with their times, outcomes and values, newest first."""
    return "\n\n".join(_receipt(domain, one, zone) for one in submissions)


def _receipt(domain: dict[str, Any], submission: SubmissionRecord, zone: tzinfo | None) -> str:
    time = moment_text(submission.at, zone)
    readings = "\n".join(
        line(domain, "utter_reading_line", meter=reading.label, value=reading_text(reading.value))
        for reading in submission.readings
    )
    if submission.standing in (Standing.ACCEPTED, Standing.REPLACED):
        receipt = submission.receipt or UNKNOWN
        if submission.standing is Standing.REPLACED:
            return line(
                domain, "utter_receipt_replaced", time=time, receipt=receipt, readings=readings
            )
        return line(domain, "utter_receipt_accepted", time=time, receipt=receipt, readings=readings)
    if submission.standing is Standing.REFUSED:
        reason = submission.reason or line(domain, "utter_refusal_unknown")
        return line(domain, "utter_receipt_refused", time=time, reason=reason, readings=readings)
    return line(domain, "utter_receipt_waiting", time=time, readings=readings)


def _bars(months: Sequence[MonthVolume]) -> tuple[Bar, ...]:
    return tuple(
        Bar(
            month=_month_label(month.month, with_year=index == 0 or month.month.month == 1),
            volume=month.volume,
            value=UNKNOWN if month.volume is None else short_volume_text(month.volume),
            estimated=month.estimated and month.volume is not None,
        )
        for index, month in enumerate(months)
    )


def _month_label(month: date, *, with_year: bool) -> str:
    name = month_name(month)
    return f"{name}\n{month.year}" if with_year else name


def month_name(month: date) -> str:
    """The first three letters of the month's name."""
    from babel.dates import get_month_names

    names = get_month_names("abbreviated", context="stand-alone", locale="ru")
    return str(names[month.month])[:SHORT_MONTH]
