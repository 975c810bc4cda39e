"""A Rasa tracker store over one bounded row per resident.

The turn (backend/delivery/turn.py) reads and writes the row; here it becomes a tracker and back.
The row is a short list of events: session start, the slots that are set, the active loop, then the
last turns. So the cost of a turn does not depend on how long somebody has been a customer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
    deserialise_events,
)
from rasa.shared.core.trackers import DialogueStateTracker

from backend.delivery.buttons import typed_words
from backend.delivery.model import EventKind
from backend.delivery.turn import Turn, current_turn
from server.event_log import KEPT_RANKING, log_of

# Rules look at the current turn, stories at as many actions before it as their policy remembers
# (max_history in config.yml). Every turn has at least two actions, the last one is to listen.
KEPT_TURNS = 3
KEPT_ACTIONS = 4


class ConversationStore(TrackerStore):
    """Gives Rasa the tracker of the turn under way and takes it back; never any other."""

    def __init__(self, domain: Domain | None = None) -> None:
        """`domain` may come later, when the model is loaded."""
        super().__init__(domain or Domain.empty())

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker of the turn's resident, or None at the first turn."""
        turn = _turn(sender_id)
        if not turn.events:
            return None
        return DialogueStateTracker.from_events(
            sender_id, deserialise_events(turn.events), self.domain.slots
        )

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Puts the condensed tracker and the log of the turn into the turn."""
        turn = _turn(tracker.sender_id)
        events = list(tracker.events)
        turn.log = log_of(
            events,
            turn.event.user_id,
            typed_words(turn.event, turn.keyboards),
            is_notice=turn.event.kind is EventKind.LINKED,
        )
        turn.events = [_stored(event) for event in condense(events, self.domain)]
        turn.saved = True

    async def keys(self) -> Iterable[str]:
        """Conversations are listed by SQL, not through Rasa."""
        return []


def _turn(sender_id: str) -> Turn:
    turn = current_turn.get()
    if turn is None or turn.event.resident != sender_id:
        raise RuntimeError("A conversation is read or written outside its turn.")
    return turn


def condense(events: list[Event], domain: Domain) -> list[Event]:
    """The shortest list of events that gives the same slots, loop and last turns."""
    starts = [index for index, event in enumerate(events) if isinstance(event, UserUttered)]
    kept = starts[-KEPT_TURNS:]
    enough = (one for one in reversed(kept) if _actions(events[one:]) >= KEPT_ACTIONS)
    cut = next(enough, kept[0] if kept else 0)
    if starts[:1] in ([], [cut]):
        return events
    before = DialogueStateTracker.from_events("condensed", events[:cut], domain.slots)
    prefix: list[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    prefix += [
        SlotSet(name, slot.value)
        for name, slot in before.slots.items()
        if slot.value != slot.initial_value
    ]
    if before.active_loop_name:
        prefix.append(ActiveLoop(before.active_loop_name))
    prefix.append(ActionExecuted("action_listen"))
    return [*prefix, *events[cut:]]


def _actions(events: list[Event]) -> int:
    return sum(isinstance(event, ActionExecuted) for event in events)


def _stored(event: Event) -> dict[str, Any]:
    stored: dict[str, Any] = event.as_dict()
    if isinstance(event, UserUttered):
        parse_data = dict(stored.get("parse_data") or {})
        parse_data["intent_ranking"] = (parse_data.get("intent_ranking") or [])[:KEPT_RANKING]
        for bulky in ("text_tokens", "response_selector"):
            parse_data.pop(bulky, None)
        stored["parse_data"] = parse_data
    elif isinstance(event, BotUttered) and (stored.get("data") or {}).get("custom"):
        # A picture, which the outbox keeps: the conversation stays small.
        stored["data"] = {**stored["data"], "custom": None}
    return stored
