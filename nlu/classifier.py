"""The bot's intent classifier as a component of Rasa's pipeline."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.certainty import KnownPhrases, Numbers
from nlu.doubt import Doubt
from nlu.encoder import installed_encoder
from nlu.familiarity import OUT_OF_SCOPE
from nlu.intent_model import IntentModel, RankedIntent, Training
from nlu.normaliser import NormalisedText, TextNormaliser

NUMBER_INTENT = "provide_number"

_PHRASES = "phrases.json"
# In the folder that training runs in, the project's.
_REMEMBERED = Path(".data/nlu")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ResidentIntentClassifier(GraphComponent, IntentClassifier):
    """Known phrases and pure numbers are certain; everything else is ranked by the model."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The settings that config.yml may change."""
        return {
            "ranking_length": 5,
            "fit_strength": 0.6,
            "folds": 3,
            "seed": 13,
            "encoder": True,
            # How likely, against the best wish, a message may be none of our business.
            "foreign_share": 0.07,
            # What is left of the confidence beyond that; below the threshold of the fallback.
            "doubtful_confidence": 0.3,
        }

    @staticmethod
    def required_packages() -> list[str]:
        """What must be installed besides Rasa; the sentence encoder is optional."""
        return ["sklearn", "pymorphy3", "rapidfuzz"]

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._normaliser = TextNormaliser.default()
        self._encoder = installed_encoder() if config["encoder"] else None
        self._numbers = Numbers()
        self._doubt = Doubt(config["foreign_share"], config["doubtful_confidence"])
        self._phrases = KnownPhrases(self._normaliser, {})
        self._model: IntentModel | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ResidentIntentClassifier:
        """An untrained classifier; it answers nothing until it is trained."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns the phrases of data/*/nlu.yml and stores what was learnt."""
        examples = [
            (example.get(TEXT), example.get(INTENT))
            for example in training_data.intent_examples
            if example.get(TEXT)
        ]
        if len({intent for _, intent in examples}) < 2:
            return self._resource
        messages: list[NormalisedText] = []

        def normalised() -> Iterator[tuple[str, str]]:
            # While the normaliser still remembers the text: each is looked at once.
            for text, intent in examples:
                messages.append(self._normaliser.normalise(text))
                yield text, intent

        self._phrases = KnownPhrases.learn(self._normaliser, normalised())
        self._model = IntentModel.train(
            messages,
            [intent for _, intent in examples],
            self._encoder,
            Training(self._config["fit_strength"], self._config["folds"], self._config["seed"]),
            remembered=_REMEMBERED,
        )
        self._store()
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets intent and intent_ranking of each message."""
        for message in messages:
            ranking = self._rank(message.get(TEXT) or "")[: self._config["ranking_length"]]
            named = [_as_rasa(candidate) for candidate in ranking]
            best = named[0] if named else {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}
            message.set(INTENT, best, add_to_output=True)
            message.set(INTENT_RANKING_KEY, named, add_to_output=True)
        return messages

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ResidentIntentClassifier:
        """The classifier as it was trained."""
        classifier = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            stored = folder / _PHRASES
            if stored.exists():
                known = json.loads(stored.read_text(encoding="utf-8"))
                classifier._phrases = KnownPhrases(classifier._normaliser, known)
                classifier._model = IntentModel.load(folder, classifier._encoder)
                # The encoder reads its weights when it is first asked: now, which takes a second
                # and a half, and not in a resident's turn.
                classifier._model.rank(classifier._normaliser.normalise("?"))
        return classifier

    def _store(self) -> None:
        with self._model_storage.write_to(self._resource) as folder:
            if self._model is not None:
                self._model.save(folder)
            text = json.dumps(self._phrases.intents, ensure_ascii=False)
            (folder / _PHRASES).write_text(text, encoding="utf-8")

    def _rank(self, text: str) -> list[RankedIntent]:
        if self._model is None or not text.strip():
            return []
        # What is certain needs no ranking, which is the dearest part of a turn.
        known = self._phrases.intent_of(text)
        if known is not None:
            return [RankedIntent(known, 1.0)]
        are_values = self._numbers.fill(text)
        if are_values and self._numbers.alone(text):
            return [RankedIntent(NUMBER_INTENT, 1.0)]
        plain = self._normaliser.normalise(text)
        ranking = self._model.rank(plain)
        # Numbers and meters, unless they are another company's, as in "gas 345".
        if are_values and ranking[0].name != OUT_OF_SCOPE:
            return [RankedIntent(NUMBER_INTENT, 1.0)]
        return self._doubt.applied(ranking, is_mash=self._model.is_mash(plain))


def _as_rasa(candidate: RankedIntent) -> dict[str, Any]:
    return {INTENT_NAME_KEY: candidate.name, PREDICTED_CONFIDENCE_KEY: candidate.confidence}
