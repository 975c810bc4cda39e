"""Giving readings: the check of each answer in the form, then the submission."""

from __future__ import annotations

from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.accounts import chosen_account, linked_account, yes_or_no
from actions.help import LEAVING
from actions.meters import ALL_METERS, all_named, asked_about, from_slot, named_meter
from actions.reading_account import AccountOpening
from actions.reading_answers import ReadingAnswers
from actions.resident import (
    ANSWERS,
    UNCLEAR,
    count_failure,
    entity_of,
    intent_of,
    resident_of,
    words_of,
)
from actions.wiring import services
from backend.readings.account_numbers import parse_account_number
from backend.readings.numbers import find_numbers, is_only_numbers
from backend.readings.reasons import Reason, asks_to_correct, reason_in
from backend.readings.verdicts import Kind

UNFIT = ANSWERS | UNCLEAR
# Questions at which numbers are new readings, put in place of those given.
OPENING = frozenset({"submit_readings", "correct_readings"})
# Doubts at which the meter may have been replaced, or its dial gone over.
REFUSABLE = frozenset({Kind.BELOW_PREVIOUS.value, Kind.DIAL_OVER.value})
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
        correction: list[EventType] = []
        if not tracker.get_slot("requested_slot") and wants_to_correct(tracker):
            tracker.slots["correction"] = True
            correction = [SlotSet("correction", True)]
        events: list[EventType] = await super().run(dispatcher, tracker, domain)
        events += correction
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
        carried = entity_of(tracker, "account")
        if carried and intent_of(tracker) in OPENING:
            return {"submission_account": carried}
        if len(linked) == 1:
            return {"submission_account": linked[0]}
        return chosen_account(tracker, "submission_account")

    async def validate_submission_account(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Looks the account up and names the meters that take no readings."""
        number = await linked_account(value, dispatcher, tracker)
        if number is None:
            return {"submission_account": None, **count_failure(dispatcher, tracker)}
        opening = AccountOpening(tracker, dispatcher, domain, services().now().date())
        return await opening.open(number)

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
        numbers = gives_numbers(tracker)
        doubt = requested == "reading" and tracker.get_slot("reading_question")
        if doubt and intent in {"affirm", "deny"} and not numbers:
            return {"reading": f"/{intent}"}
        if requested == "reading" and (reason := explained(tracker)):
            return {"reading": f"/{reason.value}"}
        if numbers:
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
        now, limits = services().now(), services().limits
        answers = ReadingAnswers(tracker, dispatcher, domain, now.date(), limits)
        if value == "/affirm":
            return answers.confirm_question()
        if value == "/deny":
            return answers.deny_question()
        if str(value).startswith("/"):
            return answers.explain(Reason(str(value)[1:]))
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
            return {"readings_confirmed": None, **count_failure(dispatcher, tracker)}
        if value is False and len(asked_about(from_slot(tracker))) == 1:
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
            return {"meter_to_correct": None, **count_failure(dispatcher, tracker)}
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


def wants_to_correct(tracker: Tracker) -> bool:
    """True if the form is opened to put right what was given before."""
    if intent_of(tracker) == "correct_readings":
        return True
    known = intent_of(tracker) in ANSWERS or bool(tracker.get_slot("offered_number"))
    return known and asks_to_correct(words_of(tracker))


def gives_numbers(tracker: Tracker) -> bool:
    """True if numbers in the words are readings, whatever else the words were taken for."""
    words, intent = words_of(tracker), intent_of(tracker)
    if not words or not find_numbers(words):
        return False
    return intent in ANSWERS | UNCLEAR or is_only_numbers(words) or asks_to_correct(words)


def explained(tracker: Tracker) -> Reason | None:
    """What the resident says instead of a value: by a button, or in words that fit the question."""
    if intent_of(tracker) == "explain_reading":
        pressed = entity_of(tracker, "reason")
        return next((reason for reason in Reason if reason.value == pressed), None)
    words = words_of(tracker)
    has_digits = any(character.isdigit() for character in words)
    if not words or has_digits or is_only_numbers(words) or intent_of(tracker) in LEAVING:
        return None
    reason = reason_in(words)
    question = tracker.get_slot("reading_question") or {}
    if question.get("kind") in REFUSABLE:
        return reason
    several = len(asked_about(from_slot(tracker))) > 1
    return reason if reason is Reason.SKIP and several else None


def corrects(tracker: Tracker) -> bool:
    """True if what was typed at the summary are readings rather than an answer to its question."""
    words, intent = words_of(tracker), intent_of(tracker)
    if not words or not find_numbers(words):
        return False
    choosing = tracker.get_slot("requested_slot") == "meter_to_correct"
    if choosing and named_meter(words, from_slot(tracker)):
        return False
    return intent in ANSWERS or is_only_numbers(words) or asks_to_correct(words)
