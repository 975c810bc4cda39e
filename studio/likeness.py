"""Puts texts that say alike things together; the same texts always give the same groups."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from nlu.encoder import SentenceEncoder
from nlu.normaliser import NormalisedText

# The encoder takes 4 ms per text: it is asked about the most frequent texts only.
MOST_ENCODED = 2000
# How much meaning counts against letters and words.
MEANING = 0.7
# Likeness (cosine) of two texts that belong together, with meaning and without.
ALIKE_IN_MEANING = 0.45
ALIKE_IN_LETTERS = 0.4
# How many texts are compared with one in meaning.
MOST_COMPARED = 60
_BLOCK = 512
_MOST_REMEMBERED = 20_000

Normalise = Callable[[str], NormalisedText]
Rows = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Group:
    """Places of the texts in the sequence that was given, the one that stands for all first."""

    places: tuple[int, ...]


def group_id(text: str) -> str:
    """The name of the group that the text stands for."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class Likeness:
    """Groups texts by meaning and letters, or by letters alone where there is no encoder."""

    def __init__(self, normalise: Normalise, encoder: SentenceEncoder | None) -> None:
        self._normalise = normalise
        self._encoder = encoder
        self._meanings: dict[str, Rows] = {}

    def groups(self, texts: Sequence[str], weights: Sequence[int]) -> list[Group]:
        """Each text in one group, the heaviest group first.

        `texts` come with the most frequent first. 10,000 of them take seconds and block: call it in
        a thread.
        """
        messages = [self._normalise(text) for text in texts]
        if not messages:
            return []
        letters = _letters(messages)
        heavy = np.asarray(weights, dtype=np.int64)
        if self._encoder is None:
            found = _stars(_neighbours(letters, None, ALIKE_IN_LETTERS), heavy)
        else:
            known = min(len(messages), MOST_ENCODED)
            meanings = self._meanings_of([message.text for message in messages[:known]])
            near = _neighbours(letters[:known], meanings, ALIKE_IN_MEANING)
            found = _with_rest(_stars(near, heavy[:known]), letters, known, heavy)
        return sorted(found, key=lambda one: (-int(heavy[list(one.places)].sum()), one.places[0]))

    def like(self, text: str, texts: Sequence[str]) -> list[int]:
        """Places of the texts that are like `text`, the likest first; blocks as `groups` does."""
        messages = [self._normalise(one) for one in (text, *texts)]
        letters = _letters(messages)
        likeness = (letters[1:] @ letters[0].T).toarray().ravel()
        # The encoder is asked about the likest in letters only.
        near = [int(place) for place in np.argsort(-likeness, kind="stable")[:MOST_COMPARED]]
        enough = ALIKE_IN_LETTERS
        if self._encoder is not None and near:
            compared = [messages[0], *(messages[place + 1] for place in near)]
            meanings = self._meanings_of([one.text for one in compared])
            likeness[near] = (1 - MEANING) * likeness[near] + MEANING * (meanings[1:] @ meanings[0])
            enough = ALIKE_IN_MEANING
        found = [place for place in near if likeness[place] >= enough]
        return sorted(found, key=lambda place: -float(likeness[place]))

    def _meanings_of(self, texts: list[str]) -> Rows:
        assert self._encoder is not None
        if len(self._meanings) > _MOST_REMEMBERED:
            self._meanings.clear()
        new = [text for text in dict.fromkeys(texts) if text not in self._meanings]
        if new:
            self._meanings.update(zip(new, self._encoder.encode(new), strict=True))
        return np.vstack([self._meanings[text] for text in texts])


def _stars(neighbours: list[npt.NDArray[np.int64]], heavy: npt.NDArray[np.int64]) -> list[Group]:
    """Takes the text with the most weight around it, with its neighbours, again and again."""
    free = np.ones(len(neighbours), dtype=bool)
    # The weight around a text only shrinks: an entry that is out of date is put back.
    queue = [(-int(heavy[near].sum()), place) for place, near in enumerate(neighbours)]
    heapq.heapify(queue)
    found: list[Group] = []
    while queue:
        known, place = heapq.heappop(queue)
        if not free[place]:
            continue
        near = neighbours[place][free[neighbours[place]]]
        around = -int(heavy[near].sum())
        if around != known:
            heapq.heappush(queue, (around, place))
            continue
        free[near] = False
        others = sorted((int(one) for one in near if one != place), key=lambda one: -heavy[one])
        found.append(Group((place, *others)))
    return found


def _with_rest(
    found: list[Group], letters: csr_matrix, known: int, heavy: npt.NDArray[np.int64]
) -> list[Group]:
    """The rare texts from `known` on join the group whose centre is likest in letters."""
    rest = letters.shape[0] - known
    if rest == 0:
        return found
    centres = letters[[group.places[0] for group in found]].T.tocsr()
    joined: list[list[int]] = [list(group.places) for group in found]
    alone: list[int] = []
    for start in range(known, known + rest, _BLOCK):
        likeness = (letters[start : start + _BLOCK] @ centres).toarray()
        for offset, row in enumerate(likeness):
            best = int(row.argmax())
            target = joined[best] if row[best] >= ALIKE_IN_LETTERS else alone
            target.append(start + offset)
    near = _neighbours(letters[alone], None, ALIKE_IN_LETTERS) if alone else []
    others = _stars(near, heavy[alone])
    return [
        *(Group(tuple(places)) for places in joined),
        *(Group(tuple(alone[place] for place in group.places)) for group in others),
    ]


def _letters(messages: list[NormalisedText]) -> csr_matrix:
    """Letter groups and dictionary forms, as rows of unit length."""
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
    words = TfidfVectorizer(analyzer=str.split, sublinear_tf=True)
    blocks = [
        _fitted(letters, [message.text for message in messages]),
        _fitted(words, [message.lemmas for message in messages]),
    ]
    return normalize(hstack(blocks, format="csr", dtype=np.float32))


def _fitted(vectoriser: TfidfVectorizer, texts: list[str]) -> csr_matrix:
    try:
        return vectoriser.fit_transform(texts)
    except ValueError:  # nothing but spaces in all of the texts
        return csr_matrix((len(texts), 1), dtype=np.float32)


def _neighbours(
    letters: csr_matrix, meanings: Rows | None, alike: float
) -> list[npt.NDArray[np.int64]]:
    """For each row the places of the rows alike, itself among them."""
    columns = letters.T.tocsr()
    found: list[npt.NDArray[np.int64]] = []
    for start in range(0, letters.shape[0], _BLOCK):
        likeness = (letters[start : start + _BLOCK] @ columns).toarray()
        if meanings is not None:
            own = meanings[start : start + _BLOCK]
            likeness = (1 - MEANING) * likeness + MEANING * (own @ meanings.T)
        for offset, row in enumerate(likeness):
            row[start + offset] = 1.0
            found.append(np.flatnonzero(row >= alike).astype(np.int64))
    return found
