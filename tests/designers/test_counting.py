"""A word after a number stands in the form that Russian wants."""

from __future__ import annotations

import pytest

from tools.check_talk.counting import Count, counting


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0 фраз"),
        (1, "1 фраза"),
        (2, "2 фразы"),
        (4, "4 фразы"),
        (5, "5 фраз"),
        (11, "11 фраз"),
        (12, "12 фраз"),
        (14, "14 фраз"),
        (21, "21 фраза"),
        (53, "53 фразы"),
        (111, "111 фраз"),
        (112, "112 фраз"),
        (201, "201 фраза"),
    ],
)
def test_the_word_follows_the_number(number: int, said: str) -> None:
    assert f"{Count(number):фраза|фразы|фраз}" == said


def test_without_forms_it_is_the_number() -> None:
    assert f"{Count(7)} {Count(7):>3}" == "7   7"


def test_only_whole_numbers_count() -> None:
    assert counting({"a": 1, "b": "1", "c": True}) == {"a": 1, "b": "1", "c": True}
    assert "{a:раз|раза|раз}".format(**counting({"a": 3})) == "3 раза"
