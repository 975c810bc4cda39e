"""How texts are cut."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.delivery.text import length, shorten, split, storable

texts = st.text(
    st.sampled_from("абв 🙂\n\t.,é") | st.characters(codec="utf-8"), max_size=300
) | st.lists(st.sampled_from(["слово", " ", "\n", "\n\n", "👍🏽", "👨‍👩‍👧", "й"])).map("".join)


def visible(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=300, deadline=None)
@given(texts, st.integers(2, 60))
def test_parts_keep_every_visible_character_in_order_and_fit(text, limit):
    parts = split(text, limit)
    assert visible("".join(parts)) == visible(text)
    assert all(0 < length(part) <= limit for part in parts)
    assert all(part == part.strip() for part in parts)


drawn_as_one = st.sampled_from(["и\u0306", "e\u0301\u0323", "👍🏽", "👨‍👩‍👧", "ж", "🙂", "7"])


@settings(max_examples=200, deadline=None)
@given(st.lists(drawn_as_one, min_size=1), st.integers(8, 40))
def test_characters_that_are_drawn_as_one_stay_together_inside_a_long_word(word, limit):
    assert [piece for part in split("".join(word), limit) for piece in pieces(part)] == word


def pieces(part: str) -> list[str]:
    """Cuts a part into the strings it was made of; fails if one of them is torn."""
    found = re.findall("и\u0306|e\u0301\u0323|👍🏽|👨‍👩‍👧|ж|🙂|7", part)
    assert "".join(found) == part
    return found


@settings(max_examples=200, deadline=None)
@given(texts, st.integers(3, 60))
def test_shortened_text_fits_and_begins_as_before(text, limit):
    short = shorten(text, limit)
    assert length(short) <= limit
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("", 10, []),
        (" \n ", 10, []),
        ("коротко", 10, ["коротко"]),
        ("первый абзац\n\nвторой абзац", 20, ["первый абзац", "второй абзац"]),
        ("строка один\nстрока два", 15, ["строка один", "строка два"]),
        ("слово слово слово", 12, ["слово слово", "слово"]),
        ("слово слово", 5, ["слово", "слово"]),
        ("неразделимое", 5, ["нераз", "делим", "ое"]),
        ("а\n\nдлинная строка\nещё строка", 18, ["а\n\nдлинная строка", "ещё строка"]),
        ("🙂🙂🙂", 4, ["🙂🙂", "🙂"]),
        ("e\u0301e\u0301", 3, ["e\u0301", "e\u0301"]),
    ],
)
def test_cut_falls_between_paragraphs_else_lines_else_words(text, limit, parts):
    assert split(text, limit) == parts


def test_very_long_text_is_cut_quickly_and_completely():
    text = "слово " * 50_000
    assert visible("".join(split(text, 4096))) == visible(text)


def test_limit_without_room_for_a_character_is_refused():
    with pytest.raises(ValueError, match="room"):
        split("🙂", 1)


def test_storable_text_keeps_everything_but_nul_and_lone_surrogates():
    assert storable("а\x00б\ud800в\udfff🙂\n") == "абв🙂\n"
