"""«My readings»: earlier readings, a chart of volumes, receipts."""

from __future__ import annotations

import base64
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.accounts import ask_account, chosen_account, linked_account
from actions.help import forget, forget_form
from actions.history_texts import HistoryTexts, receipts
from actions.resident import count_failure, resident_of
from actions.texts import line
from actions.wiring import services
from backend.history.model import AccountHistory, Trouble


class ActionFindHistoryAccount(Action):
    """Finds whose history is wanted: of several accounts one has to be chosen first.

    A question about an account stays open meanwhile; any other question is left.
    """

    def name(self) -> str:
        return "action_find_history_account"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        linked = await services().accounts.of(resident_of(tracker))
        asked_about = tracker.get_slot("submission_account") if tracker.active_loop_name else None
        account = asked_about or (linked[0] if len(linked) == 1 else None)
        if account in linked or not linked:
            known = account if account in linked else None
            return [SlotSet("history_account", known), SlotSet("has_history_account", True)]
        left: list[EventType] = []
        if tracker.active_loop_name:
            left = [ActiveLoop(None), SlotSet("requested_slot", None), *forget_form(tracker)]
        # An event without a change would be taken for an answer to the form's question.
        return [*left, *forget(tracker, "history_account"), SlotSet("has_history_account", False)]


class ActionAskHistoryAccount(Action):
    """Asks whose history to show, one button each."""

    def name(self) -> str:
        return "action_ask_select_history_form_history_account"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        return await ask_account("utter_ask_history_account", dispatcher, tracker, domain)


class ValidateSelectHistoryForm(FormValidationAction):
    """Takes the account whose history is wanted."""

    def name(self) -> str:
        return "validate_select_history_form"

    async def extract_history_account(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """The account of the pressed button, or a typed number."""
        return chosen_account(tracker, "history_account")

    async def validate_history_account(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Only an account that is linked now."""
        account = await linked_account(value, dispatcher, tracker)
        if account is None:
            return {"history_account": None, **count_failure(dispatcher, tracker)}
        return {"history_account": account, "failures": None}


class ActionShowHistory(Action):
    """Shows the account's readings; where no question is open also its receipts and the chart."""

    def name(self) -> str:
        return "action_show_history"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        account, resident = tracker.get_slot("history_account"), resident_of(tracker)
        if account is None:
            # None is linked: action_continue asks for the first one.
            return []
        history = await services().history.of(resident, account)
        texts = HistoryTexts(domain, history.meters)
        self._say_readings(dispatcher, account, history, texts)
        if not tracker.active_loop_name:
            if history.submissions:
                zone = services().now().tzinfo
                dispatcher.utter_message(
                    response="utter_receipts",
                    account=account,
                    receipts=receipts(domain, history.submissions, zone),
                )
            await self._show_volumes(dispatcher, account, texts, resident.partition(":")[0])
        return [SlotSet("history_account", None)]

    @staticmethod
    def _say_readings(
        dispatcher: CollectingDispatcher, account: str, history: AccountHistory, texts: HistoryTexts
    ) -> None:
        if history.trouble is Trouble.NOT_FOUND:
            dispatcher.utter_message(response="utter_account_no_longer_found", account=account)
        elif history.trouble is Trouble.UNAVAILABLE:
            dispatcher.utter_message(response="utter_billing_unavailable")
        elif any(meter.readings for meter in history.meters):
            dispatcher.utter_message(
                response="utter_history", account=account, meters=texts.readings()
            )
        else:
            dispatcher.utter_message(response="utter_history_none", account=account)

    @staticmethod
    async def _show_volumes(
        dispatcher: CollectingDispatcher, account: str, texts: HistoryTexts, channel: str
    ) -> None:
        history, charts, table = services().history, texts.charts(), texts.table()
        if not charts:
            return
        drawn = await history.charts.draw(charts) if history.shows_pictures(channel) else None
        if not drawn:
            dispatcher.utter_message(response="utter_history_table", account=account, meters=table)
            return
        for index, picture in enumerate(drawn):
            custom = {"picture": base64.b64encode(picture).decode()}
            if index == 0:
                custom["without"] = line(
                    texts.domain, "utter_history_table", account=account, meters=table
                )
            dispatcher.utter_message(
                response="utter_history_chart", account=account, json_message=custom
            )
