"""Hands confirmed readings over and says what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.help import forget_form
from actions.meters import counting, from_slot, given, label, reading_lines
from actions.resident import event_id_of, resident_of
from actions.texts import has, line
from actions.wiring import services
from backend.readings.format import moment_text, reading_text
from backend.readings.outcomes import Accepted, ConfirmedReading, Refused


class ActionSubmitReadings(Action):
    """Hands the confirmed readings over and says what became of them."""

    def name(self) -> str:
        return "action_submit_readings"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        done: list[EventType] = []
        if tracker.get_slot("readings_confirmed") is True:
            account = str(tracker.get_slot("submission_account"))
            if await self._submit(account, dispatcher, tracker, domain):
                done = [SlotSet("submitted_account", account)]
        return [SlotSet("offered_number", None), *forget_form(tracker), *done]

    @staticmethod
    async def _submit(
        account: str, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> bool:
        """False if the readings were refused."""
        before = counting(tracker)
        readings = _confirmed(tracker, before)
        if not readings:
            dispatcher.utter_message(
                response="utter_readings_unchanged",
                readings=reading_lines(from_slot(tracker), before, domain),
            )
            return True
        outcome = await services().submissions.submit(
            resident_of(tracker), account, readings, event_id=event_id_of(tracker)
        )
        if isinstance(outcome, Accepted):
            dispatcher.utter_message(
                response="utter_readings_accepted",
                account=account,
                readings=_lines(readings, domain),
                receipt=outcome.receipt.receipt_id,
                time=moment_text(outcome.receipt.accepted_at, services().now().tzinfo),
            )
        elif isinstance(outcome, Refused):
            reason = outcome.detail or line(domain, "utter_refusal_unknown")
            own = f"utter_readings_refused_{outcome.code}"
            response = own if has(domain, own) else "utter_readings_refused"
            dispatcher.utter_message(response=response, reason=reason)
            return False
        else:
            dispatcher.utter_message(
                response="utter_readings_waiting",
                account=account,
                readings=_lines(readings, domain),
            )
        return True


def _confirmed(tracker: Tracker, before: dict[str, Decimal]) -> list[ConfirmedReading]:
    """What is to be submitted: every value, or in a correction those that have changed."""
    meters, values = from_slot(tracker), given(tracker)
    readings = []
    for meter in meters:
        value, old = values.get(meter.id), before.get(meter.id)
        if value is None or (tracker.get_slot("correction") and value == old):
            continue
        replaces = old if old != value else None
        readings.append(ConfirmedReading(meter.id, label(meter, meters), value, replaces))
    return readings


def _lines(readings: Sequence[ConfirmedReading], domain: dict[str, Any]) -> str:
    return "\n".join(_line(reading, domain) for reading in readings)


def _line(reading: ConfirmedReading, domain: dict[str, Any]) -> str:
    value = reading_text(reading.value)
    if reading.replaces is None:
        return line(domain, "utter_reading_line", meter=reading.label, value=value)
    return line(
        domain,
        "utter_reading_line_replacing",
        meter=reading.label,
        value=value,
        previous=reading_text(reading.replaces),
    )
