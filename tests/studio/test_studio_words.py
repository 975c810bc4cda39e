"""Numbers that were hidden come back as made-up ones of the same kind, shape and length."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.delivery.masking import mask, shapes
from studio.words import words

WITH_NUMBERS = st.from_regex(r"\A[а-я ]{0,9}(\+?[1-9][0-9 ().-]{0,16}[0-9][а-я ,]{0,9}){1,3}\Z")


def written(said: str) -> str:
    return words().with_numbers(mask(said), shapes(said))


@pytest.mark.parametrize(
    ("said", "made_up"),
    [
        ("горячая 123417", "горячая 565451"),
        ("мой счёт 7060098717", "мой счёт 7060012345"),
        ("706 009-87 17", "706 001-23 45"),
        ("перезвоните 8(921)5551234", "перезвоните 8(900)0000001"),
        ("тел +7 921 555-12-34", "тел +7 900 000-00-01"),
        ("(921) 555-12-34", "(900) 000-00-01"),
        ("гвс 12341717, хвс 98761717", "гвс 56545171, хвс 17100515"),
        ("сдал 25.11.2025", "сдал 10.10.2026"),
        ("горячая 1234", "горячая 1234"),
    ],
)
def test_a_number_keeps_its_kind_shape_and_length(said: str, made_up: str) -> None:
    assert written(said) == made_up


@settings(max_examples=200, deadline=None)
@given(WITH_NUMBERS)
def test_only_digits_change_and_what_is_judged_differs_from_what_is_written(said: str) -> None:
    (judged,) = words().to_judge(mask(said), shapes(said))
    for made_up in (written(said), judged):
        assert shapes(made_up) == shapes(said)
        assert [one for one in made_up if not one.isdigit()] == [
            one for one in said if not one.isdigit()
        ]


def test_a_phrase_is_judged_with_another_number_than_it_is_taught_with() -> None:
    for said in ("счёт 7060098717", "тел 8(921)5551234", "горячая 12341717"):
        (judged,) = words().to_judge(mask(said), shapes(said))
        assert judged != written(said)


@pytest.mark.parametrize(
    ("said", "made_up"),
    [
        ("счётчик •••17", "счётчик 56545"),
        ("лицевой •••17", "лицевой 7060012345"),
        ("лс: •••17", "лс: 7060012345"),
        ("гвс •••17, хвс •••17", "гвс 56545, хвс 17100"),
    ],
)
def test_without_its_shape_a_number_gets_the_one_that_its_words_ask_for(
    said: str, made_up: str
) -> None:
    assert words().with_numbers(said) == made_up
    assert words().with_numbers(said, ["000000"] * 5) == made_up
    assert len(words().to_judge(said)) == 2


def test_an_answer_to_the_question_for_an_account_is_one() -> None:
    assert words().numbered("•••17", asked="account_number") == ("7060012345", "56545")
