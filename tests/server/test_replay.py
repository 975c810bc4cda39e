"""A replay that goes on gives the states that Rasa's own gives, whatever happens in between."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionReverted,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    FollowupAction,
    LoopInterrupted,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from server.agent import load_agent
from server.internals import replay
from server.internals.replay import _by_rasa, _states_for_tracker_history
from server.models import newest_model

ROOT = Path(__file__).parents[2]
DOMAIN = Domain.load([str(ROOT / "domain.yml"), str(ROOT / "domain")])
TELLING = [slot.name for slot in DOMAIN.slots if slot.influence_conversation]
FORMS = sorted(DOMAIN.forms)
ACTIONS = ["action_listen", "utter_thank", "action_continue", *FORMS[:2]]
RULE_ONLY = {"rule_only_slots": TELLING[:2], "rule_only_loops": FORMS[:1]}

EVENTS = st.one_of(
    st.builds(
        lambda intent, text: UserUttered(text, {"name": intent, "confidence": 1.0}),
        st.sampled_from(["thank", "greet", "submit_readings"]),
        st.sampled_from(["спасибо", "/greet"]),
    ),
    st.builds(
        lambda name, hidden: ActionExecuted(name, hide_rule_turn=hidden),
        st.sampled_from(ACTIONS),
        st.booleans(),
    ),
    st.builds(SlotSet, st.sampled_from(TELLING), st.sampled_from([None, True, "1", 0])),
    st.builds(ActiveLoop, st.sampled_from([None, *FORMS[:2]])),
    st.builds(LoopInterrupted, st.booleans()),
    st.builds(DefinePrevUserUtteredFeaturization, st.booleans()),
    st.builds(FollowupAction, st.sampled_from(ACTIONS)),
    st.sampled_from(
        [BotUttered("да"), AllSlotsReset(), ActionReverted(), UserUtteranceReverted()]
    ).map(copy.deepcopy),
    st.sampled_from([SessionStarted(), Restarted()]).map(copy.deepcopy),
)


def states(function: object, tracker: DialogueStateTracker, *how: object) -> list[object]:
    found: list[object] = function(DOMAIN, tracker, *how)  # type: ignore[operator]
    return found


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(EVENTS, st.booleans()), min_size=1, max_size=25))
def test_the_states_are_those_of_rasa(steps: Sequence[tuple[Event, bool]]) -> None:
    tracker = DialogueStateTracker("one", DOMAIN.slots)
    ways = [(False, False, None), (False, True, RULE_ONLY), (True, False, None)]
    for event, looked_at in steps:
        tracker.update(event)
        if not looked_at:
            continue
        for way in ways:
            expected = states(_by_rasa, tracker, *way)
            given_out = states(_states_for_tracker_history, tracker, *way)
            assert given_out == expected
            # Policies change what they get.
            for state in given_out:
                for part in state.values():  # type: ignore[attr-defined]
                    part.clear()


def test_a_turn_is_replayed_once_and_not_for_every_prediction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = []
    monkeypatch.setattr(
        DialogueStateTracker,
        "init_copy",
        lambda self, original=DialogueStateTracker.init_copy: begun.append(1) or original(self),
    )
    tracker = DialogueStateTracker("one", DOMAIN.slots)
    tracker.update(ActionExecuted("action_listen"))
    tracker.update(UserUttered("спасибо", {"name": "thank", "confidence": 1.0}))
    for action in ("utter_thank", "action_continue", "action_listen"):
        for ignores_rules in (False, True):
            assert states(_states_for_tracker_history, tracker, False, ignores_rules, {})
        tracker.update(ActionExecuted(action))
    assert len(begun) == 1


def test_trackers_of_a_training_keep_their_own_states(monkeypatch: pytest.MonkeyPatch) -> None:
    class OfTraining(DialogueStateTracker):
        pass

    asked = []
    monkeypatch.setattr(replay, "_by_rasa", lambda *given: asked.append(given) or [])
    assert states(_states_for_tracker_history, OfTraining("one", DOMAIN.slots)) == []
    assert len(asked) == 1


@pytest.mark.model
def test_the_bot_replays_so() -> None:
    load_agent(newest_model(ROOT / "models"))
    assert Domain.states_for_tracker_history is _states_for_tracker_history
