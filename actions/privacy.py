"""What is stored about a resident: shown, deleted; and links of one account by several people."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import ActiveLoop, EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.accounts import yes_or_no
from actions.help import forget_form
from actions.resident import entity_of, resident_of
from actions.texts import has, line
from actions.wiring import services
from backend.privacy.stored import Stored
from backend.readings.format import date_text

# Tables that have lines of their own.
_SHOWN_APART = frozenset({"residents", "linked_accounts", "consents"})


class ActionShowData(Action):
    """Lists everything that is stored about the resident."""

    def name(self) -> str:
        return "action_show_data"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        resident = resident_of(tracker)
        stored = await services().privacy.stored.of(resident)
        dispatcher.utter_message(
            response="utter_data", lines="\n".join(self._lines(resident, stored, domain))
        )
        return []

    def _lines(self, resident: str, stored: Stored, domain: dict[str, Any]) -> list[str]:
        zone = services().now().tzinfo
        lines = [line(domain, "utter_data_profile", user_id=resident.partition(":")[2])]
        accounts = [
            line(
                domain,
                "utter_data_account",
                account=account,
                date=date_text(linked_at.astimezone(zone).date()),
            )
            for account, linked_at in stored.accounts
        ]
        if accounts:
            lines.append(line(domain, "utter_data_linked", accounts=", ".join(accounts)))
        else:
            lines.append(line(domain, "utter_data_none_linked"))
        if stored.consent is not None:
            given_at = stored.consent.given_at.astimezone(zone)
            lines.append(
                line(
                    domain,
                    "utter_data_consent",
                    version=stored.consent.version,
                    date=f"{date_text(given_at.date())} {given_at:%H:%M}",
                )
            )
        other = 0
        for table, count in stored.rows.items():
            if has(domain, f"utter_data_{table}"):
                lines.append(line(domain, f"utter_data_{table}", count=str(count)))
            elif table not in _SHOWN_APART:
                other += count
        if other:
            lines.append(line(domain, "utter_data_other", count=str(other)))
        return lines


class ValidateDeleteDataForm(FormValidationAction):
    """Takes the confirmation."""

    def name(self) -> str:
        return "validate_delete_data_form"

    async def extract_delete_confirmed(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Yes or no."""
        return yes_or_no(tracker, "delete_confirmed")

    async def validate_delete_confirmed(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Anything but yes or no is asked again."""
        if not isinstance(value, bool):
            dispatcher.utter_message(response="utter_choose_by_button")
            return {"delete_confirmed": None}
        return {"delete_confirmed": value}


class ActionDeleteData(Action):
    """Deletes everything of the resident if that was confirmed."""

    def name(self) -> str:
        return "action_delete_data"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        if tracker.get_slot("delete_confirmed") is not True:
            dispatcher.utter_message(response="utter_data_kept")
            return forget_form(tracker)
        resident = resident_of(tracker)
        waiting = (await services().privacy.stored.of(resident)).waiting
        await services().privacy.stored.remove(resident)
        dispatcher.utter_message(
            response="utter_data_deleted_but_waiting" if waiting else "utter_data_deleted"
        )
        return []


class ActionReportLink(Action):
    """Says that somebody else has linked one of the resident's accounts."""

    def name(self) -> str:
        return "action_report_link"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        account = entity_of(tracker, "account")
        if account in await services().accounts.of(resident_of(tracker)):
            dispatcher.utter_message(response="utter_link_elsewhere", account=account)
        # An open form did not take this event; as a fresh one it takes the next answer.
        return [ActiveLoop(tracker.active_loop_name)] if tracker.active_loop_name else []


class ActionObjectToLink(Action):
    """Keeps the resident's objection for an operator and says what follows."""

    def name(self) -> str:
        return "action_object_to_link"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        accounts = await services().privacy.notices.object(resident_of(tracker))
        if accounts:
            dispatcher.utter_message(response="utter_link_objected", accounts=", ".join(accounts))
        else:
            dispatcher.utter_message(response="utter_link_objected_to_nothing")
        return []
