"""Sentences of an earlier training are not encoded again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlu.encoder import Matrix
from nlu.remembered import RememberedSentences


class Lengths:
    """Two numbers a sentence, and a note of what was asked."""

    name = "lengths"
    dimensions = 2

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, sentences: list[str]) -> Matrix:
        self.asked += sentences
        return np.array([[len(one), one.count("а")] for one in sentences], dtype=np.float32)


def test_only_new_sentences_are_encoded(tmp_path: Path) -> None:
    first, second = Lengths(), Lengths()
    RememberedSentences(first, tmp_path / "new").encode(["вода", "тепло"])
    rows = RememberedSentences(second, tmp_path / "new").encode(["тепло", "счёт", "вода", "счёт"])
    assert (first.asked, second.asked) == (["вода", "тепло"], ["счёт"])
    assert rows.tolist() == [[5, 0], [4, 0], [4, 1], [4, 0]]


def test_what_is_no_longer_asked_is_forgotten(tmp_path: Path) -> None:
    for sentences in (["вода", "тепло"], ["вода", "счёт"]):
        RememberedSentences(Lengths(), tmp_path).encode(sentences)
    encoder = Lengths()
    RememberedSentences(encoder, tmp_path).encode(["тепло"])
    assert encoder.asked == ["тепло"]


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04"])
def test_a_broken_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "lengths.npz").write_bytes(content)
    assert RememberedSentences(Lengths(), tmp_path).encode(["а"]).tolist() == [[1, 1]]
    encoder = Lengths()
    RememberedSentences(encoder, tmp_path).encode(["а"])
    assert encoder.asked == []


def test_rows_of_another_length_are_not_taken(tmp_path: Path) -> None:
    RememberedSentences(Lengths(), tmp_path).encode(["а"])
    longer = Lengths()
    longer.dimensions = 3
    RememberedSentences(longer, tmp_path).encode(["а"])
    assert longer.asked == ["а"]


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    encoder = RememberedSentences(Lengths(), tmp_path / "file" / "folder")
    assert encoder.encode(["вода"]).tolist() == [[4, 1]]
