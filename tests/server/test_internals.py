"""The changes to Rasa's internals leave its behaviour as it is."""

import jsonschema
import pytest
import rasa.shared.utils.common
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event, deserialise_events

from server.internals import WRITTEN_FOR, UnknownRasaVersion, check_version
from server.internals.speed_up import _resolve_by_type, _validate_action_result, speed_up

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
