"""Composes typed numbers and number words into numbers: thousands, fractions, dictated digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from backend.readings.composed import Composed
from backend.readings.dictation import joined
from backend.readings.items import Item
from backend.readings.number_words import ADDABLE, Kind

_HALF = Decimal("0.5")
_ZERO = Decimal(0)
_THOUSAND = Decimal(1000)


@dataclass
class _Chunk:
    """A number below a thousand, or one typed number. `pieces` are the addends."""

    pieces: list[Decimal]
    stop: int
    typed: bool
    certain: bool

    @property
    def value(self) -> Decimal:
        return sum(self.pieces, _ZERO)


class Composer:
    """Walks once over the items of a message."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items

    def compose(self) -> list[Composed]:
        """Every number of the message, in order."""
        found: list[Composed] = []
        position = 0
        while position < len(self._items):
            negative = self._items[position].kind is Kind.MINUS
            number = self._number(position + negative)
            if number is None or (negative and not self._attached(position + 1)):
                position += 1
                continue
            if negative:
                number = replace(number, negative=True, start=self._items[position].start)
            found.append(number)
            position = number.stop
        return self._join_dictated(found)

    def _kind(self, position: int) -> Kind | None:
        """The kind of the word at `position` if it goes on with the item before it."""
        return self._items[position].kind if self._attached(position) else None

    def _attached(self, position: int) -> bool:
        return position < len(self._items) and self._items[position].attached

    def _chunk(self, position: int, room: Decimal | None = None) -> _Chunk | None:
        """Addends below `room` from `position` on; without `room` a number starts here."""
        if position >= len(self._items):
            return None
        item = self._items[position]
        starts = room is None
        if item.literal:
            literal = item.literal
            fits = starts or (room is not None and literal.value < room and literal.value > 0)
            if not fits or (not starts and literal.integer_text.startswith("0")):
                return None
            chunk = _Chunk([literal.value], position + 1, True, literal.certain)
            if literal.is_plain and literal.value < 10 and self._hundreds_follow(position):
                chunk.pieces, chunk.stop = [literal.value * 100], position + 2
                chunk.typed, room = False, Decimal(100)
            else:
                room = _room_after_typed(literal.value) if literal.is_plain else _ZERO
        elif item.word and item.word.kind in ADDABLE:
            value = item.word.value
            if not starts and (room is None or value >= room or value == 0):
                return None
            chunk = _Chunk([value], position + 1, False, not item.word.typo)
            if value and item.word.kind is Kind.DIGIT and self._hundreds_follow(position):
                chunk.pieces, chunk.stop = [value * 100], position + 2
                room = Decimal(100)
            else:
                room = {Kind.HUNDRED: Decimal(100), Kind.TEN: Decimal(10)}.get(
                    item.word.kind, _ZERO
                )
        elif item.word and starts and item.word.kind in (Kind.FIXED, Kind.ONE_AND_HALF):
            room = Decimal(50) if item.word.value >= 50 else _ZERO
            chunk = _Chunk([item.word.value], position + 1, False, True)
        else:
            return None
        if room and self._attached(chunk.stop):
            rest = self._chunk(chunk.stop, room)
            if rest and not (chunk.typed and rest.typed):
                if chunk.typed:
                    chunk.certain = False  # «500 seventy»: how a recogniser of speech may write it
                chunk.pieces += rest.pieces
                chunk.stop, chunk.certain = rest.stop, chunk.certain and rest.certain
                chunk.typed = chunk.typed and rest.typed
        return chunk

    def _hundreds_follow(self, position: int) -> bool:
        return self._kind(position + 1) is Kind.TIMES_HUNDRED

    def _number(self, position: int) -> Composed | None:
        if position >= len(self._items):
            return None
        item = self._items[position]
        if item.kind is Kind.ORDINAL:
            return self._made([item.word.value if item.word else _ZERO], position, position + 1,
                              is_ordinal=True)  # fmt: skip
        chunk = self._chunk(position)
        if chunk is None:
            if item.kind is Kind.THOUSAND:
                chunk = _Chunk([Decimal(1)], position, False, True)
            else:
                return None
        stop, certain, typed = chunk.stop, chunk.certain, chunk.typed
        pieces = chunk.pieces
        half = self._half(stop)
        if half and self._next_kind(half[1]) in (Kind.THOUSAND, Kind.MILLION):
            pieces, stop = [*pieces, half[0]], half[1]
        for kind in (Kind.MILLION, Kind.THOUSAND):
            if self._next_kind(stop, first=position) is not kind:
                continue
            multiplier = self._items[stop].word
            assert multiplier is not None
            total = sum(pieces, _ZERO) * multiplier.value
            stop, typed = stop + 1, False
            pieces = [total]
            rest = self._chunk(stop, multiplier.value) if self._attached(stop) else None
            if rest and rest.value < multiplier.value:
                pieces += rest.pieces
                stop, certain = rest.stop, certain and rest.certain
        ordinal = self._items[stop].word if self._kind(stop) is Kind.ORDINAL else None
        if ordinal and not typed and pieces[-1] % 10 == 0 and pieces[-1] > 10 > ordinal.value:
            return self._made([*pieces, ordinal.value], position, stop + 1, is_ordinal=True)
        return self._with_fraction(pieces, position, stop, certain, typed)

    def _next_kind(self, position: int, first: int = -1) -> Kind | None:
        """As `_kind`, and also for the item that itself starts the number."""
        if position == first:
            return self._items[position].kind
        return self._kind(position)

    def _half(self, stop: int) -> tuple[Decimal, int] | None:
        """«and a half», «and a quarter»: its value and the position after it."""
        if self._kind(stop) in (Kind.WITH, Kind.AND):
            kind = self._kind(stop + 1)
            if kind in (Kind.HALF, Kind.QUARTER):
                return (_HALF if kind is Kind.HALF else Decimal("0.25")), stop + 2
        return None

    def _with_fraction(
        self, pieces: list[Decimal], first: int, stop: int, certain: bool, typed: bool
    ) -> Composed:
        whole = sum(pieces, _ZERO)
        if half := self._half(stop):
            return self._made([whole, half[0]], first, half[1], certain=certain)
        if self._kind(stop) is Kind.FRACTION:
            return self._suffix_fraction(pieces, first, stop, certain)
        if self._kind(stop) is Kind.POINT and (spoken := self._spoken_decimals(stop + 1)):
            digits, after, sure = spoken
            value = whole + Decimal(f"0.{digits}")
            return self._made([value], first, after, certain=certain and sure)
        mark = self._kind(stop)
        after = stop + 1 if mark in (Kind.WHOLE, Kind.AND) else stop
        if mark is Kind.WHOLE and self._kind(after) is Kind.AND:
            after += 1
        chunk = self._chunk(after) if self._attached(after) else None
        if chunk and self._kind(chunk.stop) is Kind.FRACTION:
            places = self._places(chunk.stop)
            if chunk.value < 10**places:
                value = whole + chunk.value / Decimal(10) ** places
                return self._made([value], first, chunk.stop + 1, certain=certain)
        if mark is Kind.WHOLE:
            if chunk and (spoken := self._spoken_decimals(after)):
                value = whole + Decimal(f"0.{spoken[0]}")
                return self._made([value], first, spoken[1], certain=False)
            return self._made([whole], first, stop + 1, certain=certain)
        return self._made(pieces, first, stop, certain=certain, typed=typed)

    def _places(self, position: int) -> int:
        word = self._items[position].word
        return int(word.value) if word else 0

    def _suffix_fraction(
        self, pieces: list[Decimal], first: int, stop: int, certain: bool
    ) -> Composed:
        """«hundred five tenths»: the last addends that are small enough are the fraction."""
        places = self._places(stop)
        readings = []
        for cut in range(len(pieces)):
            part = sum(pieces[cut:], _ZERO)
            if part < 10**places:
                readings.append(sum(pieces[:cut], _ZERO) + part / Decimal(10) ** places)
        if not readings:
            return self._made(pieces, first, stop + 1, certain=False)
        sure = certain and (len(pieces) == 1 or (places == 1 and len(readings) == 1))
        made = self._made([readings[0]], first, stop + 1, certain=sure and len(pieces) == 1)
        return replace(made, alternatives=tuple(readings[1:]))

    def _spoken_decimals(self, position: int) -> tuple[str, int, bool] | None:
        """The digits said after «point», the position after them, and whether that is sure."""
        digits, sure = "", True
        while self._attached(position):
            item = self._items[position]
            zero = item.kind is Kind.DIGIT and item.word and item.word.value == 0
            if zero:
                digits, position = digits + "0", position + 1
                continue
            chunk = self._chunk(position)
            if chunk is None or (digits.strip("0") and chunk.value > 9):
                break
            if item.literal:
                if chunk.value != chunk.value.to_integral_value():
                    break
                digits += item.literal.integer_text
            else:
                digits += str(int(chunk.value))
            sure = sure and chunk.certain and chunk.value < 100
            position = chunk.stop
            if chunk.value > 9:
                break
        if digits and self._kind(position) is Kind.FRACTION:
            position += 1
        return (digits, position, sure) if digits else None

    def _made(
        self,
        pieces: Sequence[Decimal],
        first: int,
        stop: int,
        *,
        certain: bool = True,
        typed: bool = False,
        is_ordinal: bool = False,
    ) -> Composed:
        start, end = self._items[first].start, self._items[stop - 1].end
        literal = self._items[first].literal
        if literal and typed and stop == first + 1:
            return Composed(
                literal.value, literal.integer_text, first, stop, start, end, True,
                literal.certain, literal.alternatives,
                tuple(
                    Composed(part.value, part.integer_text, first, stop, part.start, part.end,
                             True, part.certain, part.alternatives)
                    for part in literal.parts
                ),
            )  # fmt: skip
        value = sum(pieces, _ZERO)
        if value == value.to_integral_value():
            value = value.to_integral_value()
        return Composed(value, str(int(value)), first, stop, start, end, typed, certain,
                        is_ordinal=is_ordinal)  # fmt: skip

    def _join_dictated(self, numbers: list[Composed]) -> list[Composed]:
        """Joins what was said or typed digit by digit, or in groups without «thousand»."""
        found: list[Composed] = []
        index = 0
        while index < len(numbers):
            stop = index + 1
            while stop < len(numbers) and self._goes_on(numbers[stop - 1], numbers[stop]):
                stop += 1
            found += joined(numbers[index:stop])
            index = stop
        return found

    def _goes_on(self, left: Composed, right: Composed) -> bool:
        whole = left.value == left.value.to_integral_value()
        return (
            right.first == left.stop
            and self._attached(right.first)
            and whole
            and not (left.is_ordinal or right.is_ordinal or right.negative)
        )


def _room_after_typed(value: Decimal) -> Decimal:
    if not 0 < value < _THOUSAND:
        return _ZERO
    if value % 100 == 0:
        return Decimal(100)
    return Decimal(10) if value % 10 == 0 and value % 100 != 10 else _ZERO
