"""What holds for the reading of every message, whatever is in it."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.billing.model import Meter
from backend.readings.recognition import recognise


def meter(id: str, number: str, service: str, place: str | None, last: str) -> Meter:
    return Meter(id, number, service, "м³", 5, 3, True, place, Decimal(last))


KITCHEN = meter("k", "1710051", "ГВС", "кухня", "160")
BATH = meter("b", "1710052", "ГВС", "ванная", "260")
HEAT = meter("h", "5551234", "Отопление", None, "41")
METERS = [KITCHEN, BATH, HEAT]
NAMES = {
    "k": ["кухня", "гвс кухня", "Кухня гор", "Гв. Кух.", "на кухне", "1710051", "№1710051"],
    "b": ["ванна", "гвс ванная", "Ванная гор", "Гв. Ван.", "в ванной", "1710052", "№1710052"],
    "h": ["отопление", "Отопление", "тепло", "батареи", "5551234", "№5551234"],
}
FORMS = [form for forms in NAMES.values() for form in forms]
WORDS = [*FORMS, "хвс", "свет", "итого", "показания", "было", "сто", "двадцать"]
SEPARATORS = [" ", " - ", ": ", " — ", " = "]

readings = st.fixed_dictionaries(
    {
        "k": st.decimals(160, 999, places=1),
        "b": st.decimals(260, 999, places=1),
        "h": st.decimals(41, 99, places=1),
    }
)
orders = st.permutations(["k", "b", "h"])
names = st.fixed_dictionaries({key: st.sampled_from(forms) for key, forms in NAMES.items()})
pieces = st.one_of(
    st.sampled_from(WORDS),
    st.integers(0, 99999).map(str),
    st.decimals(0, 999, places=2).map(lambda value: str(value).replace(".", ",")),
    st.sampled_from([",", ";", "\n", "-", ":", ".", "(", ")", "/", "№"]),
)
messages = st.lists(pieces, max_size=14).map(" ".join)


@given(messages, st.sampled_from([None, *METERS]))
@settings(max_examples=300, deadline=None)
def test_a_reading_stands_in_the_message_and_is_given_to_one_meter(
    text: str, asked: Meter | None
) -> None:
    found = recognise(text, METERS, asked)
    places = sorted((item.match.start, item.match.end) for item in found.assigned)
    assert all(left[1] <= right[0] for left, right in pairwise(places))
    assert len({item.meter_id for item in found.assigned}) == len(found.assigned)
    for item in found.assigned:
        assert text[item.match.start : item.match.end] == item.match.text
        assert item.meter_id in {meter.id for meter in METERS}


@given(messages)
@settings(max_examples=150, deadline=None)
def test_a_number_is_not_a_reading_and_something_else_at_once(text: str) -> None:
    found = recognise(text, METERS)
    read = {(item.match.start, item.match.end) for item in found.assigned}
    others = [*found.leftovers, *(item.match for item in found.not_ours)]
    others += [item.match for item in found.volume_hints]
    assert not read & {(match.start, match.end) for match in others}


@given(readings, orders, names, st.sampled_from(SEPARATORS))
@settings(max_examples=120, deadline=None)
def test_the_order_of_lines_does_not_matter_when_they_have_names(
    values: dict[str, Decimal], order: list[str], named: dict[str, str], separator: str
) -> None:
    lines = [f"{named[key]}{separator}{str(values[key]).replace('.', ',')}" for key in order]
    assert recognise("\n".join(lines), METERS).values == values


@given(readings, orders, names, st.integers(0, 3), st.integers(1, 99999))
@settings(max_examples=80, deadline=None)
def test_a_line_of_cold_water_changes_nothing_wherever_it_stands(
    values: dict[str, Decimal], order: list[str], named: dict[str, str], place: int, cold: int
) -> None:
    lines = [f"{named[key]}: {str(values[key]).replace('.', ',')}" for key in order]
    lines.insert(place, f"хвс: {cold}")
    found = recognise("\n".join(lines), METERS)
    assert found.values == values
    assert [item.service for item in found.not_ours] == ["cold_water"]


def test_a_value_and_a_meter_s_number_in_the_next_line_are_no_phone() -> None:
    found = recognise("хвс: 8900\n1710052: 260\nкухня: 161", METERS)
    assert found.values == {"b": Decimal(260), "k": Decimal(161)}
    assert [item.match.text for item in found.not_ours] == ["8900"]


@given(st.text(max_size=120), st.sampled_from([None, *METERS]))
@settings(max_examples=150, deadline=None)
def test_no_text_is_too_odd(text: str, asked: Meter | None) -> None:
    recognise(text, METERS, asked)
