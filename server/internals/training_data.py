"""Shortens how Rasa reads training data: parts are put together without copying every message."""

from __future__ import annotations

from copy import copy as shallow

import rasa.shared.nlu.training_data.training_data as rasa_training_data
from rasa.shared.nlu.training_data.training_data import TrainingData

from server.internals import check_version

_merge = TrainingData.merge


def merge_without_copies() -> None:
    """Applies the change; harmless when called again.

    Raises:
        UnknownRasaVersion: nothing was changed.
    """
    check_version()
    rasa_training_data.copy = _ShallowCopies
    TrainingData.merge = _merge_what_there_is


class _ShallowCopies:
    """In place of the module `copy`, which Rasa uses there to merge: lists are new, not messages.

    The parts are read once and never used again.
    """

    copy = staticmethod(shallow)
    deepcopy = staticmethod(shallow)


def _merge_what_there_is(data: TrainingData, *others: TrainingData | None) -> TrainingData:
    """Rasa's merge, or the only part with anything in it.

    Rasa begins with empty data and merges file by file, folder by folder; each time it looks at
    every message so far.
    """
    parts = [part for part in (data, *others) if part is not None and not _is_empty(part)]
    return parts[0] if len(parts) == 1 else _merge(data, *others)


def _is_empty(data: TrainingData) -> bool:
    return not any(
        (
            data.training_examples,
            data.entity_synonyms,
            data.regex_features,
            data.lookup_tables,
            data.responses,
        )
    )
