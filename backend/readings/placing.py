"""Finds the meters that fit what was said about a number, and the value that fits a meter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from backend.billing.model import Meter
from backend.readings.clauses import MeterMark, Tagged
from backend.readings.folding import fold
from backend.readings.labels import LabelKind, names_in
from backend.readings.number_match import NumberMatch, Role
from backend.readings.vocabulary import vocabulary

_SHORTEST_TAIL = 3
_SHORTEST_UNMISTAKABLE = 5
_USUAL_VOLUME = Decimal(1000)
_NAMES_A_METER = re.compile(r"\s*(?:[-:=]+|\u2013|\u2014)\s*")
_NUMBER_SIGN = re.compile(r"(?:\u2116|#)\s*$")


def _digits(text: str) -> str:
    return "".join(character for character in fold(text).text if character.isdigit())


def meter_marks(
    text: str, matches: Sequence[NumberMatch], meters: Sequence[Meter]
) -> dict[int, MeterMark]:
    """Which numbers, by their start, are a meter's number or its last digits."""
    found: dict[int, MeterMark] = {}
    readings = [match for match in matches if match.role in (Role.READING, Role.ACCOUNT)]
    open_count = sum(meter.accepts_readings for meter in meters)
    for index, match in enumerate(readings):
        typed = match.integer_text
        if not match.digits_typed or match.value != match.value.to_integral_value():
            continue
        following = readings[index + 1] if index + 1 < len(readings) else None
        gap = text[match.end : following.start] if following else ""
        signed = _NUMBER_SIGN.search(text[: match.start]) is not None
        names = bool(following) and (
            _NAMES_A_METER.fullmatch(gap) is not None
            or (signed and "\n" not in gap.strip(" "))
            or (not gap.strip() and len(readings) != open_count)
        )
        exact = [meter for meter in meters if _same_number(typed, _digits(meter.number))]
        if len(exact) == 1 and (names or len(typed) >= _SHORTEST_UNMISTAKABLE):
            found[match.start] = MeterMark(exact[0].id, whole=True)
            continue
        tails = [meter for meter in meters if _digits(meter.number).endswith(typed)]
        if names and len(typed) >= _SHORTEST_TAIL and len(tails) == 1 and not exact:
            previous = readings[index - 1].start if index else -1
            if previous not in found:
                found[match.start] = MeterMark(tails[0].id, whole=False)
    return found


def _same_number(typed: str, number: str) -> bool:
    stripped = typed.lstrip("0") == number.lstrip("0") and len(typed) >= _SHORTEST_UNMISTAKABLE
    return bool(number) and (typed == number or stripped)


def fitting_meters(item: Tagged, meters: Sequence[Meter]) -> list[Meter]:
    """The meters that the labels of a number do not exclude, in the given order."""
    if item.mark:
        return [meter for meter in meters if meter.id == item.mark.meter_id]
    found = list(meters)
    if item.service:
        wanted = (LabelKind.SERVICE, item.service)
        found = [meter for meter in found if wanted in (names := _services(meter)) or not names]
    if item.places:
        found = _at(found, item.places)
    return found


def _services(meter: Meter) -> set[tuple[LabelKind, str]]:
    return {name for name in names_in(meter.service) if name[0] is LabelKind.SERVICE}


def _places(meter: Meter) -> frozenset[str]:
    named = names_in(meter.place) if meter.place else frozenset()
    names = {name for kind, name in named if kind is LabelKind.PLACE}
    if meter.place and not names:
        names = set(own_place_words(meter))
    digits = _digits(meter.place or "")
    return frozenset(names | {f"{name} {digits}" for name in names if digits})


def own_place_words(meter: Meter) -> list[str]:
    """The words of a place that the vocabulary does not know, without their endings."""
    if not meter.place or any(kind is LabelKind.PLACE for kind, _ in names_in(meter.place)):
        return []
    words = re.findall(r"[^\W\d_]{4,}", fold(meter.place).text)
    return [word[: max(4, len(word) - 2)] for word in words]


def has_place(meters: Sequence[Meter], name: str) -> bool:
    """True if a meter stands at the place called `name` («room 1»)."""
    return any(name in _places(meter) for meter in meters)


def _at(meters: Sequence[Meter], wanted: Sequence[str]) -> list[Meter]:
    exact = [meter for meter in meters if set(wanted) <= _places(meter)]
    if exact:
        return exact
    wet = vocabulary().words("labels", "wet_places")
    if set(wanted) <= wet:
        related = [meter for meter in meters if _places(meter) & wet]
        if len(related) == 1:
            return related
        if related:
            return []
    touching = [meter for meter in meters if set(wanted) & _places(meter)]
    if touching:
        # Several: the number stands between names that are not all its own, so it is asked about.
        return touching
    return [meter for meter in meters if not _places(meter)]


def dial_size(meter: Meter) -> Decimal:
    """The first value that the meter's dial cannot show: 100000 for five digits."""
    return Decimal(10) ** meter.integer_digits


def plausible(meter: Meter, value: Decimal) -> bool:
    """True if `value` is on the dial and not far from the previous reading."""
    if not 0 <= value < dial_size(meter):
        return False
    last = meter.last_reading
    return last is None or last <= value <= last + _USUAL_VOLUME


def value_for(meter: Meter, match: NumberMatch) -> Decimal | None:
    """The value of `match` on this meter; None when the meter's history does not decide."""
    if not match.alternatives:
        return match.value
    likely = [value for value in match.options if plausible(meter, value)]
    return likely[0] if len(likely) == 1 else None
