"""Numbers of accounts are not to be read in logs."""

from __future__ import annotations

import pytest

from backend.delivery.masking import mask, masked_texts, shapes


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


@pytest.mark.parametrize(
    ("number", "shape"),
    [
        ("7060012345", "0000000000"),
        ("706 001 2345", "000 000 0000"),
        ("8(921)5551234", "8(000)0000000"),
        ("8 (921) 555-12-34", "8 (000) 000-00-00"),
        ("7 921 555-12-34", "7 000 000-00-00"),
        ("91215551234", "00000000000"),
        ("12345.678", "00000.000"),
        ("123417", "000000"),
    ],
)
def test_of_a_hidden_number_only_its_shape_is_told(number: str, shape: str) -> None:
    assert shapes(f"вот {number}, спасибо") == [shape]
    assert shapes(f"{number} и 1234 и 56545") == [shape, "00000"]


def test_texts_are_masked_at_any_depth_and_nothing_else_is() -> None:
    events = [
        {"event": "user", "text": "7060012345", "timestamp": 1795519914.4},
        {"event": "slot", "name": "n", "value": 7060012345},
        {"parse_data": {"text": "лс 7060012345", "entities": [{"text": "12345"}]}, "text": None},
    ]
    assert masked_texts(events) == [
        {"event": "user", "text": "•••45", "timestamp": 1795519914.4},
        {"event": "slot", "name": "n", "value": 7060012345},
        {"parse_data": {"text": "лс •••45", "entities": [{"text": "•••45"}]}, "text": None},
    ]
