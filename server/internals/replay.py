"""Replays a conversation once for all predictions of a turn, not once for each policy of each.

Before a policy predicts, Rasa plays the whole conversation into an empty tracker and notes the
state before each action. A turn is three or four predictions by two policies, all with the same
beginning. Here the replay goes on from where the prediction before it ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rasa.shared.core.constants import PREVIOUS_ACTION
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted, DefinePrevUserUtteredFeaturization, Event
from rasa.shared.core.trackers import DialogueStateTracker

from server.internals import check_version

_by_rasa = Domain.states_for_tracker_history
_KEPT = "_replays"


def replay_once() -> None:
    """Applies the change; harmless when called again.

    Raises:
        UnknownRasaVersion: nothing was changed.
    """
    check_version()
    Domain.states_for_tracker_history = _states_for_tracker_history


@dataclass(frozen=True)
class _Moment:
    """What Rasa looks at before an action."""

    state: State
    previous_action: Any
    hide_rule_turn: bool
    goes_on: bool  # the turn stays hidden or shown as it was before


class _Replay:
    """The states before each action of a tracker's events so far."""

    def __init__(self, domain: Domain, tracker: DialogueStateTracker, omit_unset: bool) -> None:
        self._domain = domain
        self._omit_unset = omit_unset
        self._copy = tracker.init_copy()
        self._played: list[Event] = []
        self._moments: list[_Moment] = []

    def fits(self, domain: Domain, events: Sequence[Event]) -> bool:
        """True if what was played is how `events` begin, and nothing after it changes that."""
        played = len(self._played)
        return (
            domain is self._domain
            and played <= len(events)
            and all(one is other for one, other in zip(self._played, events, strict=False))
            # It changes how the message before it counts.
            and not any(
                isinstance(event, DefinePrevUserUtteredFeaturization) for event in events[played:]
            )
        )

    def moments(self, events: Sequence[Event]) -> list[_Moment]:
        """Plays what is new; the moments before each action, and now."""
        for event in events[len(self._played) :]:
            if isinstance(event, ActionExecuted):
                self._moments.append(self._moment(event.hide_rule_turn))
            self._copy.update(event)
            self._played.append(event)
        return [*self._moments, self._moment(hide_rule_turn=False)]

    def _moment(self, hide_rule_turn: bool) -> _Moment:
        copy = self._copy
        return _Moment(
            self._domain.get_active_state(copy, omit_unset_slots=self._omit_unset),
            self._domain._get_prev_action_sub_state(copy),
            hide_rule_turn,
            bool(copy.followup_action) or copy.latest_action_name == copy.active_loop_name,
        )


def _states_for_tracker_history(
    self: Domain,
    tracker: DialogueStateTracker,
    omit_unset_slots: bool = False,
    ignore_rule_only_turns: bool = False,
    rule_only_data: dict[str, Any] | None = None,
) -> list[State]:
    """Rasa's function, over the moments of a replay that is kept with the tracker."""
    if type(tracker) is not DialogueStateTracker:
        # Trackers of trainings keep states of their own.
        states: list[State] = _by_rasa(
            self, tracker, omit_unset_slots, ignore_rule_only_turns, rule_only_data
        )
        return states
    events = tracker.applied_events()
    replays: dict[bool, _Replay] = tracker.__dict__.setdefault(_KEPT, {})
    replay = replays.get(omit_unset_slots)
    if replay is None or not replay.fits(self, events):
        replay = replays[omit_unset_slots] = _Replay(self, tracker, omit_unset_slots)
    states = []
    last_ml_action: Any = None
    hidden = False
    for moment in replay.moments(events):
        if ignore_rule_only_turns:
            if not hidden:
                last_ml_action = moment.previous_action
            if not moment.goes_on:
                hidden = moment.hide_rule_turn
            if hidden:
                continue
        # Whoever gets the states changes them.
        state = {part: dict(content) for part, content in moment.state.items()}
        if ignore_rule_only_turns:
            self._remove_rule_only_features(state, rule_only_data)
            if states:
                self._substitute_rule_only_user_input(state, states[-1])
            if last_ml_action:
                state[PREVIOUS_ACTION] = dict(last_ml_action)
        states.append(self._clean_state(state))
    return states
