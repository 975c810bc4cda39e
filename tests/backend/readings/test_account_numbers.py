"""An account number is found however it is typed or spelled."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from num2words import num2words

from backend.readings.numbers import AccountNumber, AccountProblem, parse_account_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7060012345", "7060012345"),
        ("мой лс 706 001-2345", "7060012345"),
        ("№ 0012345", "0012345"),
        ("л/с 7060012345", "7060012345"),
        ("Лицевой счёт: 7060012345", "7060012345"),
        ("лицевой счет номер 706.001.23.45", "7060012345"),
        ("706 001-23-45", "7060012345"),
        ("706-001-2345 кв 5", "7060012345"),
        ("7060012345.", "7060012345"),
        ("7 0 6 0 0 1 2 3 4 5", "7060012345"),
        ("семь ноль шесть ноль ноль один два три четыре пять", "7060012345"),
        ("семьсот шесть ноль ноль один двадцать три сорок пять", "7060012345"),
        ("706ОО12345", "7060012345"),
        ("лс 7060012345, телефон +7 921 123-45-67", "7060012345"),
        ("7060012345 7060012345", "7060012345"),
        ("89211234567", "89211234567"),
        ("12345", "12345"),
        ("123456789012", "123456789012"),
        ("добавьте 7060012345 пожалуйста", "7060012345"),
        ("７０６００１２３４５", "7060012345"),
        ("7060012345 от 25.12.2019", "7060012345"),
        ("счет 7060012345 дом 3 кв 12345", "7060012345"),
    ],
)
def test_an_account_number_is_found(text: str, number: str) -> None:
    assert parse_account_number(text) == AccountNumber(number=number)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", AccountProblem.MISSING),
        ("какой", AccountProblem.MISSING),
        ("25.12.2019", AccountProblem.MISSING),
        ("2 счета", AccountProblem.MISSING),
        ("1234", AccountProblem.TOO_SHORT),
        ("лс 12", AccountProblem.TOO_SHORT),
        ("1234567890123", AccountProblem.TOO_LONG),
        ("7060012345 7060012346", AccountProblem.SEVERAL),
        ("7060012345, 7060012346", AccountProblem.SEVERAL),
    ],
)
def test_what_is_wrong_is_told_apart(text: str, problem: AccountProblem) -> None:
    assert parse_account_number(text) == AccountNumber(problem=problem)


@given(st.text(alphabet="0123456789", min_size=5, max_size=12))
@settings(max_examples=80, deadline=None)
def test_leading_zeros_survive(digits: str) -> None:
    assert parse_account_number(f"лс {digits}").number == digits


@given(st.text(alphabet="0123456789", min_size=5, max_size=12))
@settings(max_examples=60, deadline=None)
def test_digits_said_one_by_one_are_written_down(digits: str) -> None:
    spoken = " ".join(num2words(int(digit), lang="ru") for digit in digits)
    assert parse_account_number(spoken).number == digits


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_text_breaks_the_search(text: str) -> None:
    found = parse_account_number(text)
    assert (found.number is None) != (found.problem is None)
