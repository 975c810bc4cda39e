"""Reminders on and off, and the button that offers them under the menu."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.resident import event_id_of, intent_of, resident_of
from actions.texts import button
from actions.wiring import services


class ActionTurnOnReminders(Action):
    """Reminds from now on."""

    def name(self) -> str:
        return "action_turn_on_reminders"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        resident, reminders = resident_of(tracker), services().reminders
        if not reminders.sent_in(resident):
            dispatcher.utter_message(response="utter_reminders_not_here")
            return []
        await reminders.turn_on(resident, services().now())
        dispatcher.utter_message(response="utter_reminders_on")
        return []


class ActionTurnOffReminders(Action):
    """Reminds no more."""

    def name(self) -> str:
        return "action_turn_off_reminders"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        await services().reminders.turn_off(resident_of(tracker), services().now())
        dispatcher.utter_message(response="utter_reminders_off")
        return []


async def reminder_buttons(
    dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
) -> list[dict[str, str]]:
    """What the menu gets besides its own buttons: the switch after «help», an offer after readings.

    The offer is made when the message has just had readings accepted, and says what it offers.
    """
    resident, reminders, intent = resident_of(tracker), services().reminders, intent_of(tracker)
    if intent == "help" and reminders.sent_in(resident):
        if await reminders.wanted(resident):
            return [button(domain, "utter_button_remind_no_more", "/turn_off_reminders")]
        return [button(domain, "utter_button_remind", "/turn_on_reminders")]
    if intent == "affirm" and await reminders.may_offer(resident, event_id_of(tracker)):
        dispatcher.utter_message(response="utter_reminders_offer")
        return [button(domain, "utter_button_remind", "/turn_on_reminders")]
    return []
