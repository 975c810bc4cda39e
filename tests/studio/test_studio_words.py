"""Numbers that were hidden come back as made-up ones."""

from __future__ import annotations

import pytest

from backend.delivery.masking import mask
from studio.words import words


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("горячая 123417", "горячая 56545"),
        ("счётчик 123417", "счётчик 56545"),
        ("лицевой 7060098717", "лицевой 7060012345"),
        ("мой счёт 7060098717", "мой счёт 7060012345"),
        ("лс: 7060098717", "лс: 7060012345"),
        ("гвс 12341717, хвс 98761717", "гвс 56545, хвс 1710051"),
        ("горячая 1234", "горячая 1234"),
    ],
)
def test_a_number_gets_the_shape_that_its_words_ask_for_and_no_true_digit(
    said: str, written: str
) -> None:
    assert words().with_numbers(mask(said)) == written


def test_an_answer_to_the_question_for_an_account_is_one() -> None:
    assert words().numbered("•••17", "account_number") == ("7060012345", "56545")
