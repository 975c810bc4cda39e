"""Turns an answer at a reading question into values, questions and refusals, in words and slots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.meters import from_slot, given, label, next_meter
from actions.resident import count_failure
from actions.texts import line
from backend.billing.model import Meter
from backend.readings.format import date_text, reading_text, volume_text
from backend.readings.recognised import Problem, Recognition
from backend.readings.recognition import recognise
from backend.readings.rules import check, propose_from_volume
from backend.readings.verdicts import Accepted, Kind, Question, Refused, Verdict

DONE = "done"
_NOTICES = {
    Kind.VERIFICATION_SOON: "utter_reading_notice_verification_soon",
    Kind.LONG_SILENCE: "utter_reading_notice_long_silence",
}


@dataclass
class ReadingAnswers:
    """One answer of one resident. Every method returns the slots to set."""

    tracker: Tracker
    dispatcher: CollectingDispatcher
    domain: dict[str, Any]
    today: date

    def take(self, words: str) -> dict[str, Any]:
        """Places and checks the numbers of `words`."""
        meters, values = from_slot(self.tracker), given(self.tracker)
        asked = next_meter(meters, values)
        found = recognise(words, meters, asked)
        open_question = self.tracker.get_slot("reading_question")
        if open_question and found == Recognition():
            self.dispatcher.utter_message(response="utter_choose_by_button")
            slots = self._slots(meters, values, open_question)
            return {**slots, **count_failure(self.dispatcher, self.tracker)}
        by_id = {meter.id: meter for meter in meters}
        question: dict[str, Any] | None = None
        taken = False
        for item in found.assigned:
            meter = by_id[item.meter_id]
            verdict = check(meter, item.value, today=self.today, as_typed=item.match)
            if isinstance(verdict, Accepted):
                values[meter.id] = verdict.value
                taken = True
            elif isinstance(verdict, Question) and question is None:
                question = self._question(meter, item.value, verdict)
            elif isinstance(verdict, Refused):
                self._refuse(meter, item.value, verdict)
        for hint in found.volume_hints:
            meter_id = hint.meter_id or (asked.id if asked else None)
            if question is None and meter_id and not found.assigned:
                proposed = propose_from_volume(by_id[meter_id], hint.value, today=self.today)
                question = self._proposal(by_id[meter_id], hint.value, proposed)
        self._comment(found, said_nothing=not (taken or question or found.assigned))
        slots = self._slots(meters, values, question)
        if not taken and question is None:
            slots.update(count_failure(self.dispatcher, self.tracker))
        return slots

    def confirm_question(self) -> dict[str, Any]:
        """«Yes» to a doubtful value: takes the proposal, or the value as it was typed."""
        question = self.tracker.get_slot("reading_question")
        meters, values = from_slot(self.tracker), given(self.tracker)
        meter = next(meter for meter in meters if meter.id == question["meter"])
        value = Decimal(question["proposal"] or question["value"])
        confirmed = frozenset({*question["confirmed"], question["kind"]})
        verdict = check(meter, value, today=self.today, confirmed=confirmed)
        if isinstance(verdict, Accepted):
            values[meter.id] = verdict.value
            return self._slots(meters, values, None)
        if isinstance(verdict, Question):
            next_question = self._question(meter, value, verdict, confirmed)
            return self._slots(meters, values, next_question)
        self._refuse(meter, value, verdict)
        return self._slots(meters, values, None)

    def drop_question(self) -> dict[str, Any]:
        """«No» to a doubtful value: the meter is asked again."""
        return self._slots(from_slot(self.tracker), given(self.tracker), None)

    def _slots(
        self, meters: list[Meter], values: dict[str, Decimal], question: dict[str, Any] | None
    ) -> dict[str, Any]:
        complete = question is None and next_meter(meters, values) is None
        return {
            "readings": {key: format(value, "f") for key, value in values.items()},
            "reading_question": question,
            "reading": DONE if complete else None,
            "failures": None,
        }

    def _question(
        self,
        meter: Meter,
        value: Decimal,
        verdict: Question,
        confirmed: frozenset[str] = frozenset(),
    ) -> dict[str, Any]:
        proposal = verdict.proposal
        unit = meter.unit
        return {
            "meter": meter.id,
            "kind": verdict.kind.value,
            "value": format(value, "f"),
            "proposal": None if proposal is None else format(proposal, "f"),
            "confirmed": sorted(confirmed),
            "variables": {
                "value": reading_text(value),
                "proposal": reading_text(value if proposal is None else proposal),
                "volume": "" if verdict.volume is None else volume_text(verdict.volume, unit),
                "previous": "" if verdict.previous is None else reading_text(verdict.previous),
            },
        }

    def _proposal(self, meter: Meter, used: Decimal, verdict: Verdict) -> dict[str, Any] | None:
        if isinstance(verdict, Question) and verdict.proposal is not None:
            return self._question(meter, used, verdict)
        if isinstance(verdict, Refused):
            self._refuse(meter, used, verdict)
        return None

    def _refuse(self, meter: Meter, value: Decimal, verdict: Refused) -> None:
        previous = verdict.previous
        variables = {
            "value": reading_text(value),
            "previous": "" if previous is None else reading_text(previous),
            "allowed": str(verdict.allowed or meter.integer_digits),
        }
        self.dispatcher.utter_message(response=f"utter_reading_{verdict.kind.value}", **variables)

    def _comment(self, found: Recognition, *, said_nothing: bool) -> None:
        """Says what in the message was not taken as a reading."""
        if found.not_ours:
            self.dispatcher.utter_message(response="utter_reading_not_ours")
        if Problem.SUM_DISAGREES in found.problems:
            self.dispatcher.utter_message(response="utter_reading_sum_disagrees")
        if found.ambiguous:
            self.dispatcher.utter_message(
                response="utter_reading_ambiguous", value=found.ambiguous[0].match.text
            )
        elif found.leftovers:
            self.dispatcher.utter_message(
                response="utter_reading_which_meter",
                value=", ".join(match.text for match in found.leftovers[:3]),
            )
        elif said_nothing and not found.not_ours:
            self.dispatcher.utter_message(response="utter_reading_not_a_number")


def summary(tracker: Tracker, domain: dict[str, Any], today: date) -> str:
    """One line per meter with its volume, then what the resident should know."""
    meters, values = from_slot(tracker), given(tracker)
    lines, remarks = [], []
    for meter in meters:
        if meter.id not in values:
            continue
        name, value = label(meter, meters), values[meter.id]
        # Every doubt was settled when the value was taken.
        settled = frozenset(kind.value for kind in Kind)
        verdict = check(meter, value, today=today, confirmed=settled)
        volume = verdict.volume if isinstance(verdict, (Accepted, Question)) else None
        if volume is None:
            lines.append(
                line(domain, "utter_volume_line_first", meter=name, value=reading_text(value))
            )
        else:
            amount = volume_text(volume, meter.unit)
            lines.append(line(domain, "utter_volume_line", meter=name, volume=amount))
        for notice in verdict.notices if isinstance(verdict, Accepted) else ():
            if notice.kind in _NOTICES and notice.when is not None:
                when = date_text(notice.when)
                remarks.append(line(domain, _NOTICES[notice.kind], meter=name, when=when))
    return "\n".join([*lines, *remarks])
