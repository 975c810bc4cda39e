"""Numbers are found as residents write them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from num2words import num2words
from ruamel.yaml import YAML

from backend.readings.numbers import NumberMatch, Role, find_numbers, is_only_numbers

CASES = YAML(typ="safe").load(Path(__file__).with_name("number_cases.yml"))
TABLE = [(text, values) for group in CASES.values() for text, values in group.items()]


def shown(match: NumberMatch) -> str:
    return "|".join(format(value, "f") for value in match.options) + ("" if match.certain else "?")


def same(found: str, expected: str) -> bool:
    if found.endswith("?") != expected.endswith("?"):
        return False
    left, right = (list(map(Decimal, side.rstrip("?").split("|"))) for side in (found, expected))
    return left == right


@pytest.mark.parametrize(("text", "expected"), TABLE, ids=[repr(text) for text, _ in TABLE])
def test_a_message_gives_the_numbers_that_may_be_readings(text: str, expected: list[str]) -> None:
    found = [shown(match) for match in find_numbers(text)]
    assert len(found) == len(expected), found
    assert all(map(same, found, expected)), found


def test_the_table_is_as_large_as_promised() -> None:
    assert len(TABLE) >= 200


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("25.12.2019", Role.DATE),
        ("25 числа", Role.DATE),
        ("кв 5", Role.ADDRESS),
        ("дом 3", Role.ADDRESS),
        ("+7 921 123-45-67", Role.PHONE),
        ("100 руб", Role.MONEY),
        ("2 счетчика", Role.COUNT),
        ("5%", Role.COUNT),
        ("лс 7060012345", Role.ACCOUNT),
        ("второй счетчик", Role.ORDINAL),
    ],
)
def test_what_is_no_reading_is_named(text: str, role: Role) -> None:
    assert [match.role for match in find_numbers(text, every_role=True)] == [role]


def test_a_match_points_at_the_characters_of_the_message() -> None:
    text = "Привет! 🙂 счётчик показывает 5️⃣6 578,4 м³"
    (match,) = find_numbers(text)
    assert text[match.start : match.end] == match.text
    assert match.text.endswith("578,4")


def test_leading_zeros_stay_in_the_digits_as_typed() -> None:
    (match,) = find_numbers("00056578")
    assert (match.integer_text, match.value) == ("00056578", Decimal(56578))


def test_words_and_typed_digits_are_told_apart() -> None:
    assert [match.digits_typed for match in find_numbers("сто, 100")] == [False, True]


def test_a_number_that_may_be_two_shows_its_parts() -> None:
    (match,) = find_numbers("167 265")
    assert [part.value for part in match.parts] == [167, 265]


@pytest.mark.parametrize(
    "text",
    [
        "сто двадцать", "56 578", "кухня 45 ванна 67", "1710051 - 56590", "56578 м3", "56578!",
        "гвс: 10, отопление: 5", "5657З", "на кухне 45 и в ванной 67", "№1710051 - 56590",
        "1) 100 2) 200", "гор. вода 56578", "00056578", "-5", "7060012345", "56578 🙏",
    ],
)  # fmt: skip
def test_only_numbers_and_names_of_meters(text: str) -> None:
    assert is_only_numbers(text)


@pytest.mark.parametrize(
    "text",
    [
        "какой тариф", "у меня 2 счетчика", "показания 56590", "в квартире 5 нет горячей воды",
        "25 числа можно?", "", "кухня", "м3", "56578?", "89211234567", "+7 921 123-45-67",
        "5%", "100 руб", "почему 56578", "25.12.2019", "кв 5", "не 56578", "добрый день 56578",
    ],
)  # fmt: skip
def test_more_than_numbers(text: str) -> None:
    assert not is_only_numbers(text)


@given(st.integers(0, 999_999))
@settings(max_examples=150, deadline=None)
def test_any_number_in_words_is_read_back(number: int) -> None:
    (match,) = find_numbers(num2words(number, lang="ru"))
    assert (match.value, match.certain) == (number, True)


@given(st.integers(0, 99_999), st.integers(1, 9))
@settings(max_examples=80, deadline=None)
def test_any_number_in_words_with_tenths_is_read_back(whole: int, tenths: int) -> None:
    spoken = f"{num2words(whole, lang='ru')} запятая {num2words(tenths, lang='ru')}"
    (match,) = find_numbers(spoken)
    assert match.value == Decimal(f"{whole}.{tenths}")


@given(
    st.integers(1000, 99_999),
    st.one_of(st.none(), st.integers(1, 99)),
    st.sampled_from([" ", "\u00a0", "\u202f", "'", ""]),
    st.sampled_from(["", " м3", "м³", " кубов", ".", "!"]),
    st.integers(0, 3),
)
@settings(max_examples=150, deadline=None)
def test_any_spelling_in_digits_is_read_back(
    whole: int, cents: int | None, thousands: str, tail: str, zeros: int
) -> None:
    grouped = f"{whole:,}".replace(",", thousands)
    if not thousands:
        grouped = "0" * zeros + grouped
    fraction = "" if cents is None else f",{cents:02d}"
    (match,) = find_numbers(grouped + fraction + tail)
    assert match.value == Decimal(f"{whole}.{0 if cents is None else f'{cents:02d}'}")


@given(st.lists(st.integers(0, 9), min_size=4, max_size=8))
@settings(max_examples=60, deadline=None)
def test_any_digits_dictated_one_by_one_are_read_back(digits: list[int]) -> None:
    (match,) = find_numbers(" ".join(num2words(digit, lang="ru") for digit in digits))
    assert match.integer_text == "".join(map(str, digits))


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_the_search(text: str) -> None:
    for match in find_numbers(text, every_role=True):
        assert text[match.start : match.end] == match.text
    is_only_numbers(text)


@given(st.text(alphabet="0123456789.,' -\n:/()+мксто№", max_size=40))
@settings(max_examples=200, deadline=None)
def test_no_row_of_digits_and_marks_breaks_the_search(text: str) -> None:
    for match in find_numbers(text, every_role=True):
        assert match.value.is_finite()


@pytest.mark.parametrize(
    "text",
    ["9" * 5000, "9 " * 2500, "1." * 2500, "сто " * 1500, "-" * 5000],
    ids=["one number", "many", "with dots", "words", "dashes"],
)
def test_a_very_long_message_is_survived(text: str) -> None:
    find_numbers(text)
    is_only_numbers(text)


NORMAL_WORDS = YAML(typ="safe").load(
    """
    семья опять сесть честь шерсть место сторона стоит шесток девать вести двери тройной стоять
    столько пятница сегодня осень сотрудник сотовый десант четверг писать питать строка возьми
    давить вносим туриста семейка единицы
    """
)


@pytest.mark.parametrize("word", NORMAL_WORDS.split())
def test_a_normal_word_never_becomes_a_number(word: str) -> None:
    assert find_numbers(f"у нас {word} дома") == []
