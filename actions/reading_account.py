"""Opens an account for readings: looks it up, says what it does not take and what it has given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.meters import asked_about, label, reading_lines, to_slot
from actions.reading_answers import DONE, ReadingAnswers
from actions.texts import line
from actions.wiring import services
from backend.billing.errors import AccountNotFound, BillingError, BillingUnavailable
from backend.billing.model import AcceptedReading, Account, Meter, Period
from backend.readings.format import date_text
from backend.readings.standing import Standing, may_have_given, standing
from backend.settings import AfterClosing

# So many readings are asked of billing, the most it gives: years of all meters of an account.
HISTORY = 200


@dataclass
class AccountOpening:
    """One account at the beginning of the form. The methods speak and return the slots to set."""

    tracker: Tracker
    dispatcher: CollectingDispatcher
    domain: dict[str, Any]
    today: date

    async def open(self, number: str) -> dict[str, Any]:
        """Everything the form needs to know of the account, or why it ends here."""
        slots: dict[str, Any] = {"submission_account": number, "failures": None}
        try:
            found = await self._standing(number)
        except AccountNotFound:
            self.dispatcher.utter_message(response="utter_account_no_longer_found", account=number)
            return {**slots, "submission_blocked": "not_found"}
        except BillingUnavailable:
            self.dispatcher.utter_message(response="utter_billing_unavailable")
            return {**slots, "submission_blocked": "unavailable"}
        correction = bool(self.tracker.get_slot("correction"))
        blocked = self._blocked(found.account, correction=correction)
        meters = [meter for meter in found.account.meters if self._is_open(meter)]
        before = {
            meter.id: found.counting[meter.id] for meter in meters if meter.id in found.counting
        }
        slots.update(
            submission_blocked=blocked,
            meters=to_slot(meters),
            readings={},
            counting={key: format(value, "f") for key, value in before.items()},
        )
        if blocked:
            return slots
        if correction and before:
            slots.update(self._corrected(meters, before))
        elif correction:
            self.dispatcher.utter_message(response="utter_nothing_to_correct")
        elif before:
            self._say_given(meters, before)
        return self._with_offered_number(slots)

    async def _standing(self, number: str) -> Standing:
        account = await services().billing.account(number)
        unsent = await services().submissions.unsent(number)
        history: tuple[AcceptedReading, ...] = ()
        if may_have_given(account):
            try:
                history = await services().billing.readings(number, limit=HISTORY)
            except BillingError:
                # Known only to billing: the readings are taken without it, billing decides.
                history = ()
        return standing(account, history, unsent, is_whole=len(history) < HISTORY)

    def _is_open(self, meter: Meter) -> bool:
        return meter.accepts_readings and not self._is_expired(meter)

    def _is_expired(self, meter: Meter) -> bool:
        due = meter.next_verification_date
        return due is not None and due < self.today

    def _blocked(self, account: Account, *, correction: bool) -> str | None:
        meters = list(account.meters)
        if not meters:
            self.dispatcher.utter_message(
                response="utter_account_without_meters", account=account.number
            )
            return "no_meters"
        if correction and not account.period.open:
            self._say_correction_closed(account.period)
            return "correction_closed"
        for meter in meters:
            if not self._is_open(meter):
                self._say_closed(meter, label(meter, meters))
        if not any(map(self._is_open, meters)):
            self.dispatcher.utter_message(response="utter_all_meters_closed")
            return "all_closed"
        if not account.period.open:
            self._say_period_closed(account.period)
            if services().after_closing is AfterClosing.REFUSED:
                return "period_closed"
        return None

    def _say_closed(self, meter: Meter, name: str) -> None:
        due = meter.next_verification_date
        if due is not None and self._is_expired(meter):
            self.dispatcher.utter_message(
                response="utter_reading_verification_expired", meter=name, when=date_text(due)
            )
            return
        reason = meter.refusal or line(self.domain, "utter_meter_closed_no_reason")
        self.dispatcher.utter_message(response="utter_meter_closed", meter=name, reason=reason)

    def _say_period_closed(self, period: Period) -> None:
        then = line(self.domain, f"utter_after_closing_{services().after_closing.value}")
        if period.opens:
            self.dispatcher.utter_message(
                response="utter_period_closed", opens=date_text(period.opens), then=then
            )
        else:
            self.dispatcher.utter_message(response="utter_period_closed_undated", then=then)

    def _say_correction_closed(self, period: Period) -> None:
        if period.opens:
            self.dispatcher.utter_message(
                response="utter_correction_closed", opens=date_text(period.opens)
            )
        else:
            self.dispatcher.utter_message(response="utter_correction_closed_undated")

    def _say_given(self, meters: list[Meter], before: Mapping[str, Decimal]) -> None:
        self.dispatcher.utter_message(
            response="utter_readings_already_given",
            readings=reading_lines(meters, before, self.domain),
        )

    def _corrected(self, meters: list[Meter], before: Mapping[str, Decimal]) -> dict[str, Any]:
        """What was given can be changed, and nothing else: of several it is chosen which."""
        shown = [replace(meter, accepts_readings=meter.id in before) for meter in meters]
        slots: dict[str, Any] = {"meters": to_slot(shown)}
        if len(asked_about(shown)) == 1:
            self._say_given(meters, before)
            return slots
        return {
            **slots,
            "readings": {key: format(value, "f") for key, value in before.items()},
            "reading": DONE,
            "readings_confirmed": False,
        }

    def _with_offered_number(self, slots: dict[str, Any]) -> dict[str, Any]:
        """Takes the readings that came before the account was known."""
        offered = self.tracker.get_slot("offered_number")
        if not offered:
            return slots
        self.tracker.slots.update(slots)
        limits = services().limits
        answers = ReadingAnswers(self.tracker, self.dispatcher, self.domain, self.today, limits)
        taken = answers.take(offered)
        changed = taken["readings"] != slots["readings"] or taken["reading_question"]
        if changed:
            slots["readings_confirmed"] = None
        return {**slots, **taken, "offered_number": None}
