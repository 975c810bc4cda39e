"""Lets Rasa be imported without TensorFlow when nothing that is used needs it.

Rasa imports all of its components to register them. The modules named here are the ones that import
TensorFlow; each is replaced by a stand-in whose classes can be named and registered, never made.
"""

from __future__ import annotations

import json
import sys
import tarfile
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from server.internals import check_version

# Components by the name that config.yml and a model's schema call them, with their modules.
COMPONENTS = {
    "DIETClassifier": "rasa.nlu.classifiers.diet_classifier",
    "ResponseSelector": "rasa.nlu.selectors.response_selector",
    "ConveRTFeaturizer": "rasa.nlu.featurizers.dense_featurizer.convert_featurizer",
    "LanguageModelFeaturizer": "rasa.nlu.featurizers.dense_featurizer.lm_featurizer",
    "TEDPolicy": "rasa.core.policies.ted_policy",
    "UnexpecTEDIntentPolicy": "rasa.core.policies.unexpected_intent_policy",
}
# What only those components call.
_TRAINING = {"rasa.utils.tensorflow.callback", "rasa.utils.tensorflow.data_generator"}
_REPLACED = _TRAINING | set(COMPONENTS.values())


class TensorFlowLeftOut(Exception):
    """A component was asked for that was not imported."""


def without_tensorflow(components: str) -> bool:
    """Leaves TensorFlow out of what Rasa imports from now on, if it can be; True if it is.

    `components` is any text that names the components in use: config.yml, or a model's schema.
    To be called before Rasa is imported; afterwards it changes nothing.
    """
    check_version()
    if any(name in components for name in COMPONENTS):
        return False
    if any(isinstance(finder, _StandIns) for finder in sys.meta_path):
        return True
    if any(name in sys.modules for name in _REPLACED):
        return False
    sys.meta_path.insert(0, _StandIns())
    return True


def components_of(model: Path) -> str:
    """The schema of a trained model, which names the components it is made of."""
    with tarfile.open(model, "r:gz") as archive:
        for member in archive:
            if Path(member.name).name == "metadata.json":
                content = archive.extractfile(member)
                assert content is not None
                return json.dumps(json.load(content)["predict_schema"])
    raise ValueError(f"{model} has no metadata.json: it is not a model of Rasa.")


class _StandIn(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        kind = type(name, (), {"__module__": self.__name__, "__init__": _refuse})
        setattr(self, name, kind)
        return kind


def _refuse(self: object, *_args: Any, **_kwargs: Any) -> None:
    name = type(self).__name__
    raise TensorFlowLeftOut(f"{name} needs TensorFlow, which this process did not import.")


class _StandIns(MetaPathFinder, Loader):
    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(fullname, self) if fullname in _REPLACED else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run: names come into being when they are asked for."""
