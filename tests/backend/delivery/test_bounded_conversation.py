"""The conversation's row stays small and gives Rasa the state that the whole history would give."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("rasa")

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from server.conversation import condense

DOMAIN = Domain.from_yaml(
    """
version: "3.1"
intents: [submit, affirm, deny, help]
slots:
  wish: {type: text, influence_conversation: true, mappings: [{type: custom}]}
  linked: {type: bool, influence_conversation: true, mappings: [{type: custom}]}
  readings: {type: any, mappings: [{type: custom}]}
forms:
  submit_form: {required_slots: [wish]}
actions: [action_submit]
responses:
  utter_help: [{text: help}]
"""
)
START: list[Event] = [
    ActionExecuted("action_session_start"),
    SessionStarted(),
    ActionExecuted("action_listen"),
]
SLOT = st.one_of(
    st.builds(SlotSet, st.just("wish"), st.sampled_from(["submit", "list", None])),
    st.builds(SlotSet, st.just("linked"), st.sampled_from([True, False, None])),
    st.builds(
        SlotSet,
        st.just("readings"),
        st.dictionaries(st.text(max_size=3), st.integers(), max_size=3),
    ),
)
STEP = st.one_of(
    st.builds(ActionExecuted, st.sampled_from(["action_submit", "utter_help", "submit_form"])),
    st.builds(BotUttered, st.text(max_size=5)),
    st.builds(ActiveLoop, st.sampled_from(["submit_form", None])),
    st.builds(SlotSet, st.just("requested_slot"), st.sampled_from(["wish", None])),
    SLOT,
)
INTENT = st.sampled_from(["submit", "affirm", "deny", "help"])


@st.composite
def turns(draw: Any) -> list[Event]:
    intent = draw(INTENT)
    said = UserUttered(f"/{intent}", {"name": intent, "confidence": 1.0})
    return [said, *draw(st.lists(STEP, max_size=5)), ActionExecuted("action_listen")]


def tracker(events: list[Event]) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("vk:1", events, DOMAIN.slots)


@given(st.lists(turns(), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_slots_form_and_last_turns_are_those_of_the_whole_history(
    history: list[list[Event]],
) -> None:
    whole, kept = list(START), list(START)
    for turn in history:
        whole += turn
        kept = condense([*kept, *turn], DOMAIN)
    full, short = tracker(whole), tracker(kept)
    assert short.current_slot_values() == full.current_slot_values()
    assert short.active_loop_name == full.active_loop_name
    assert short.latest_action_name == full.latest_action_name
    assert short.latest_message == full.latest_message
    # What the policies see now, and saw when the last message came.
    assert short.past_states(DOMAIN)[-1] == full.past_states(DOMAIN)[-1]


@given(st.lists(turns(), min_size=20, max_size=30))
@settings(max_examples=15, deadline=None)
def test_its_size_does_not_grow_with_the_number_of_turns(history: list[list[Event]]) -> None:
    kept, sizes = list(START), []
    for turn in history:
        kept = condense([*kept, *turn], DOMAIN)
        sizes.append(len(kept))
    most_of_one_turn = max(len(turn) for turn in history)
    assert max(sizes) <= 3 * most_of_one_turn + len(DOMAIN.slots) + 4
    assert len(json.dumps([event.as_dict() for event in kept], default=str)) < 32_000


def test_condensing_again_changes_nothing() -> None:
    events: list[Event] = list(START)
    for number in range(9):
        events += [
            UserUttered("/help", {"name": "help", "confidence": 1.0}),
            SlotSet("readings", {"m": number}),
            ActionExecuted("action_listen"),
        ]
    once = condense(events, DOMAIN)
    assert len(condense(once, DOMAIN)) == len(once)
    assert tracker(condense(once, DOMAIN)).get_slot("readings") == {"m": 8}
