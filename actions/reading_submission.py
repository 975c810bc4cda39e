"""Hands confirmed readings over, says what became of them, and offers what comes next."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.help import forget, forget_form
from actions.meters import counting, from_slot, given, label, reading_lines
from actions.resident import event_id_of, resident_of
from actions.texts import button, has, line
from actions.wiring import services
from backend.billing.errors import BillingError
from backend.billing.model import Account
from backend.readings.format import moment_text, reading_text
from backend.readings.standing import has_given
from backend.readings.submissions import Accepted, ConfirmedReading, Refused


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


class ActionOfferNextReadings(Action):
    """The menu after readings: the next account without any, and the correction of these."""

    def name(self) -> str:
        return "action_offer_next_readings"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        done = tracker.get_slot("submitted_account")
        if not done:
            return [FollowupAction("action_continue")]
        buttons = []
        following = await next_account(resident_of(tracker), done)
        if following:
            dispatcher.utter_message(response="utter_next_account", account=following)
            payload = f'/submit_readings{{"account": "{following}"}}'
            buttons.append(button(domain, "utter_button_next_account", payload, account=following))
        payload = f'/correct_readings{{"account": "{done}"}}'
        buttons.append(button(domain, "utter_button_correct_readings", payload))
        dispatcher.utter_message(response="utter_main_menu", buttons=buttons)
        return forget(tracker, "submitted_account")


async def next_account(resident: str, done: str) -> str | None:
    """The next linked account that billing expects readings of in the open period, after `done`."""
    linked = list(await services().accounts.of(resident))
    place = linked.index(done) + 1 if done in linked else 0
    others = [one for one in (*linked[place:], *linked[:place]) if one != done]
    found = await asyncio.gather(
        *(services().billing.account(one) for one in others), return_exceptions=True
    )
    for account in found:
        if isinstance(account, Account) and await _is_due(account):
            return account.number
        if isinstance(account, BaseException) and not isinstance(account, BillingError):
            raise account
    return None


async def _is_due(account: Account) -> bool:
    if not account.period.open or not account.open_meters or has_given(account):
        return False
    return not await services().submissions.unsent(account.number)
