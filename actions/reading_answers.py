"""Turns an answer at a reading question into values, questions and refusals, in words and slots."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.meters import (
    asked_about,
    from_slot,
    given,
    label,
    next_meter,
    reading_lines,
    to_slot,
)
from actions.resident import MOST_FAILURES, count_failure
from backend.billing.model import Meter
from backend.readings.format import date_text, reading_text, volume_text
from backend.readings.reasons import Reason
from backend.readings.recognised import Problem, Recognition
from backend.readings.recognition import recognise
from backend.readings.rules import ReadingLimits, check, propose_from_volume
from backend.readings.verdicts import Accepted, Kind, Question, Refused, Verdict

DONE = "done"
# Doubts that propose another value: «no» means that the typed one was meant.
_INSISTING = frozenset({Kind.VOLUME_INSTEAD.value, Kind.THOUSANDFOLD_SLIP.value})


@dataclass
class ReadingAnswers:
    """One answer of one resident. Every method returns the slots to set."""

    tracker: Tracker
    dispatcher: CollectingDispatcher
    domain: dict[str, Any]
    today: date
    limits: ReadingLimits = field(default_factory=ReadingLimits)

    def __post_init__(self) -> None:
        self.meters = from_slot(self.tracker)
        self.values = given(self.tracker)

    def take(self, words: str) -> dict[str, Any]:
        """Places and checks the numbers of `words`."""
        open_question = self.tracker.get_slot("reading_question")
        asked = self._meter(open_question) or next_meter(self.meters, self.values)
        found = recognise(words, self.meters, asked)
        if open_question and found == Recognition():
            self.dispatcher.utter_message(response="utter_choose_by_button")
            return {**self._slots(open_question), **self._failed()}
        by_id = {meter.id: meter for meter in self.meters}
        question: dict[str, Any] | None = None
        taken = False
        for item in found.assigned:
            meter = by_id[item.meter_id]
            verdict = check(
                meter, item.value, today=self.today, limits=self.limits, as_typed=item.match
            )
            asks = self._settle(meter, item.value, verdict, ask=question is None)
            taken = taken or isinstance(verdict, Accepted)
            question = question or asks
        for hint in found.volume_hints:
            meter_id = hint.meter_id or (asked.id if asked else None)
            if question is None and meter_id and not found.assigned:
                question = self._proposal(by_id[meter_id], hint.value)
        self._comment(found, said_nothing=not (taken or question or found.assigned))
        slots = self._slots(question)
        if not taken and (question is None or question["kind"] == Kind.BELOW_PREVIOUS.value):
            slots.update(self._failed())
        return slots

    def confirm_question(self) -> dict[str, Any]:
        """«Yes» to a doubtful value: takes the proposal, or the value as it was typed."""
        question = self.tracker.get_slot("reading_question")
        if question["kind"] == Kind.BELOW_PREVIOUS.value:
            self.dispatcher.utter_message(response="utter_choose_by_button")
            return self._slots(question)
        value = Decimal(question["proposal"] or question["value"])
        return self._again(question, value)

    def deny_question(self) -> dict[str, Any]:
        """«No» to a doubtful value: the typed value is meant, or the meter is asked again."""
        question = self.tracker.get_slot("reading_question")
        if question["kind"] in _INSISTING and not question["hint"]:
            return self._again(question, Decimal(question["value"]))
        return self._slots(None)

    def explain(self, reason: Reason) -> dict[str, Any]:
        """What became of the meter whose value is not taken, or that has none today."""
        question = self.tracker.get_slot("reading_question")
        meter = self._meter(question) or next_meter(self.meters, self.values)
        if meter is None or reason is Reason.AGAIN:
            return self._slots(None)
        name, previous = label(meter, self.meters), reading_text(meter.last_reading or Decimal(0))
        if reason is Reason.ROLLOVER:
            if question and question["kind"] == Kind.DIAL_OVER.value:
                return self.confirm_question()
            value = reading_text(Decimal(question["value"])) if question else ""
            self.dispatcher.utter_message(
                response="utter_reading_rollover_unlikely",
                meter=name,
                previous=previous,
                value=value,
            )
            return self._slots(None)
        if reason is Reason.REPLACED:
            self.dispatcher.utter_message(
                response="utter_reading_meter_replaced", meter=name, previous=previous
            )
        else:
            self.dispatcher.utter_message(response="utter_reading_skipped", meter=name)
        return self._leave_out(meter)

    def _again(self, question: dict[str, Any], value: Decimal) -> dict[str, Any]:
        """Checks a value of the doubted meter once more, with the doubt settled."""
        meter = self._meter(question)
        assert meter is not None
        confirmed = frozenset({*question["confirmed"], question["kind"]})
        verdict = check(meter, value, today=self.today, limits=self.limits, confirmed=confirmed)
        return self._slots(self._settle(meter, value, verdict, confirmed))

    def _settle(
        self,
        meter: Meter,
        value: Decimal,
        verdict: Verdict,
        confirmed: frozenset[str] = frozenset(),
        *,
        ask: bool = True,
    ) -> dict[str, Any] | None:
        """Keeps an accepted value, says a refusal; returns the question to ask, if `ask`."""
        if isinstance(verdict, Accepted):
            self.values[meter.id] = verdict.value
        elif isinstance(verdict, Question):
            return self._question(meter, value, verdict, confirmed) if ask else None
        elif verdict.kind is Kind.BELOW_PREVIOUS and meter.id not in self.values:
            doubt = Question(verdict.kind, previous=verdict.previous)
            return self._question(meter, value, doubt, confirmed) if ask else None
        else:
            self._refuse(meter, value, verdict)
        return None

    def _meter(self, question: dict[str, Any] | None) -> Meter | None:
        wanted = question and question["meter"]
        return next((meter for meter in self.meters if meter.id == wanted), None)

    def _slots(self, question: dict[str, Any] | None) -> dict[str, Any]:
        complete = question is None and next_meter(self.meters, self.values) is None
        return {
            "readings": {key: format(value, "f") for key, value in self.values.items()},
            "reading_question": question,
            "reading": DONE if complete else None,
            "failures": None,
        }

    def _leave_out(self, meter: Meter) -> dict[str, Any]:
        """The form goes on without the meter; without any it ends."""
        self.meters = [
            replace(one, accepts_readings=False) if one.id == meter.id else one
            for one in self.meters
        ]
        self.values.pop(meter.id, None)
        slots = {**self._slots(None), "meters": to_slot(self.meters)}
        if not asked_about(self.meters):
            self.dispatcher.utter_message(response="utter_readings_none_left")
            slots["submission_blocked"] = "left_out"
        return slots

    def _failed(self) -> dict[str, Any]:
        """Counts an answer that did not fit; before a person's phone comes what is known so far."""
        failures = int(self.tracker.get_slot("failures") or 0) + 1
        if failures >= MOST_FAILURES and self.values:
            self.dispatcher.utter_message(
                response="utter_readings_so_far",
                readings=reading_lines(self.meters, self.values, self.domain),
            )
        return count_failure(self.dispatcher, self.tracker)

    def _question(
        self,
        meter: Meter,
        value: Decimal,
        verdict: Question,
        confirmed: frozenset[str] = frozenset(),
        *,
        hint: bool = False,
    ) -> dict[str, Any]:
        proposal, unit = verdict.proposal, meter.unit
        return {
            "meter": meter.id,
            "kind": verdict.kind.value,
            "value": format(value, "f"),
            "proposal": None if proposal is None else format(proposal, "f"),
            "confirmed": sorted(confirmed),
            # The value was said to be a consumption, so it cannot be meant as a reading.
            "hint": hint,
            "variables": {
                "meter": label(meter, self.meters),
                "value": reading_text(value),
                "proposal": reading_text(value if proposal is None else proposal),
                "volume": _volume(verdict.volume, unit),
                "limit": _volume(_rounded(verdict.limit), unit),
                "previous": "" if verdict.previous is None else reading_text(verdict.previous),
            },
        }

    def _proposal(self, meter: Meter, used: Decimal) -> dict[str, Any] | None:
        verdict = propose_from_volume(meter, used, today=self.today, limits=self.limits)
        if isinstance(verdict, Question) and verdict.proposal is not None:
            return self._question(meter, used, verdict, hint=True)
        if isinstance(verdict, Refused):
            self._refuse(meter, used, verdict)
        return None

    def _refuse(self, meter: Meter, value: Decimal, verdict: Refused) -> None:
        previous = verdict.previous
        variables = {
            "meter": label(meter, self.meters),
            "value": reading_text(value),
            "previous": "" if previous is None else reading_text(previous),
            "allowed": str(verdict.allowed or meter.integer_digits),
            "when": "" if verdict.when is None else date_text(verdict.when),
        }
        self.dispatcher.utter_message(response=f"utter_reading_{verdict.kind.value}", **variables)

    def _comment(self, found: Recognition, *, said_nothing: bool) -> None:
        """Says what in the message was not taken as a reading."""
        if found.not_ours:
            self.dispatcher.utter_message(response="utter_reading_not_ours")
        if Problem.SUM_DISAGREES in found.problems:
            self.dispatcher.utter_message(response="utter_reading_sum_disagrees")
        unclear = [one for one in found.ambiguous if one.problem is Problem.AMBIGUOUS_NUMBER]
        if unclear:
            self.dispatcher.utter_message(
                response="utter_reading_ambiguous", value=unclear[0].match.text
            )
        elif found.leftovers:
            self.dispatcher.utter_message(
                response="utter_reading_which_meter",
                value=", ".join(match.text for match in found.leftovers[:3]),
            )
        elif said_nothing and not found.not_ours:
            self.dispatcher.utter_message(response="utter_reading_not_a_number")


def _volume(value: Decimal | None, unit: str) -> str:
    return "" if value is None else volume_text(value, unit)


def _rounded(limit: Decimal | None) -> Decimal | None:
    """The limit as people say it: whole from ten on."""
    if limit is None:
        return None
    return round(limit, 0 if limit >= 10 else 1)
