"""Caches what Rasa works out anew in every turn: the judge of action results, the event types."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jsonschema
import rasa.shared.utils.common
from rasa.core.actions.action import RemoteAction
from rasa.shared.constants import DOCS_BASE_URL
from rasa.shared.core.events import Event

from server.internals import check_version


def speed_up() -> None:
    """Applies the changes; harmless when called again.

    Raises:
        UnknownRasaVersion: nothing was changed.
    """
    check_version()
    RemoteAction._validate_action_result = _validate_action_result
    Event.resolve_by_type = staticmethod(_resolve_by_type)


@lru_cache(maxsize=1)
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def _validate_action_result(_self: RemoteAction, result: dict[str, Any]) -> bool:
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
