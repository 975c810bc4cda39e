"""What the Python code does with the conversation that can't be seen by reading it.

A developer who makes the code say a text under a name that is put together, or fill its variables
from a dictionary, adds it here; everything else is found in the code by itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend.billing.errors import REFUSALS
from backend.privacy.erasure import tables_with_residents
from backend.readings.reasons import Reason
from backend.readings.verdicts import Kind
from backend.settings import AfterClosing

# Intents nobody says: the bot makes them of events, buttons and what it did not understand.
TECHNICAL = {
    "nlu_fallback",
    "open_chat",
    "stale_button",
    "unsupported_message",
    "select_account",
    "select_meter",
    "correct_readings",
    "explain_reading",
    "accept_link",
    "report_link",
}


def families(intents: Iterable[str]) -> dict[str, set[str]]:
    """Names that Python puts together: the beginning, and what may follow it."""
    return {
        "utter_wish_": set(intents),
        "utter_balance_": {"debt", "paid", "overpaid"},
        "utter_data_": {table.name for table in tables_with_residents()},
        "utter_history_channel_": {"vk", "viber", "max", "telegram", "web"},
        "utter_readings_refused_": set(REFUSALS),
        "utter_reading_": {
            Kind.NOT_A_NUMBER.value,
            Kind.BELOW_PREVIOUS.value,
            Kind.TOO_MANY_DIGITS.value,
            Kind.VERIFICATION_EXPIRED.value,
        },
        "utter_reading_question_": {
            Kind.TOO_MANY_DECIMALS.value,
            Kind.DIAL_OVER.value,
            Kind.UNUSUALLY_HIGH.value,
            Kind.THOUSANDFOLD_SLIP.value,
            Kind.VOLUME_INSTEAD.value,
            Kind.BELOW_PREVIOUS.value,
        },
        "utter_after_closing_": {mode.value for mode in AfterClosing},
        "utter_button_": {reason.value for reason in Reason},
    }


# Families whose every member must have its text; of the others some may be missing.
WHOLE = (
    "utter_balance_",
    "utter_reading_",
    "utter_reading_question_",
    "utter_after_closing_",
    "utter_button_",
    "utter_history_channel_",
)
# Variables of responses whose names or variables are only known when Python runs.
VARIABLES: dict[str, set[str]] = {
    "utter_wish_": set(),
    "utter_balance_": {"account", "amount", "date", "pay"},
    "utter_readings_refused_": {"reason"},
    "utter_data_": {"count"},
    "utter_history_channel_": set(),
    "utter_history_month": {"month", "volume"},
    "utter_history_month_estimated": {"month", "volume"},
    "utter_reading_": {"meter", "value", "previous", "allowed", "when"},
    "utter_reading_question_": {"meter", "value", "proposal", "volume", "limit", "previous"},
    "utter_after_closing_": set(),
    "utter_button_": set(),
    "utter_reading_notice_verification_soon": {"meter", "when"},
    "utter_reading_notice_long_silence": {"meter", "when"},
    "utter_readings_refused": {"reason"},
    "utter_question_closed": set(),
    "utter_another_question_open": set(),
    "utter_no_question_open": set(),
}
# Slots that texts may show: they are always set when the text is said.
SHOWN_SLOTS = {"utter_ask_unlink_account_form_unlink_confirmed": {"account_to_unlink"}}
# Questions whose buttons the asking action adds; tests/actions shows that one of them leaves.
ASKED_BY_ACTIONS = {
    "utter_ask_account_to_unlink",
    "utter_ask_submission_account",
    "utter_ask_meter_to_correct",
    "utter_ask_history_account",
}
# Small talk may have several wordings; facts have one.
SMALL_TALK = {"utter_greet", "utter_goodbye", "utter_thank"}
# Captions that actions put on buttons.
CAPTIONS_OF_ACTIONS = ("utter_button_", "utter_wish_")
