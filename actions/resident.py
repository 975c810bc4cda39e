"""Who writes, what the message is, and what answers that do not fit lead to."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

# Answers that do not fit, one after another, before a person's phone is given.
MOST_FAILURES = 3
# What a form takes as an attempt to answer; every other intent is a wish of its own.
ANSWERS = frozenset({"provide_number", "submit_readings"})
# How sure a typed «yes» must be to submit readings or to remove an account.
CERTAIN = 0.7
UNCLEAR = frozenset({"out_of_scope", "nlu_fallback"})


def resident_of(tracker: Tracker) -> str:
    """The resident's key, «channel:user id»."""
    sender = str(tracker.sender_id)
    return sender if ":" in sender else f"{tracker.get_latest_input_channel() or 'web'}:{sender}"


def event_id_of(tracker: Tracker) -> str:
    """The id of the event that is being answered, the same when the turn is repeated."""
    metadata = tracker.latest_message.get("metadata") or {}
    return str(metadata.get("event_id") or tracker.latest_message.get("message_id"))


def intent_of(tracker: Tracker) -> str:
    """The latest message's intent, empty if it has none."""
    return str((tracker.latest_message.get("intent") or {}).get("name") or "")


def is_certain(tracker: Tracker) -> bool:
    """True if the message can be acted upon where a wrong guess would do harm."""
    intent = tracker.latest_message.get("intent") or {}
    return float(intent.get("confidence") or 0) >= CERTAIN


def words_of(tracker: Tracker) -> str:
    """What the resident typed; empty when a button was pressed or nothing was written."""
    text = str(tracker.latest_message.get("text") or "")
    return "" if text.startswith("/") else text


def answers(tracker: Tracker) -> bool:
    """True if the typed words try to answer the open question; False for a wish of their own."""
    words, intent = words_of(tracker), intent_of(tracker)
    if intent == "submit_readings":
        return any(character.isdigit() for character in words)
    return bool(words) and intent in ANSWERS | UNCLEAR


def entity_of(tracker: Tracker, name: str) -> str | None:
    """The value that a button carries, or None."""
    for entity in tracker.latest_message.get("entities") or []:
        if entity.get("entity") == name:
            return str(entity.get("value"))
    return None


def count_failure(dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
    """Counts an answer that did not fit; at the third in a row names a person's phone."""
    failures = int(tracker.get_slot("failures") or 0) + 1
    if failures >= MOST_FAILURES:
        dispatcher.utter_message(response="utter_failed_three_times")
        failures = 0
    return {"failures": failures}
