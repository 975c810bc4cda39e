"""Shortens what Rasa does many times in every turn: judging action results, looking up the types of
events, copying slots.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jsonschema
import rasa.core.processor
import rasa.shared.utils.common
from rasa.core.actions.action import RemoteAction
from rasa.shared.constants import DOCS_BASE_URL
from rasa.shared.core.events import Event
from rasa.shared.core.slots import Slot

from server.internals import check_version


def speed_up() -> None:
    """Applies the changes; harmless when called again.

    Raises:
        UnknownRasaVersion: nothing was changed.
    """
    check_version()
    RemoteAction._validate_action_result = _validate_action_result
    Event.resolve_by_type = staticmethod(_resolve_by_type)
    rasa.core.processor.copy = _NoCopies
    Slot.__copy__ = _copy_slot


@lru_cache(maxsize=1)
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


class _NoCopies:
    """In place of the module `copy`, which Rasa's processor uses only for its debug log."""

    @staticmethod
    def deepcopy(value: Any) -> Any:
        return value


def _copy_slot(slot: Slot) -> Slot:
    """What copy.copy gives for any plain object, without the protocol of pickling.

    Every prediction replays the conversation in a tracker with copies of all slots.
    """
    copied = object.__new__(type(slot))
    copied.__dict__.update(slot.__dict__)
    return copied


def _is_plainly_valid(result: Any) -> bool:
    """True only for what the schema allows: named events, and responses that are objects."""
    if not isinstance(result, dict):
        return False
    events, responses = result.get("events", []), result.get("responses", [])
    return (
        isinstance(events, list)
        and isinstance(responses, list)
        and all(isinstance(one, dict) and _is_plain_event(one) for one in events)
        and all(isinstance(one, dict) for one in responses)
    )


def _is_plain_event(event: dict[str, Any]) -> bool:
    # What the actions of this project return; everything else is for the schema to judge.
    kind = event.get("event")
    if type(event.get("timestamp")) not in (int, float, type(None)):
        return False
    if not isinstance(event.get("metadata"), (dict, type(None))):
        return False
    if kind == "slot":
        return isinstance(event.get("name"), str) and "value" in event
    if kind == "followup":
        return isinstance(event.get("name"), str)
    if kind == "active_loop":
        return "name" in event and isinstance(event["name"], (str, type(None)))
    return False


def _validate_action_result(_self: RemoteAction, result: dict[str, Any]) -> bool:
    if _is_plainly_valid(result):
        return True
    # The same error as jsonschema.validate gives: the most relevant one.
    error = jsonschema.exceptions.best_match(_validator().iter_errors(result))
    if error is None:
        return True
    error.message += (
        ". Failed to validate Action server response from API, "
        "make sure your response from the Action endpoint is valid. "
        f"For more information about the format visit {DOCS_BASE_URL}/custom-actions"
    )
    raise error


@lru_cache(maxsize=1)
def _event_types() -> dict[str, type[Event]]:
    types: dict[str, type[Event]] = {}
    for kind in rasa.shared.utils.common.all_subclasses(Event):
        types.setdefault(kind.type_name, kind)
    return types


def _resolve_by_type(type_name: str, default: type[Event] | None = None) -> type[Event] | None:
    found = _event_types().get(type_name)
    if found is not None:
        return found
    if type_name == "topic":
        return None
    if default is not None:
        return default
    raise ValueError(f"Unknown event name '{type_name}'.")
