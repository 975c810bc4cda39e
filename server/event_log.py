"""What the event log keeps of a turn: enough to replay it, with account numbers masked.

One entry for the resident's message (`user`) or for what the bot begins by itself (`notice`), one
for each action with what it changed (`action`), one for each message of the bot (`bot`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SlotSet,
    UserUttered,
)

from backend.delivery.masking import mask, mask_for, shapes
from server.turns import MOST_CHARACTERS

# How much of the classifier's ranking is kept of a message.
KEPT_RANKING = 4
# A slot's value beyond this length, or a structure, is only told to be there.
LONGEST_VALUE = 200
SOMETHING = "…"
NUMBER_INTENT = "provide_number"
NUMBER_SLOT = "account_number"


def log_of(
    events: list[Event],
    user_id: str = "",
    typed: str | None = None,
    *,
    is_notice: bool = False,
) -> list[dict[str, Any]]:
    """What happened since the last message of the resident, as entries of the event log.

    `user_id` is the resident's id in the messenger, which the bot may have said. `typed` are the
    resident's own words, None for what was pressed; they are kept where the bot was given others.
    `is_notice`: the last message is nobody's, the bot has begun by itself.
    """
    last = max(
        (index for index, event in enumerate(events) if isinstance(event, UserUttered)), default=0
    )
    entries: list[dict[str, Any]] = []
    # Slots and forms that change belong to the action before them, or to the message.
    changing: dict[str, Any] = {}
    for event in events[last:]:
        if isinstance(event, UserUttered):
            changing = _user(event, typed, *_open_question(events[:last]))
            if is_notice:
                changing["kind"] = "notice"
            entries.append(changing)
        elif isinstance(event, BotUttered):
            entries.append(_bot(event, user_id))
        elif isinstance(event, ActionExecuted) and event.action_name not in (None, "action_listen"):
            changing = {"kind": "action", "name": event.action_name, "policy": event.policy}
            entries.append(changing)
        elif isinstance(event, SlotSet):
            changing.setdefault("slots", {})[event.key] = _value(event.value)
        elif isinstance(event, ActiveLoop):
            changing["loop"] = event.name
    return entries


def _user(
    event: UserUttered, typed: str | None, form: str | None, asked: str | None
) -> dict[str, Any]:
    text, intent = mask(event.text or ""), event.intent.get("name")
    own = None if typed is None else typed.strip()[:MOST_CHARACTERS]
    if asked == NUMBER_SLOT and intent == NUMBER_INTENT and text == event.text:
        text, own = "•••", None  # an account number in words
    entry = {
        "kind": "user",
        "text": text,
        "intent": intent,
        "confidence": event.intent.get("confidence"),
        "ranking": [
            [other.get("name"), round(other.get("confidence") or 0, 3)]
            for other in (event.parse_data.get("intent_ranking") or [])[:KEPT_RANKING]
        ],
        "form": form,
        "asked": asked,
    }
    if own and own != event.text:
        entry["typed"] = mask(own)
    if hidden := shapes(event.text or ""):
        entry["hidden"] = hidden
    return entry


def _bot(event: BotUttered, user_id: str) -> dict[str, Any]:
    data = event.data or {}
    entry = {
        "kind": "bot",
        "text": mask_for(user_id, event.text or ""),
        "response": event.metadata.get("utter_action"),
        "buttons": [
            [mask(str(button.get("title"))), mask(str(button.get("payload")))]
            for button in data.get("buttons") or []
        ],
    }
    return {**entry, "picture": True} if data.get("custom") else entry


def _open_question(events: Iterable[Event]) -> tuple[str | None, str | None]:
    """The open form and the slot that it asks for; None and None when no question is open."""
    form, asked = None, None
    for event in events:
        if isinstance(event, SlotSet) and event.key == REQUESTED_SLOT:
            asked = event.value
        elif isinstance(event, ActiveLoop):
            form = event.name
    return (form, asked) if form else (None, None)


def _value(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (str, int, float)):
        text = str(value)
        return mask(text) if len(text) <= LONGEST_VALUE else SOMETHING
    return SOMETHING if value else None
