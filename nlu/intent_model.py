"""A linear model over message features that ranks intents with honest confidences."""

from __future__ import annotations

import json
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from nlu.encoder import SentenceEncoder
from nlu.features import MessageFeatures
from nlu.normaliser import NormalisedText

Scores = npt.NDArray[np.float64]

_WEIGHTS = "weights.npz"
_LABELS = "intents.json"
_TEMPERATURES = np.linspace(1.0, 8.0, 29)


@dataclass(frozen=True)
class RankedIntent:
    """One candidate; the confidences of a ranking add up to 1."""

    name: str
    confidence: float


@dataclass(frozen=True)
class Training:
    """How the model learns: strength of fit, seed, and of how many folds calibration leaves one."""

    fit_strength: float = 0.6
    folds: int = 3
    seed: int = 13


class IntentModel:
    """Scores each intent by a hyperplane; scores become confidences by a fitted temperature."""

    def __init__(
        self,
        features: MessageFeatures,
        intents: list[str],
        weights: npt.NDArray[np.float32],
        bias: Scores,
        temperature: float,
    ) -> None:
        """`weights` has a row for each intent."""
        self._features = features
        self._intents = intents
        # Turned round and of the rows' type once: a product with anything else copies all of it,
        # which took as long as everything before it.
        self._weights = np.ascontiguousarray(weights.T)
        self._bias = bias
        self._temperature = temperature

    @classmethod
    def train(
        cls,
        messages: list[NormalisedText],
        intents: list[str],
        encoder: SentenceEncoder | None,
        training: Training | None = None,
        remembered: Path | None = None,
    ) -> IntentModel:
        """Learns from messages and their intents; needs at least two intents.

        `remembered` is a folder for what the encoder made of the messages.
        """
        training = training or Training()
        names = sorted(set(intents))
        target = np.array([names.index(intent) for intent in intents])
        features = MessageFeatures(encoder)
        rows = features.fit(messages, intents, remembered)
        # The fits let go of Python's lock: side by side they take half of the time.
        with ThreadPoolExecutor(max_workers=2) as pool:
            whole = pool.submit(_hyperplanes, rows, target, training)
            temperature = _calibrate(rows, target, training, pool)
            weights, bias = whole.result()
        return cls(features, names, weights.astype(np.float32), bias, temperature)

    def rank(self, message: NormalisedText) -> list[RankedIntent]:
        """All intents, likeliest first."""
        return self.rank_all([message])[0]

    def rank_all(self, messages: list[NormalisedText]) -> list[list[RankedIntent]]:
        """The same for many messages at once."""
        if not messages:
            return []
        rows = self._features.rows(messages).astype(self._weights.dtype)
        scores = np.asarray(rows @ self._weights) + self._bias
        confidences = _softmax(scores * self._temperature)
        return [
            [RankedIntent(self._intents[at], float(row[at])) for at in np.argsort(-row)]
            for row in confidences
        ]

    def is_mash(self, message: NormalisedText) -> bool:
        """A few letters that are no word of any wish; letters alone look like a short yes."""
        return self._features.is_mash(message)

    def save(self, folder: Path) -> None:
        """Writes numbers and JSON only."""
        self._features.save(folder)
        np.savez_compressed(folder / _WEIGHTS, weights=self._weights.T, bias=self._bias)
        content = {"intents": self._intents, "temperature": self._temperature}
        (folder / _LABELS).write_text(json.dumps(content), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, encoder: SentenceEncoder | None) -> IntentModel:
        """Reads what save wrote, without any training code."""
        content = json.loads((folder / _LABELS).read_text(encoding="utf-8"))
        with np.load(folder / _WEIGHTS, allow_pickle=False) as stored:
            return cls(
                MessageFeatures.load(folder, encoder),
                content["intents"],
                stored["weights"],
                stored["bias"],
                content["temperature"],
            )


def _hyperplanes(
    rows: csr_matrix, target: npt.NDArray[np.int64], training: Training
) -> tuple[npt.NDArray[np.float64], Scores]:
    model = LinearSVC(C=training.fit_strength, random_state=training.seed).fit(rows, target)
    weights, bias = model.coef_, model.intercept_
    if len(weights) == 1:  # two classes share one hyperplane
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    return weights, bias


def _calibrate(
    rows: csr_matrix, target: npt.NDArray[np.int64], training: Training, pool: Executor
) -> float:
    """The temperature under which held-out confidences are most truthful (least log loss)."""
    if training.folds < 2 or np.bincount(target).min() < training.folds:
        return 4.0
    folds = StratifiedKFold(training.folds, shuffle=True, random_state=training.seed)
    # One fold is thousands of messages for one number: the others would only cost time.
    known, held_out = next(folds.split(target, target))
    weights, bias = pool.submit(_hyperplanes, rows[known], target[known], training).result()
    scores = np.asarray(rows[held_out] @ weights.T) + bias
    places = np.arange(len(held_out))
    losses = [
        -np.log(_softmax(scores * temperature)[places, target[held_out]] + 1e-12).mean()
        for temperature in _TEMPERATURES
    ]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def _softmax(scores: Scores) -> Scores:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
