"""Linking an account: consent, the number, the proof if one is asked for, and who else is told."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.accounts import yes_or_no
from actions.help import forget_form
from actions.resident import (
    ANSWERS,
    answers,
    count_failure,
    intent_of,
    resident_of,
    words_of,
)
from actions.texts import line
from actions.wiring import services
from backend.accounts.address import masked_address
from backend.accounts.proof import DIGITS, proves
from backend.accounts.service import AccountLimitReached, AlreadyLinked
from backend.billing.errors import AccountNotFound, BillingUnavailable
from backend.readings.account_numbers import parse_account_number

# What is empty when the question for the number is asked again.
AGAIN: dict[str, Any] = {"account_number": None, "offered_number": None}


async def consent_is_missing(resident: str) -> bool:
    """True if nothing of the resident may be kept before consent was given by its button."""
    privacy = services().privacy
    return privacy.policy.explicit and await privacy.consents.is_due(resident)


class ValidateLinkAccountForm(FormValidationAction):
    """Takes consent, an account number and the proof, and looks the account up in billing."""

    def name(self) -> str:
        return "validate_link_account_form"

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> list[str]:
        """Consent and proof only where the settings ask for them."""
        left_out = set()
        if not await consent_is_missing(resident_of(tracker)):
            left_out.add("consent_confirmed")
        if not services().privacy.policy.meter_proof:
            left_out.add("meter_digits")
        return [name for name in domain_slots if name not in left_out]

    async def extract_consent_confirmed(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Yes, no, or words that are neither."""
        return yes_or_no(tracker, "consent_confirmed")

    async def validate_consent_confirmed(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Keeps a yes; says that nothing goes on without it."""
        if value is True:
            await services().privacy.consents.give(resident_of(tracker))
            return {"consent_confirmed": True}
        dispatcher.utter_message(response="utter_link_needs_consent")
        return {"consent_confirmed": None}

    async def extract_account_number(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """The number in the message; anything that is no wish counts as a try."""
        if await consent_is_missing(resident_of(tracker)):
            return {}
        words, intent = words_of(tracker), intent_of(tracker)
        requested = tracker.get_slot("requested_slot")
        asked = requested == "account_number"
        if requested == "meter_digits":
            return {}
        if not asked and tracker.get_slot("offered_number"):
            return {"account_number": tracker.get_slot("offered_number")}
        found = bool(words) and parse_account_number(words).number is not None
        if found and (asked or intent in ANSWERS or intent == "link_account"):
            return {"account_number": words}
        if asked and answers(tracker):
            return {"account_number": words}
        return {}

    async def validate_account_number(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """The account's number if it can be linked; else says why and asks again."""
        privacy, resident = services().privacy, resident_of(tracker)
        account = parse_account_number(str(value)).number
        if account is None:
            dispatcher.utter_message(response="utter_account_malformed")
            return {**AGAIN, **count_failure(dispatcher, tracker)}
        await privacy.consents.give(resident)
        if account in await services().accounts.of(resident):
            dispatcher.utter_message(response="utter_account_already_linked", account=account)
            return AGAIN
        if await privacy.wrong_numbers.paused_until(resident) is not None:
            return AGAIN
        if privacy.policy.meter_proof:
            # Asked for whether there is such an account or not: the question tells nothing.
            return {"account_number": account, "offered_number": None}
        try:
            found = await services().billing.account(account)
        except AccountNotFound:
            await privacy.wrong_numbers.count(resident)
            dispatcher.utter_message(response="utter_account_not_found", account=account)
            return {**AGAIN, **count_failure(dispatcher, tracker)}
        except BillingUnavailable:
            dispatcher.utter_message(response="utter_billing_unavailable")
            return AGAIN
        return {
            "account_number": account,
            "masked_address": masked_address(found.address),
            "offered_number": None,
            "failures": None,
        }

    async def extract_meter_digits(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """What is typed while the digits are asked for."""
        if tracker.get_slot("requested_slot") != "meter_digits" or not answers(tracker):
            return {}
        return {"meter_digits": words_of(tracker)}

    async def validate_meter_digits(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Wrong digits and an unknown account have the same answer and count alike."""
        privacy, resident = services().privacy, resident_of(tracker)
        account = tracker.get_slot("account_number")
        digits = "".join(re.findall("[0-9]", str(value)))
        if account is None or await privacy.wrong_numbers.paused_until(resident) is not None:
            return {"meter_digits": None, **AGAIN}
        if len(digits) < DIGITS:
            dispatcher.utter_message(response="utter_meter_digits_malformed")
            return {"meter_digits": None, **count_failure(dispatcher, tracker)}
        try:
            found = await services().billing.account(account)
            proved = proves(found.meters, digits)
        except AccountNotFound:
            proved = False
        except BillingUnavailable:
            dispatcher.utter_message(response="utter_billing_unavailable")
            return {"meter_digits": None}
        if not proved:
            await privacy.wrong_numbers.count(resident)
            dispatcher.utter_message(response="utter_link_not_proved")
            return {"meter_digits": None, **AGAIN, **count_failure(dispatcher, tracker)}
        address = masked_address(found.address)
        return {"meter_digits": digits, "masked_address": address, "failures": None}


class ActionAskConsentConfirmed(Action):
    """Asks for consent before anything is kept: not even the number in the last message is."""

    def name(self) -> str:
        return "action_ask_link_account_form_consent_confirmed"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        services().privacy.stored.withhold()
        dispatcher.utter_message(
            response="utter_ask_link_consent", policy_url=services().privacy.policy.url
        )
        return []


class ActionAskAccountNumber(Action):
    """Asks for the number; after too many wrong ones says when it can be tried again."""

    def name(self) -> str:
        return "action_ask_link_account_form_account_number"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        resident = resident_of(tracker)
        until = await services().privacy.wrong_numbers.paused_until(resident)
        if until is not None:
            local = until.astimezone(services().now().tzinfo)
            dispatcher.utter_message(response="utter_link_paused", until=f"{local:%H:%M}")
            return []
        shown = await show_notice(dispatcher, tracker)
        dispatcher.utter_message(response="utter_ask_link_account_form_account_number")
        return shown


class ActionLinkAccount(Action):
    """Links the account that the form found, and tells those who have linked it before."""

    def name(self) -> str:
        return "action_link_account"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        account, resident = tracker.get_slot("account_number"), resident_of(tracker)
        address = tracker.get_slot("masked_address")
        try:
            await services().accounts.link(resident, account)
            dispatcher.utter_message(
                response="utter_account_linked",
                account=account,
                address=line(domain, "utter_account_address", address=address) if address else "",
            )
            await services().privacy.notices.tell_others(resident, account)
        except AlreadyLinked:
            dispatcher.utter_message(response="utter_account_already_linked", account=account)
        except AccountLimitReached:
            dispatcher.utter_message(response="utter_accounts_limit")
        return [
            *await show_notice(dispatcher, tracker),
            SlotSet("has_linked_account", True),
            SlotSet("wish", None),
            *forget_form(tracker),
        ]


async def show_notice(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """Says once what writing a number means; nothing where consent is asked for by a button."""
    policy = services().privacy.policy
    if policy.explicit or tracker.get_slot("consent_shown") == policy.version:
        return []
    dispatcher.utter_message(response="utter_consent_notice", policy_url=policy.url)
    return [SlotSet("consent_shown", policy.version)]
