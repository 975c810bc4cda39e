"""Every change to Rasa's internals, in one place: the same behaviour, only faster.

Written for Rasa 3.6.21 and refused on any other version: read the changed functions there first.

cached result validator   Rasa checks the schema itself again on every action call (about 20 ms).
cached event look-up      Rasa walks all subclasses of Event for each event it reads.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jsonschema
import rasa.shared.utils.common
from rasa import __version__
from rasa.core.actions.action import RemoteAction
from rasa.shared.constants import DOCS_BASE_URL
from rasa.shared.core.events import Event

WRITTEN_FOR = "3.6.21"


class UnknownRasaVersion(Exception):
    """The installed Rasa is not the one these changes were written for."""


def speed_up(version: str = __version__) -> None:
    """Applies the changes; harmless when called again.

    Raises:
        UnknownRasaVersion: nothing was changed.
    """
    if version != WRITTEN_FOR:
        raise UnknownRasaVersion(
            f"server/internals.py changes Rasa {WRITTEN_FOR}, but {version} is installed."
        )
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
