"""What belongs to no single feature: the way back to the open question, and not understanding."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.next_readings import offer_next
from actions.reminders import reminder_buttons
from actions.resident import intent_of, resident_of, words_of
from actions.texts import button, has, line
from actions.wiring import services
from backend.accounts.service import MOST_ACCOUNTS
from backend.billing.errors import BillingError
from backend.billing.model import Balance
from backend.readings.format import date_text
from backend.readings.numbers import find_numbers
from backend.readings.reasons import asks_to_correct

# Every slot of every form that code fills: an open form leaves none of them behind.
FORM_SLOTS = (
    "consent_confirmed",
    "account_number",
    "meter_digits",
    "masked_address",
    "account_to_unlink",
    "unlink_confirmed",
    "submission_account",
    "meters",
    "readings",
    "reading_question",
    "reading",
    "readings_confirmed",
    "meter_to_correct",
    "submission_blocked",
    "counting",
    "correction",
    "submitted_account",
    "delete_confirmed",
    "failures",
    "history_account",
)
# Slots of questions that were added to a form without code (docs/designers.md).
ANSWER = "answer_"
# Words that leave a form without being a wish of their own.
LEAVING = frozenset({"cancel", "main_menu"})
# Wishes that take up a number which came without a question.
TAKING_A_NUMBER = frozenset({"submit_readings", "link_account"})
MOST_GUESSES = 3


def forget_form(tracker: Tracker) -> list[EventType]:
    """Empties the slots of all forms that are not empty."""
    answers = [name for name in tracker.slots if name.startswith(ANSWER)]
    return forget(tracker, *FORM_SLOTS, *answers)


def forget(tracker: Tracker, *names: str) -> list[EventType]:
    """Empties those of the slots that are not empty."""
    return [SlotSet(name, None) for name in names if tracker.get_slot(name) is not None]


class ActionCheckAccounts(Action):
    """Tells rules whether any account is linked."""

    def name(self) -> str:
        return "action_check_accounts"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        linked = await services().accounts.of(resident_of(tracker))
        return [SlotSet("has_linked_account", bool(linked))]


class ActionCheckAccountLimit(Action):
    """Tells rules whether one more account can be linked."""

    def name(self) -> str:
        return "action_check_account_limit"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        linked = await services().accounts.of(resident_of(tracker))
        return [SlotSet("can_link_account", len(linked) < MOST_ACCOUNTS)]


class ActionRememberWish(Action):
    """Remembers what the resident came for while an account is linked first."""

    def name(self) -> str:
        return "action_remember_wish"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        return [SlotSet("wish", intent_of(tracker))]


class ActionLeaveForm(Action):
    """Closes the open form, if any, and says that nothing was sent."""

    def name(self) -> str:
        return "action_leave_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        intent = intent_of(tracker)
        if not tracker.active_loop_name:
            return [] if intent in TAKING_A_NUMBER else forget(tracker, "offered_number")
        # Without an account there is no menu to go to: action_continue finds the words for that.
        linked = await services().accounts.of(resident_of(tracker))
        if tracker.get_slot("correction") and tracker.get_slot("counting"):
            dispatcher.utter_message(response="utter_nothing_corrected")
        elif tracker.get_slot("readings") or (linked and intent in LEAVING):
            dispatcher.utter_message(response="utter_nothing_sent")
        return [
            ActiveLoop(None),
            SlotSet("requested_slot", None),
            SlotSet("wish", None),
            SlotSet("offered_number", None),
            *forget_form(tracker),
        ]


class ActionContinue(Action):
    """Goes back to the open question; without one, to the menu or to linking the first account."""

    def name(self) -> str:
        return "action_continue"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        if tracker.active_loop_name:
            return [FollowupAction(tracker.active_loop_name)]
        if tracker.get_slot("delete_confirmed"):
            # Everything has just been deleted: a question would begin a conversation that is kept.
            return forget_form(tracker)
        linked = await services().accounts.of(resident_of(tracker))
        known = SlotSet("has_linked_account", bool(linked))
        if not linked and intent_of(tracker) == "cancel":
            dispatcher.utter_message(response="utter_link_later")
            return [known]
        if not linked:
            return [known, FollowupAction("link_account_form")]
        resident, done = resident_of(tracker), tracker.get_slot("submitted_account")
        buttons = await offer_next(resident, done, dispatcher, domain) if done else []
        if len(buttons) <= 1:
            # One offer at a time: besides the correction, the next account comes first.
            buttons += await reminder_buttons(dispatcher, tracker, domain)
        if intent_of(tracker) == "help":
            # What has no place in the menu itself.
            buttons.insert(0, button(domain, "utter_button_my_data", "/show_data"))
        dispatcher.utter_message(response="utter_main_menu", buttons=buttons)
        return [known, *forget(tracker, "offered_number", "submitted_account")]


class ActionQuestionClosed(Action):
    """An answer came to a question that is not open; also what no rule knows how to go on from."""

    def name(self) -> str:
        return "action_question_closed"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        if tracker.latest_action_name == "action_continue":
            # An action has gone on to the menu or a form by itself: the turn is over.
            return [FollowupAction("action_listen")]
        if tracker.latest_action_name == self.name():
            # As the core fallback it would be predicted again and again: the turn ends here.
            dispatcher.utter_message(response="utter_main_menu")
            return [FollowupAction("action_listen")]
        words = words_of(tracker)
        if not tracker.active_loop_name and find_numbers(words) and asks_to_correct(words):
            # «No, I was wrong, it is 56580»: not an answer, but a reading put right.
            return [SlotSet("offered_number", words), FollowupAction("submit_readings_form")]
        typed = bool(words) and intent_of(tracker) in {"affirm", "deny"}
        if typed and tracker.active_loop_name:
            response = "utter_another_question_open"
        elif typed:
            response = "utter_no_question_open"
        else:
            response = "utter_question_closed"
        dispatcher.utter_message(response=response)
        return []


class ActionUnsupportedMessage(Action):
    """A sticker, a photo, a voice message or nothing at all."""

    def name(self) -> str:
        return "action_unsupported_message"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        dispatcher.utter_message(response="utter_unsupported_message")
        return []


class ActionOpenChat(Action):
    """The chat was opened: a greeting, unless a question is open."""

    def name(self) -> str:
        return "action_open_chat"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        if not tracker.active_loop_name:
            dispatcher.utter_message(response="utter_greet")
        return []


class ActionAskWhatWasMeant(Action):
    """Offers the likeliest wishes as buttons; the second time in a row the menu and a phone."""

    def name(self) -> str:
        return "action_ask_what_was_meant"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        ranking = tracker.latest_message.get("intent_ranking") or []
        names = [str(one.get("name")) for one in ranking]
        wishes = [name for name in names if has(domain, f"utter_wish_{name}")][:MOST_GUESSES]
        if tracker.get_slot("failures") or not wishes:
            dispatcher.utter_message(response="utter_not_understood_again")
            return [SlotSet("failures", None), FollowupAction("action_continue")]
        buttons = [button(domain, f"utter_wish_{name}", f"/{name}") for name in wishes]
        leave = "/cancel" if tracker.active_loop_name else "/main_menu"
        buttons.append(button(domain, "utter_button_cancel", leave))
        dispatcher.utter_message(response="utter_what_was_meant", buttons=buttons)
        return [SlotSet("failures", 1)]


class ActionShowBalance(Action):
    """Says what is owed for each linked account."""

    def name(self) -> str:
        return "action_show_balance"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        linked = await services().accounts.of(resident_of(tracker))
        balances = await asyncio.gather(
            *(services().billing.balance(account) for account in linked), return_exceptions=True
        )
        for account, balance in zip(linked, balances, strict=True):
            if isinstance(balance, Balance):
                self._say(dispatcher, domain, account, balance)
            elif not isinstance(balance, BillingError):
                raise balance
        if not any(isinstance(balance, Balance) for balance in balances):
            dispatcher.utter_message(response="utter_balance_general")
        return []

    @staticmethod
    def _say(
        dispatcher: CollectingDispatcher, domain: dict[str, Any], account: str, balance: Balance
    ) -> None:
        url = balance.pay_url
        variables = {
            "account": account,
            "amount": _roubles(abs(balance.amount)),
            "date": date_text(balance.as_of),
            "pay": line(domain, "utter_balance_pay_link", url=url) if url else "",
        }
        outcome = "debt" if balance.amount > 0 else "overpaid" if balance.amount < 0 else "paid"
        dispatcher.utter_message(response=f"utter_balance_{outcome}", **variables)


def _roubles(amount: Decimal) -> str:
    from babel.numbers import format_currency

    return str(format_currency(amount, "RUB", locale="ru"))
