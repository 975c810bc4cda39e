"""Giving readings: the check of each answer in the form, then the submission."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.accounts import chosen_account, match_account, yes_or_no
from actions.help import LEAVING, forget_form
from actions.meters import ALL_METERS, all_named, from_slot, given, label, named_meter, to_slot
from actions.reading_answers import ReadingAnswers
from actions.resident import (
    ANSWERS,
    UNCLEAR,
    count_failure,
    entity_of,
    event_id_of,
    intent_of,
    resident_of,
    words_of,
)
from actions.texts import has, line
from actions.wiring import services
from backend.billing.errors import AccountNotFound, BillingUnavailable
from backend.billing.model import Account
from backend.readings.account_numbers import parse_account_number
from backend.readings.format import date_text, moment_text, reading_text
from backend.readings.numbers import find_numbers, is_only_numbers
from backend.readings.submissions import Accepted, ConfirmedReading, Refused

UNFIT = ANSWERS | UNCLEAR
# Questions at which numbers are new readings, put in place of those given.
CORRECTING = ("readings_confirmed", "meter_to_correct")


class ValidateSubmitReadingsForm(FormValidationAction):
    """Chooses the account, takes a value for each meter, then the confirmation."""

    def name(self) -> str:
        return "validate_submit_readings_form"

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> list[str]:
        """Nothing once the account turned out to be blocked; which meter after «not confirmed»."""
        if tracker.get_slot("submission_blocked"):
            return []
        if tracker.get_slot("readings_confirmed") is False:
            return domain_slots
        return [name for name in domain_slots if name != "meter_to_correct"]

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Also keeps an offered number: the SDK returns only what a question asks for."""
        before = tracker.get_slot("offered_number")
        events: list[EventType] = await super().run(dispatcher, tracker, domain)
        now = tracker.get_slot("offered_number")
        # An event without a change would be taken for an answer, and nothing else be understood.
        if now != before and all(event["name"] != "offered_number" for event in events):
            events.append(SlotSet("offered_number", now))
        return events

    async def extract_submission_account(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """The only linked account, or the one that is chosen."""
        if tracker.get_slot("submission_account"):
            return {}
        linked = await services().accounts.of(resident_of(tracker))
        if len(linked) == 1:
            return {"submission_account": linked[0]}
        return chosen_account(tracker, "submission_account")

    async def validate_submission_account(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Looks the account up and names the meters that take no readings."""
        linked = await services().accounts.of(resident_of(tracker))
        number = match_account(str(value), linked)
        if number is None:
            dispatcher.utter_message(response="utter_account_not_linked")
            return {"submission_account": None, **count_failure(dispatcher, tracker)}
        try:
            account = await services().billing.account(number)
        except AccountNotFound:
            dispatcher.utter_message(response="utter_account_no_longer_found", account=number)
            return {"submission_account": number, "submission_blocked": "not_found"}
        except BillingUnavailable:
            dispatcher.utter_message(response="utter_billing_unavailable")
            return {"submission_account": number, "submission_blocked": "unavailable"}
        blocked = self._blocked(account, dispatcher, domain)
        slots: dict[str, Any] = {
            "submission_account": number,
            "submission_blocked": blocked,
            "meters": to_slot(account.open_meters),
            "readings": {},
            "failures": None,
        }
        offered = tracker.get_slot("offered_number")
        if offered and not blocked:
            tracker.slots.update(slots)
            answers = ReadingAnswers(tracker, dispatcher, domain, services().now().date())
            slots.update(answers.take(offered), offered_number=None)
        return slots

    @staticmethod
    def _blocked(
        account: Account, dispatcher: CollectingDispatcher, domain: dict[str, Any]
    ) -> str | None:
        meters = list(account.meters)
        if not meters:
            dispatcher.utter_message(
                response="utter_account_without_meters", account=account.number
            )
            return "no_meters"
        for meter in meters:
            if not meter.accepts_readings:
                reason = meter.refusal or line(domain, "utter_meter_closed_no_reason")
                dispatcher.utter_message(
                    response="utter_meter_closed", meter=label(meter, meters), reason=reason
                )
        if not account.open_meters:
            dispatcher.utter_message(response="utter_all_meters_closed")
            return "all_closed"
        if not account.period.open:
            opens = account.period.opens
            if opens:
                dispatcher.utter_message(response="utter_period_closed", opens=date_text(opens))
            else:
                dispatcher.utter_message(response="utter_period_closed_undated")
        return None

    async def extract_reading(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """What the resident wrote as readings; a wish or a question is left to the rules."""
        words, intent = words_of(tracker), intent_of(tracker)
        requested = tracker.get_slot("requested_slot")
        if requested not in (None, "reading", *CORRECTING):
            return {}
        if requested in CORRECTING and not corrects(tracker):
            return {}
        doubt = requested == "reading" and tracker.get_slot("reading_question")
        if doubt and intent in {"affirm", "deny"}:
            return {"reading": f"/{intent}"}
        numbers = bool(words) and bool(find_numbers(words))
        if numbers and (intent in ANSWERS | UNCLEAR or is_only_numbers(words)):
            if tracker.get_slot("meters"):
                return {"reading": words}
            linked = await services().accounts.of(resident_of(tracker))
            if parse_account_number(words).number in linked:
                # The message has just linked the account; it holds no reading.
                return {}
            # Nothing is asked yet: kept until the account is known.
            return {"offered_number": words}
        if requested == "reading" and words and intent in UNCLEAR | {"provide_number"}:
            return {"reading": words}
        return {}

    async def validate_reading(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Places the values on meters and checks each; see actions/reading_answers.py."""
        answers = ReadingAnswers(tracker, dispatcher, domain, services().now().date())
        if value == "/affirm":
            return answers.confirm_question()
        if value == "/deny":
            return answers.drop_question()
        slots = answers.take(str(value))
        if tracker.get_slot("requested_slot") in CORRECTING:
            # The summary has changed: it is shown and asked about anew.
            slots["readings_confirmed"] = None
        return slots

    async def extract_readings_confirmed(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Yes or no; numbers correct the readings instead."""
        return {} if corrects(tracker) else yes_or_no(tracker, "readings_confirmed")

    async def validate_readings_confirmed(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Not confirmed: one meter is asked again at once, of several one is chosen first."""
        if not isinstance(value, bool):
            dispatcher.utter_message(response="utter_choose_by_button")
            return {"readings_confirmed": None}
        if value is False and len(tracker.get_slot("meters") or []) == 1:
            return {"readings_confirmed": None, "readings": {}, "reading": None}
        return {"readings_confirmed": value}

    async def extract_meter_to_correct(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """The meter of the pressed button, or typed words."""
        if tracker.get_slot("requested_slot") != "meter_to_correct":
            return {}
        if intent_of(tracker) == "select_meter":
            return {"meter_to_correct": entity_of(tracker, "meter") or ""}
        words = words_of(tracker)
        if intent_of(tracker) in LEAVING or corrects(tracker):
            return {}
        known = named_meter(words, from_slot(tracker)) or all_named(words, domain)
        return {"meter_to_correct": words} if known or intent_of(tracker) in UNFIT else {}

    async def validate_meter_to_correct(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Forgets the chosen meter's value, or all of them, so that they are asked again."""
        values = dict(tracker.get_slot("readings") or {})
        meters = from_slot(tracker)
        chosen = named_meter(str(value), meters)
        all_meters = value == ALL_METERS or all_named(str(value), domain)
        if not all_meters and chosen is None:
            dispatcher.utter_message(response="utter_choose_by_button")
            return {"meter_to_correct": None}
        if chosen is None or all_meters:
            values = {}
        else:
            values.pop(chosen.id, None)
        return {
            "meter_to_correct": None,
            "readings_confirmed": None,
            "reading": None,
            "readings": values,
        }


def corrects(tracker: Tracker) -> bool:
    """True if what was typed at the summary are readings rather than an answer to its question."""
    words, intent = words_of(tracker), intent_of(tracker)
    if not words or not find_numbers(words):
        return False
    choosing = tracker.get_slot("requested_slot") == "meter_to_correct"
    if choosing and named_meter(words, from_slot(tracker)):
        return False
    return intent in ANSWERS or is_only_numbers(words)


class ActionSubmitReadings(Action):
    """Hands the confirmed readings over and says what became of them."""

    def name(self) -> str:
        return "action_submit_readings"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        if tracker.get_slot("readings_confirmed") is True:
            await self._submit(dispatcher, tracker, domain)
        return [SlotSet("offered_number", None), *forget_form(tracker)]

    @staticmethod
    async def _submit(
        dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> None:
        account = tracker.get_slot("submission_account")
        meters, values = from_slot(tracker), given(tracker)
        readings = [
            ConfirmedReading(meter.id, label(meter, meters), values[meter.id])
            for meter in meters
            if meter.id in values
        ]
        outcome = await services().submissions.submit(
            resident_of(tracker), account, readings, event_id=event_id_of(tracker)
        )
        lines = "\n".join(
            line(
                domain,
                "utter_reading_line",
                meter=reading.label,
                value=reading_text(reading.value),
            )
            for reading in readings
        )
        if isinstance(outcome, Accepted):
            dispatcher.utter_message(
                response="utter_readings_accepted",
                account=account,
                readings=lines,
                receipt=outcome.receipt.receipt_id,
                time=moment_text(outcome.receipt.accepted_at, services().now().tzinfo),
            )
        elif isinstance(outcome, Refused):
            reason = outcome.detail or line(domain, "utter_refusal_unknown")
            own = f"utter_readings_refused_{outcome.code}"
            response = own if has(domain, own) else "utter_readings_refused"
            dispatcher.utter_message(response=response, reason=reason)
        else:
            dispatcher.utter_message(
                response="utter_readings_waiting", account=account, readings=lines
            )
