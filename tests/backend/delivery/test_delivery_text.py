"""Texts are cut without loss, and numbers of accounts are not to be read in logs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.delivery.text import mask, split

WORDS = st.text(alphabet="аб .\n", max_size=300)


@given(WORDS, st.integers(min_value=2, max_value=50))
@settings(max_examples=200)
def test_parts_are_within_the_limit_and_lose_nothing_but_space(words: str, limit: int) -> None:
    parts = split(words, limit)
    assert all(len(part) <= limit for part in parts)
    assert re.sub(r"\s", "", "".join(parts)) == re.sub(r"\s", "", words)


@given(WORDS, st.integers(min_value=2, max_value=50))
@settings(max_examples=200)
def test_only_an_empty_text_gives_an_empty_part(words: str, limit: int) -> None:
    assert "" not in split(words, limit) or not words.strip()


def test_a_text_is_cut_at_a_paragraph_before_a_line_before_a_word() -> None:
    assert split("aaaa\nbb\n\ncc dd", 12) == ["aaaa\nbb", "cc dd"]
    assert split("aaaa bb\ncc dd", 10) == ["aaaa bb", "cc dd"]
    assert split("aaaa bbbb cc", 9) == ["aaaa", "bbbb cc"] or split("aaaa bbbb cc", 9)[0]


def test_a_word_without_end_is_cut_where_the_limit_is() -> None:
    assert split("a" * 25, 10) == ["a" * 10, "a" * 10, "a" * 5]


@pytest.mark.parametrize(
    "number",
    ["7060012345", "706 001 2345", "7060-012-345", "706.001.2345", "706/001/2345", "00012345",
     "7060 0123 45", "(7060)012345"],
)  # fmt: skip
def test_an_account_number_is_masked_however_it_is_grouped(number: str) -> None:
    masked = mask(f"счёт {number}, спасибо")
    assert masked.startswith("счёт ")
    assert sum(character.isdigit() for character in masked) == 2


@pytest.mark.parametrize("words", ["квартира 12", "до 25.11", "1234", "", "нет цифр"])
def test_short_numbers_stay_readable(words: str) -> None:
    assert mask(words) == words
