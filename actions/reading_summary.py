"""The summary of an account's readings before they are confirmed."""

from __future__ import annotations

from datetime import date
from typing import Any

from rasa_sdk import Tracker

from actions.meters import counting, from_slot, given, label
from actions.texts import line
from backend.readings.format import date_text, reading_text, volume_text
from backend.readings.rules import ReadingLimits, check
from backend.readings.verdicts import Accepted, Kind, Question

_NOTICES = {
    Kind.VERIFICATION_SOON: "utter_reading_notice_verification_soon",
    Kind.LONG_SILENCE: "utter_reading_notice_long_silence",
}


def summary(tracker: Tracker, domain: dict[str, Any], today: date, limits: ReadingLimits) -> str:
    """One line per meter with its volume, then what the resident should know."""
    meters, values, before = from_slot(tracker), given(tracker), counting(tracker)
    lines, remarks = [], []
    for meter in meters:
        if meter.id not in values:
            continue
        name, value = label(meter, meters), values[meter.id]
        # Every doubt was settled when the value was taken.
        settled = frozenset(kind.value for kind in Kind)
        verdict = check(meter, value, today=today, limits=limits, confirmed=settled)
        volume = verdict.volume if isinstance(verdict, (Accepted, Question)) else None
        if volume is None:
            lines.append(
                line(domain, "utter_volume_line_first", meter=name, value=reading_text(value))
            )
        else:
            amount = volume_text(volume, meter.unit)
            lines.append(line(domain, "utter_volume_line", meter=name, volume=amount))
        if meter.id in before and before[meter.id] != value:
            remarks.append(
                line(
                    domain,
                    "utter_reading_remark_replaces",
                    meter=name,
                    value=reading_text(value),
                    previous=reading_text(before[meter.id]),
                )
            )
        for notice in verdict.notices if isinstance(verdict, Accepted) else ():
            if notice.kind in _NOTICES and notice.when is not None:
                when = date_text(notice.when)
                remarks.append(line(domain, _NOTICES[notice.kind], meter=name, when=when))
    return "\n".join([*lines, *remarks])
