"""The changes to Rasa's internals leave its behaviour as it is."""

import tempfile
from pathlib import Path

import jsonschema
import pytest
import rasa.shared.utils.common
from hypothesis import given
from hypothesis import strategies as st
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema
from rasa.engine.loader import load_predict_graph_runner
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, UserUttered, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from server.internals import WRITTEN_FOR, UnknownRasaVersion, check_version
from server.internals.graph import _run
from server.internals.speed_up import (
    _copy_slot,
    _is_plainly_valid,
    _resolve_by_type,
    _validate_action_result,
    speed_up,
)
from server.models import newest_model

ROOT = Path(__file__).parents[2]
# Taken before anything else in this run may have replaced it.
BY_DASK = DaskGraphRunner.run

RESULTS = [
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "a", "value": 1, "timestamp": None}], "responses": []},
    {"events": "none", "responses": []},
    {"events": [], "responses": [1]},
    {"events": [{"no": "event"}], "responses": []},
    {},
]


def test_the_installed_rasa_is_the_one_the_changes_were_written_for():
    speed_up()
    assert rasa.__version__ == WRITTEN_FOR


def test_another_version_of_rasa_is_refused():
    with pytest.raises(UnknownRasaVersion, match="3\\.7\\.0"):
        check_version("3.7.0")


@pytest.mark.parametrize("result", RESULTS)
def test_the_cached_validator_judges_as_jsonschema_does(result):
    schema = RemoteAction.action_response_format_spec()
    expected = jsonschema.exceptions.best_match(
        jsonschema.Draft7Validator(schema).iter_errors(result)
    )
    if expected is None:
        assert _validate_action_result(RemoteAction("a", None), result)
        return
    with pytest.raises(jsonschema.ValidationError) as by_rasa:
        jsonschema.validate(result, schema)
    with pytest.raises(jsonschema.ValidationError) as by_us:
        _validate_action_result(RemoteAction("a", None), result)
    assert by_us.value.message.startswith(by_rasa.value.message)
    assert "Failed to validate Action server response" in by_us.value.message


def test_a_slot_is_copied_as_copy_copies_it():
    domain = Domain.load([str(ROOT / "domain.yml"), str(ROOT / "domain")])
    assert domain.slots
    for slot in domain.slots:
        slot.value = ["a list that both share"]
        plain = object.__reduce_ex__(slot, 4)
        copied = _copy_slot(slot)
        assert type(copied) is type(slot)
        assert copied.__dict__ == slot.__dict__ == plain[2]
        assert copied.value is slot.value
        copied.value = None
        assert slot.value == ["a list that both share"]


def test_every_event_type_is_found_as_rasa_finds_it():
    for kind in rasa.shared.utils.common.all_subclasses(Event):
        first = next(
            other
            for other in rasa.shared.utils.common.all_subclasses(Event)
            if other.type_name == kind.type_name
        )
        assert _resolve_by_type(kind.type_name) is first


def test_unknown_event_types_end_as_in_rasa():
    assert _resolve_by_type("topic") is None
    assert _resolve_by_type("unheard_of", default=Event) is Event
    with pytest.raises(ValueError, match="Unknown event name"):
        _resolve_by_type("unheard_of")


def test_stored_events_are_read_with_the_cached_look_up():
    speed_up()
    events = deserialise_events(
        [{"event": "action", "name": "action_listen"}, {"event": "slot", "name": "a", "value": 1}]
    )
    assert [event.type_name for event in events] == ["action", "slot"]


_VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3))
_EVENTS = st.dictionaries(
    st.sampled_from(["event", "name", "value", "timestamp", "metadata"]),
    st.one_of(_VALUES, st.sampled_from(["slot", "followup", "active_loop", "user"]), st.just({})),
)


@given(
    st.dictionaries(
        st.sampled_from(["events", "responses"]),
        st.one_of(_VALUES, st.lists(st.one_of(_EVENTS, _VALUES), max_size=3)),
    )
)
def test_what_is_called_plainly_valid_is_valid_to_the_schema(result):
    if _is_plainly_valid(result):
        jsonschema.validate(result, RemoteAction.action_response_format_spec())


def test_the_events_that_actions_return_are_plainly_valid():
    events = [SlotSet("a", [1]), FollowupAction("action_listen"), ActiveLoop(None)]
    assert _is_plainly_valid({"events": events, "responses": [{"text": "a"}]})


@pytest.mark.model
def test_the_graph_gives_what_it_gives_with_dask():
    model = newest_model(ROOT / "models")
    _, runner = load_predict_graph_runner(
        Path(tempfile.mkdtemp()), model, LocalModelStorage, DaskGraphRunner
    )
    schema = runner._graph_schema
    message = UserMessage("где найти лицевой счёт", sender_id="one")
    inputs = {PLACEHOLDER_MESSAGE: [message]}
    target = next(name for name in schema.nodes if name.startswith("run_RegexMessageHandler"))
    by_dask = BY_DASK(runner, inputs, [target])[target][0].as_dict()
    directly = _run(runner, inputs, [target])[target][0].as_dict()
    assert directly == by_dask
    assert directly["intent"]["name"]

    for intent in ("greet", "ask_contacts", "main_menu", "submit_readings"):
        tracker = DialogueStateTracker.from_events(
            "one", [ActionExecuted("action_listen"), UserUttered(intent, {"name": intent})]
        )
        inputs = {PLACEHOLDER_TRACKER: tracker}
        by_dask = BY_DASK(runner, inputs, ["select_prediction"])["select_prediction"]
        directly = _run(runner, inputs, ["select_prediction"])["select_prediction"]
        assert directly.probabilities == by_dask.probabilities
        assert directly.policy_name == by_dask.policy_name
        assert directly.events == by_dask.events


def test_an_input_that_looks_like_a_node_is_refused_as_by_dask():
    runner = DaskGraphRunner(GraphSchema({}), None, None)
    runner._instantiated_nodes = {"a": None}
    with pytest.raises(GraphRunError, match="clashes"):
        _run(runner, {"input": "a"}, [])
