"""Listing and unlinking accounts; actions/linking.py links them."""

from __future__ import annotations

import json
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.help import forget_form
from actions.resident import (
    ANSWERS,
    UNCLEAR,
    answers,
    count_failure,
    entity_of,
    intent_of,
    is_certain,
    resident_of,
    words_of,
)
from actions.texts import button, line
from actions.wiring import services
from backend.accounts.service import MOST_ACCOUNTS
from backend.readings.account_numbers import parse_account_number


class ActionListAccounts(Action):
    """Lists the linked accounts with the buttons to change them."""

    def name(self) -> str:
        return "action_list_accounts"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        linked = await services().accounts.of(resident_of(tracker))
        lines = [
            line(domain, "utter_account_line", position=str(position), account=account)
            for position, account in enumerate(linked, start=1)
        ]
        dispatcher.utter_message(response="utter_accounts_list", accounts="\n".join(lines))
        full = len(linked) >= MOST_ACCOUNTS
        dispatcher.utter_message(
            response="utter_accounts_menu_full" if full else "utter_accounts_menu"
        )
        return []


class ActionAskAccountToUnlink(Action):
    """Asks which account to remove, one button each."""

    def name(self) -> str:
        return "action_ask_unlink_account_form_account_to_unlink"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        return await ask_account("utter_ask_account_to_unlink", dispatcher, tracker, domain)


class ValidateUnlinkAccountForm(FormValidationAction):
    """Takes the account to remove and the confirmation."""

    def name(self) -> str:
        return "validate_unlink_account_form"

    async def extract_account_to_unlink(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """The account of the pressed button, or a typed number."""
        return chosen_account(tracker, "account_to_unlink")

    async def validate_account_to_unlink(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Only an account that is linked now."""
        account = await linked_account(value, dispatcher, tracker)
        if account is None:
            return {"account_to_unlink": None, **count_failure(dispatcher, tracker)}
        return {"account_to_unlink": account}

    async def extract_unlink_confirmed(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Yes or no."""
        if intent_of(tracker) == "submit_readings":
            return {}
        return yes_or_no(tracker, "unlink_confirmed")

    async def validate_unlink_confirmed(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Anything but yes or no is asked again."""
        if not isinstance(value, bool):
            dispatcher.utter_message(response="utter_choose_by_button")
            return {"unlink_confirmed": None}
        return {"unlink_confirmed": value}


class ActionUnlinkAccount(Action):
    """Removes the account if that was confirmed."""

    def name(self) -> str:
        return "action_unlink_account"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        account = tracker.get_slot("account_to_unlink")
        if tracker.get_slot("unlink_confirmed") is True:
            await services().accounts.unlink(resident_of(tracker), account)
            dispatcher.utter_message(response="utter_account_unlinked", account=account)
        else:
            dispatcher.utter_message(response="utter_account_kept", account=account)
        return forget_form(tracker)


async def ask_account(
    response: str, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
) -> list[EventType]:
    """Asks which of the linked accounts is meant, one button each."""
    linked = await services().accounts.of(resident_of(tracker))
    dispatcher.utter_message(response=response, buttons=account_buttons(linked, domain))
    return []


async def linked_account(
    value: Any, dispatcher: CollectingDispatcher, tracker: Tracker
) -> str | None:
    """The account linked now that the answer names; None, and told so, if it names none."""
    linked = await services().accounts.of(resident_of(tracker))
    account = match_account(str(value), linked)
    if account is None:
        dispatcher.utter_message(response="utter_account_not_linked")
    return account


def account_buttons(accounts: tuple[str, ...], domain: dict[str, Any]) -> list[dict[str, str]]:
    """A button for each account, and one to leave."""
    buttons = [
        {"title": account, "payload": f"/select_account{json.dumps({'account': account})}"}
        for account in accounts
    ]
    return [*buttons, button(domain, "utter_button_cancel", "/cancel")]


def chosen_account(tracker: Tracker, slot: str) -> dict[str, Any]:
    """The account a button or typed words name while `slot` is asked for; empty otherwise."""
    if tracker.get_slot("requested_slot") != slot:
        return {}
    pressed = entity_of(tracker, "account") if intent_of(tracker) == "select_account" else None
    if pressed:
        return {slot: pressed}
    return {slot: words_of(tracker)} if answers(tracker) else {}


def match_account(value: str, linked: tuple[str, ...]) -> str | None:
    """The linked account that `value` names: its number, or its position in the list."""
    if value in linked:
        return value
    number = parse_account_number(value).number
    if number in linked:
        return number
    position = value.strip().rstrip(".)")
    if position.isdecimal() and 1 <= int(position) <= len(linked):
        return linked[int(position) - 1]
    return None


def yes_or_no(tracker: Tracker, slot: str) -> dict[str, Any]:
    """True or False for a sure yes or a no while `slot` is asked for; unclear words as they are."""
    if tracker.get_slot("requested_slot") != slot:
        return {}
    intent, words = intent_of(tracker), words_of(tracker)
    if intent == "deny" or (intent == "affirm" and is_certain(tracker)):
        return {slot: intent == "affirm"}
    return {slot: words} if words and intent in ANSWERS | UNCLEAR | {"affirm"} else {}
