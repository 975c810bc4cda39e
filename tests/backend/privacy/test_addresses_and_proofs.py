"""An address shows a street's first letter and a flat; a proof is the end of a meter's number."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.accounts.address import masked_address
from backend.accounts.proof import proves


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("г. Санкт-Петербург, ул. Ленина, д. 1, кв. 7", "ул. Л…, кв. 7"),
        ("Санкт-Петербург, пр. Стачек, д. 20, кв. 3", "пр. С…, кв. 3"),
        ("Невский пр., д. 5, кв. 112а", "Н… пр., кв. 112а"),
        ("улица Маршала Жукова, 28, квартира 4", "улица М…, квартира 4"),
        ("г. Мурманск, пр-кт Ленина, д. 71", "пр-кт Л…"),
        ("наб. Обводного канала, д. 3, пом. 2", "наб. О…, пом. 2"),
        ("7-я линия В.О., д. 34, кв. 1", "7… линия, кв. 1"),
        ("УЛ. САВУШКИНА, Д. 1, КВ. 9", "УЛ. С…, КВ. 9"),
        ("Иванов Иван Иванович, ул. Ленина, д. 1, кв. 7", "ул. Л…, кв. 7"),
        ("ул. Ленина, д. 1, кв. Ивановых", "ул. Л…"),
        ("191186 Санкт-Петербург", None),
        ("Иванов И. И.", None),
        ("кв. 7", "кв. 7"),
        ("ул.", None),
        (",,,", None),
        ("", None),
        (None, None),
    ],
)
def test_only_the_first_letter_and_the_flat_are_shown(
    address: str | None, masked: str | None
) -> None:
    assert masked_address(address) == masked


@given(
    st.lists(
        st.sampled_from(
            ["ул. Ленина", "Невский пр.", "кв. 7", "Петров Пётр", "д. 4", "190000", "г. Пушкин"]
        ),
        max_size=7,
    )
)
def test_no_name_of_a_person_or_street_is_ever_whole(parts: list[str]) -> None:
    shown = masked_address(", ".join(parts)) or ""
    assert not re.search("Ленина|Невский|Петров|Пётр|190000|Пушкин|д. 4", shown)


@given(st.text(max_size=400))
def test_no_address_breaks_it(address: str) -> None:
    masked = masked_address(address)
    assert masked is None or masked.strip()


def meters(*numbers: str) -> Any:
    return [SimpleNamespace(number=number) for number in numbers]


@pytest.mark.parametrize(
    ("digits", "proved"),
    [
        ("0051", True),
        ("1710051", True),
        ("1234", True),
        ("771234", True),
        ("51", False),
        ("0052", False),
        ("1710", False),
        ("91710051", False),
        ("", False),
    ],
)
def test_the_end_of_a_meters_number_proves_it(digits: str, proved: bool) -> None:
    assert proves(meters("1710051", "АБ-77 1234"), digits) is proved


def test_a_meter_with_a_short_number_or_none_proves_nothing() -> None:
    assert not proves(meters("051", ""), "0051")
    assert not proves(meters(), "0051")
