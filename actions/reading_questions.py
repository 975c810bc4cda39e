"""Questions about readings that need no form: a stray number, the period."""

from __future__ import annotations

import asyncio
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.linking import consent_is_missing
from actions.resident import (
    resident_of,
    words_of,
)
from actions.wiring import services
from backend.billing.model import Account
from backend.readings.account_numbers import parse_account_number
from backend.readings.format import date_text
from backend.readings.reasons import asks_to_correct


class ActionOfferNumber(Action):
    """A number came although nothing asks for one: offers to give it or to link it."""

    def name(self) -> str:
        return "action_offer_number"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        words = words_of(tracker)
        if not words:
            return [FollowupAction("action_continue")]
        linked = await services().accounts.of(resident_of(tracker))
        if not linked and await consent_is_missing(resident_of(tracker)):
            return [FollowupAction("link_account_form")]
        if not linked:
            return [SlotSet("offered_number", words), FollowupAction("link_account_form")]
        account = parse_account_number(words).number
        if account in linked:
            dispatcher.utter_message(response="utter_account_already_linked", account=account)
            return [FollowupAction("action_continue")]
        if asks_to_correct(words):
            return [SlotSet("offered_number", words), FollowupAction("submit_readings_form")]
        dispatcher.utter_message(response="utter_offer_number", number=words[:60])
        return [SlotSet("offered_number", words)]


class ActionShowSubmissionPeriod(Action):
    """Says when readings are taken, for each linked account if billing knows."""

    def name(self) -> str:
        return "action_show_submission_period"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        dispatcher.utter_message(response="utter_submission_period")
        linked = await services().accounts.of(resident_of(tracker))
        found = await asyncio.gather(
            *(services().billing.account(account) for account in linked), return_exceptions=True
        )
        for account in found:
            if not isinstance(account, Account):
                continue
            period = account.period
            if period.open and period.closes:
                dispatcher.utter_message(
                    response="utter_submission_period_open",
                    account=account.number,
                    closes=date_text(period.closes),
                )
            elif not period.open and period.opens:
                dispatcher.utter_message(
                    response="utter_submission_period_shut",
                    account=account.number,
                    opens=date_text(period.opens),
                )
        return []
