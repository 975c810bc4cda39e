"""Describes a normalised message by its letters, words, familiarity and meaning."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.preprocessing import normalize

from nlu.encoder import SentenceEncoder
from nlu.familiarity import Familiarity
from nlu.normaliser import NormalisedText
from nlu.remembered import RememberedSentences

_FILE = "features.json"


def _letters() -> TfidfVectorizer:
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5), sublinear_tf=True)


def _words() -> TfidfVectorizer:
    words = r"\S+"
    return TfidfVectorizer(token_pattern=words, ngram_range=(1, 2), sublinear_tf=True)


def weighted(
    vectoriser: TfidfVectorizer, rarity: npt.NDArray[np.float64], texts: list[str]
) -> csr_matrix:
    """What `transform` gives, without its product with a matrix as wide as the vocabulary.

    `rarity` is the vectoriser's `idf_`, which it computes anew whenever it is asked.
    """
    rows = CountVectorizer.transform(vectoriser, texts)
    rows.data = (np.log(rows.data) + 1) * rarity[rows.indices]
    return normalize(rows, copy=False)


class MessageFeatures:
    """Letter groups of 1-5, dictionary forms of 1-2 words, familiarity and, if any, an encoder."""

    def __init__(self, encoder: SentenceEncoder | None) -> None:
        self._encoder = encoder
        self._familiarity = Familiarity({})
        self._vectorisers = {"letters": _letters(), "words": _words()}
        self._rarity: dict[str, npt.NDArray[np.float64]] = {}

    def fit(
        self, messages: list[NormalisedText], intents: list[str], remembered: Path | None = None
    ) -> csr_matrix:
        """Learns which letter groups and words there are; returns the messages' rows.

        `remembered` is a folder for what the encoder made of them (nlu/remembered.py).
        """
        self._vectorisers["letters"].fit([message.text for message in messages])
        self._vectorisers["words"].fit([message.lemmas for message in messages])
        self._rarity = {name: one.idf_ for name, one in self._vectorisers.items()}
        self._familiarity = Familiarity.learn(messages, intents)
        encoder = self._encoder
        if encoder is not None and remembered is not None:
            encoder = RememberedSentences(encoder, remembered)
        return self._rows(messages, intents, encoder)

    def rows(self, messages: list[NormalisedText]) -> csr_matrix:
        """One row per message."""
        return self._rows(messages, None, self._encoder)

    def is_mash(self, message: NormalisedText) -> bool:
        """A few letters that are no word of any wish."""
        return self._familiarity.is_mash(message)

    def _rows(
        self,
        messages: list[NormalisedText],
        intents: list[str] | None,
        encoder: SentenceEncoder | None,
    ) -> csr_matrix:
        texts = [message.text for message in messages]
        blocks = [
            self._weighted("letters", texts),
            self._weighted("words", [message.lemmas for message in messages]),
            self._familiarity.rows(messages, intents),
        ]
        if encoder is not None:
            blocks.append(csr_matrix(encoder.encode(texts)))
        return hstack(blocks, format="csr")

    def _weighted(self, name: str, texts: list[str]) -> csr_matrix:
        return weighted(self._vectorisers[name], self._rarity[name], texts)

    def save(self, folder: Path) -> None:
        """Writes plain JSON: a model never carries code that runs when it is read."""
        content = {
            "encoder": None if self._encoder is None else self._encoder.name,
            "wishes_per_lemma": self._familiarity.wishes_per_lemma,
            "vectorisers": {
                name: {
                    "terms": sorted(vectoriser.vocabulary_, key=vectoriser.vocabulary_.get),
                    "weights": np.round(vectoriser.idf_, 5).tolist(),
                }
                for name, vectoriser in self._vectorisers.items()
            },
        }
        (folder / _FILE).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, encoder: SentenceEncoder | None) -> MessageFeatures:
        """Reads what save wrote.

        Raises MissingEncoder if the model was trained with an encoder that is not installed here.
        """
        content = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        if content["encoder"] is None:
            encoder = None
        elif encoder is None or encoder.name != content["encoder"]:
            raise MissingEncoder(content["encoder"])
        features = cls(encoder)
        features._familiarity = Familiarity(content["wishes_per_lemma"])
        for name, stored in content["vectorisers"].items():
            vectoriser = features._vectorisers[name]
            vectoriser.vocabulary = {term: place for place, term in enumerate(stored["terms"])}
            vectoriser.idf_ = features._rarity[name] = np.array(stored["weights"])
        return features


class MissingEncoder(Exception):
    """The model needs a sentence encoder that this installation does not have."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the model was trained with the sentence encoder {name}, which is not installed: "
            "install requirements/run.lock or train again"
        )
