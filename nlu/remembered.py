"""Sentences that were encoded in an earlier training: only new ones cost time.

Encoding is the largest part of a training, and a designer changes a few phrases at a time.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nlu.encoder import Matrix, SentenceEncoder

logger = logging.getLogger(__name__)


class RememberedSentences:
    """An encoder that keeps its rows in a file, between trainings. Needs 2 kB a sentence."""

    def __init__(self, encoder: SentenceEncoder, folder: Path) -> None:
        """`folder` need not exist; what is in it may be deleted at any time."""
        self._encoder = encoder
        self._file = folder / f"{encoder.name}.npz"

    @property
    def name(self) -> str:
        """See SentenceEncoder: of the one behind it."""
        return self._encoder.name

    @property
    def dimensions(self) -> int:
        """See SentenceEncoder."""
        return self._encoder.dimensions

    def encode(self, sentences: list[str]) -> Matrix:
        """See SentenceEncoder; afterwards exactly these sentences are remembered."""
        keys = [hashlib.sha256(sentence.encode()).hexdigest()[:32] for sentence in sentences]
        known = self._read()
        new = {
            key: sentence for key, sentence in zip(keys, sentences, strict=True) if key not in known
        }
        if new:
            known.update(zip(new, self._encoder.encode(list(new.values())), strict=True))
        rows = np.vstack([known[key] for key in keys]).astype(np.float32)
        if new:
            self._write(keys, rows)
        return rows

    def _read(self) -> dict[str, npt.NDArray[np.float32]]:
        try:
            with np.load(self._file, allow_pickle=False) as stored:
                keys, rows = stored["keys"].tolist(), stored["rows"]
                if rows.shape != (len(keys), self.dimensions):
                    return {}
                return dict(zip(keys, rows, strict=True))
        except FileNotFoundError:
            return {}
        except Exception as error:
            logger.warning("%s can't be read and is made anew: %s", self._file.name, error)
            return {}

    def _write(self, keys: list[str], rows: Matrix) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._file.parent, suffix=".npz")
            with os.fdopen(handle, "wb") as file:
                np.savez(file, keys=np.array(keys), rows=rows)
            Path(name).replace(self._file)
        except OSError as error:
            # Without it a training takes longer and is no worse.
            logger.warning("%s can't be written: %s", self._file.name, error)
