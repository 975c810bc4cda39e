"""What the form of readings asks: the account, each meter, the confirmation, the correction."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.accounts import ask_account
from actions.meters import ALL_METERS, asked_about, from_slot, given, label, next_meter
from actions.reading_summary import summary
from actions.texts import button
from actions.wiring import services
from backend.readings.format import date_text, reading_text
from backend.readings.reasons import Reason
from backend.readings.verdicts import Kind


class ActionAskSubmissionAccount(Action):
    """Asks for which account readings are given, one button each."""

    def name(self) -> str:
        return "action_ask_submit_readings_form_submission_account"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        return await ask_account("utter_ask_submission_account", dispatcher, tracker, domain)


class ActionAskReading(Action):
    """Asks for the next meter's reading, or for a word on a doubtful value."""

    def name(self) -> str:
        return "action_ask_submit_readings_form_reading"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        meters = from_slot(tracker)
        question = tracker.get_slot("reading_question")
        if question:
            dispatcher.utter_message(
                response=f"utter_reading_question_{question['kind']}",
                buttons=self._answers(question["kind"], domain),
                **question["variables"],
            )
            return []
        meter = next_meter(meters, given(tracker))
        if meter is None:
            return []
        name = label(meter, meters)
        skip = [_reason(domain, Reason.SKIP)] if len(asked_about(meters)) > 1 else []
        if meter.last_reading is None:
            dispatcher.utter_message(response="utter_ask_reading_first", buttons=skip, meter=name)
        elif meter.last_reading_date is None:
            dispatcher.utter_message(
                response="utter_ask_reading_undated",
                buttons=skip,
                meter=name,
                previous=reading_text(meter.last_reading),
            )
        else:
            dispatcher.utter_message(
                response="utter_ask_reading",
                buttons=skip,
                meter=name,
                previous=reading_text(meter.last_reading),
                previous_date=date_text(meter.last_reading_date),
            )
        return []

    @staticmethod
    def _answers(kind: str, domain: dict[str, Any]) -> list[dict[str, str]]:
        """The buttons of a doubt; at a value below the previous there are more ways than two."""
        if kind == Kind.BELOW_PREVIOUS.value:
            ways = [Reason.AGAIN, Reason.REPLACED, Reason.ROLLOVER]
            cancel = button(domain, "utter_button_cancel", "/cancel")
            return [*(_reason(domain, way) for way in ways), cancel]
        answers = [
            button(domain, "utter_button_yes", "/affirm"),
            button(domain, "utter_button_no", "/deny"),
        ]
        replaced = [_reason(domain, Reason.REPLACED)] if kind == Kind.DIAL_OVER.value else []
        return [*answers, *replaced]


def _reason(domain: dict[str, Any], reason: Reason) -> dict[str, str]:
    payload = f'/explain_reading{{"reason": "{reason.value}"}}'
    return button(domain, f"utter_button_{reason.value}", payload)


class ActionAskReadingsConfirmed(Action):
    """Shows the volume of each meter and asks for the confirmation."""

    def name(self) -> str:
        return "action_ask_submit_readings_form_readings_confirmed"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        dispatcher.utter_message(
            response="utter_ask_readings_confirmed",
            volumes=summary(tracker, domain, services().now().date(), services().limits),
        )
        return []


class ActionAskMeterToCorrect(Action):
    """Asks which of several readings is wrong."""

    def name(self) -> str:
        return "action_ask_submit_readings_form_meter_to_correct"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        meters, values = from_slot(tracker), given(tracker)
        buttons = [
            button(
                domain,
                "utter_button_meter",
                f'/select_meter{{"meter": "{meter.id}"}}',
                meter=label(meter, meters),
                value=reading_text(values[meter.id]) if meter.id in values else "",
            )
            for meter in asked_about(meters)
        ]
        buttons.append(
            button(domain, "utter_button_all_meters", f'/select_meter{{"meter": "{ALL_METERS}"}}')
        )
        buttons.append(button(domain, "utter_button_cancel", "/cancel"))
        dispatcher.utter_message(response="utter_ask_meter_to_correct", buttons=buttons)
        return []
