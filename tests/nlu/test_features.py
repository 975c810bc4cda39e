"""The short way to a message's features leads where scikit-learn's leads."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from nlu.features import weighted


@pytest.mark.parametrize("text", ["вода вода горячая", "чего нет", "", "холодная вода, горячая"])
def test_terms_are_weighed_as_scikit_learn_weighs_them(text: str) -> None:
    vectoriser = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    vectoriser.fit(["горячая вода", "холодная вода", "вода"])
    rows = weighted(vectoriser, vectoriser.idf_, [text, "вода"])
    np.testing.assert_allclose(rows.toarray(), vectoriser.transform([text, "вода"]).toarray())
