"""Graph components that give Rasa's own DIET the same text and the same sentence encoder."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.encoder import UniversalSentenceEncoder
from nlu.normaliser import TextNormaliser


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class NormalisedTokenizer(Tokenizer):
    """Dictionary forms of the normalised text as tokens."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._normaliser = TextNormaliser.default()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NormalisedTokenizer:
        return cls(config)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        words = self._normaliser.normalise(message.get(attribute) or "").lemmas.split() or ["_"]
        starts = np.cumsum([0, *(len(word) + 1 for word in words)])
        return [Token(word, int(start)) for word, start in zip(words, starts, strict=False)]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class EncoderFeaturizer(DenseFeaturizer, GraphComponent):
    """The sentence encoder's row as a dense sentence feature."""

    def __init__(self, name: str, config: dict[str, Any]) -> None:
        super().__init__(name, config)
        self._normaliser = TextNormaliser.default()
        self._encoder = UniversalSentenceEncoder()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EncoderFeaturizer:
        return cls(execution_context.node_name, config)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing can be set."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"alias": "encoder"}

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = self._normaliser.normalise(message.get(TEXT) or "").text
            row = self._encoder.encode([text])
            message.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, "encoder"))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data
