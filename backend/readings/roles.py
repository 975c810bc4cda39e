"""Tells readings from dates, addresses, phones, money, counts and list numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from backend.readings.composed import Composed
from backend.readings.labels import LabelKind, word_label
from backend.readings.number_match import Role
from backend.readings.tokens import Message, Token, TokenKind
from backend.readings.vocabulary import vocabulary

_BEFORE = re.compile(r"[\s.:№#(=\-]*")
_AFTER = re.compile(r"[ .\-]*")
_SEPARATOR = re.compile(r"\s*[.):=\-]+\s*")
_DAY_AND_MONTH = re.compile(r"(?:0?[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2])")
_YEAR = re.compile(r"20[0-3]\d|19[89]\d")
_ADDRESS_DIGITS = 4
_PHONE_DIGITS = 5
_ACCOUNT_DIGITS = 12
_DAYS = 31
_HOURS = 24

Placed = tuple[Composed, Role]


class Roles:
    """Decides the role of each number of one message from the words around it."""

    def __init__(self, message: Message, numbers: Sequence[Composed]) -> None:
        self._text = message.folded.text
        self._words = [token for token in message.tokens if token.kind is TokenKind.WORD]
        self._units = [token for token in message.tokens if token.kind is TokenKind.UNIT]
        self._numbers = numbers

    def decide(self) -> list[Placed]:
        """Every number with its role; one that was two numbers comes back divided."""
        placed: list[Placed] = []
        for number in self._numbers:
            role, only_first = self._role(number, placed[-1] if placed else None)
            if role is not Role.READING and only_first and number.parts:
                placed.append((number.parts[0], role))
                placed += [(part, Role.READING) for part in number.parts[1:]]
            else:
                placed.append((number, role))
        placed = self._list_numbers(placed)
        return self._beside_readings(placed)

    def _in(self, word: str | None, *path: str) -> bool:
        return word is not None and word in vocabulary().words("roles", *path)

    def _before(self, start: int) -> Token | None:
        """The word right before `start`, with nothing but marks between."""
        for token in reversed(self._words):
            if token.end <= start:
                between = self._text[token.end : start]
                return token if _BEFORE.fullmatch(between) and "\n" not in between else None
        return None

    def _after(self, end: int) -> Token | None:
        for token in self._words:
            if token.start >= end:
                return token if _AFTER.fullmatch(self._text[end : token.start]) else None
        return None

    def _role(self, number: Composed, last: Placed | None) -> tuple[Role, bool]:
        """The role, and whether only the first part of a divisible number has it."""
        after = self._after(number.end)
        before = self._before(number.start)
        word = after.text if after else None
        previous = before.text if before else None
        mark = self._text[number.end :].lstrip(" ")[:1]
        if number.is_ordinal:
            is_date = number.value > vocabulary().at("roles", "ordinal_limit")
            return (Role.DATE if is_date or self._is_day_word(word) else Role.ORDINAL), False
        if mark in vocabulary().words("roles", "percent_marks") and mark:
            return Role.COUNT, False
        if (mark and mark in vocabulary().words("roles", "money_marks")) or self._in(
            word, "money_after"
        ):
            return Role.MONEY, False
        if self._in(word, "percent_after"):
            return Role.COUNT, False
        if self._in(word, "count_always_after") and not _YEAR.fullmatch(number.integer_text):
            return Role.COUNT, False
        if self._is_account(number, before, last):
            return Role.ACCOUNT, False
        if self._in(previous, "phone_before") and len(number.integer_text) >= _PHONE_DIGITS:
            return Role.PHONE, False
        first = number.parts[0] if number.parts else number
        if self._is_address(first, before, word if first is number else None, last):
            return Role.ADDRESS, True
        if self._is_date(number, previous, after):
            return Role.DATE, False
        if first is not number and self._is_date(first, previous, None):
            return Role.DATE, True
        if self._in(previous, "money_before") and not self._has_unit(number.end, word):
            return Role.MONEY, False
        return self._count_or_ordinal(number, before, after)

    def _count_or_ordinal(
        self, number: Composed, before: Token | None, after: Token | None
    ) -> tuple[Role, bool]:
        word = after.text if after else None
        previous = before.text if before else None
        first = number.parts[0] if number.parts else number
        small = first.value <= vocabulary().at("roles", "ordinal_limit")
        whole = number.value == number.value.to_integral_value()
        if whole and number.value <= vocabulary().at("roles", "count_limit"):
            if small and self._in(word, "ordinal_after"):
                return Role.ORDINAL, False
            if self._in(word, "count_after"):
                return Role.COUNT, False
        listed = first is not number or self._number_follows(number.end)
        if small and len(first.integer_text) == 1 and listed and before:
            glued = before.end == first.start and word_label(before.text) is not None
            if glued or self._in(previous, "ordinal_before"):
                return Role.ORDINAL, True
        if self._is_only_a_word(number) and not self._may_stand(before):
            return Role.COUNT, False
        return Role.READING, False

    def _number_follows(self, end: int) -> bool:
        following = next((other for other in self._numbers if other.start >= end), None)
        if following is None:
            return False
        between = self._text[end : following.start]
        return not between.strip() or _SEPARATOR.fullmatch(between) is not None

    def _is_only_a_word(self, number: Composed) -> bool:
        text = self._text[number.start : number.end]
        return not number.typed and text in vocabulary().words("numbers", "never_alone")

    def _may_stand(self, before: Token | None) -> bool:
        """True if a number said in one weak word stands where a reading is expected."""
        if before and (
            word_label(before.text) is not None
            or before.text in vocabulary().words("labels", "neutral")
        ):
            return True
        spans = [(number.start, number.end) for number in self._numbers]
        return all(
            any(start <= word.start and word.end <= end for start, end in spans)
            or word_label(word.text) is not None
            or word.text in vocabulary().words("units", "words")
            for word in self._words
        )

    def _is_account(self, number: Composed, before: Token | None, last: Placed | None) -> bool:
        if last and last[1] is Role.ACCOUNT:
            glue = self._text[last[0].end : number.start]
            digits = len(last[0].integer_text) + len(number.integer_text)
            if glue in (" ", "-", " - ", ".") and digits <= _ACCOUNT_DIGITS:
                return True
        head = self._text[: number.start].rstrip(" .:№#-n")
        if any(head.endswith(mark) for mark in vocabulary().at("roles", "account_marked")):
            return True
        walked_long = False
        for _ in range(4):
            if before is None:
                return False
            enough = len(number.integer_text) >= vocabulary().at("roles", "account_long_digits")
            walked_long = walked_long or self._in(before.text, "account_long")
            if self._in(before.text, "account_before") or (walked_long and enough):
                return True
            if not self._in(before.text, "account_through"):
                return False
            before = self._before(before.start)
        return False

    def _is_address(
        self, number: Composed, before: Token | None, after: str | None, last: Placed | None
    ) -> bool:
        short = len(number.integer_text) <= _ADDRESS_DIGITS and number.value == int(number.value)
        if self._in(before.text if before else None, "address_before"):
            return short or (before is not None and len(number.integer_text) == 6)
        if not short:
            return False
        glued = self._text[number.end : number.end + 2].strip(" .,;\n")
        if glued in vocabulary().words("house_suffixes") and number.typed:
            return self._text[number.end : number.end + 1] == glued
        if self._in(after, "address_after"):
            return True
        if last and last[1] is Role.ADDRESS:
            glue = self._text[last[0].end : number.start]
            if glue in ("/", "-", " / ") or glue.strip(" .,") in vocabulary().words(
                "roles", "address_glue"
            ):
                return True
        street = self._before(before.start) if before else None
        return (
            before is not None
            and word_label(before.text) is None
            and self._in(street.text if street else None, "street_kinds")
        )

    def _is_day_word(self, word: str | None) -> bool:
        if word is None:
            return False
        return self._in(word, "date_after") or any(
            word.startswith(month) for month in vocabulary().at("roles", "months")
        )

    def _is_date(self, number: Composed, previous: str | None, after: Token | None) -> bool:
        word = after.text if after else None
        text = self._text[number.start : number.end]
        if _YEAR.fullmatch(text):
            month_before = previous is not None and self._is_day_word(previous)
            if self._in(word, "year_after") or month_before or self._in(previous, "time_before"):
                return True
        if _DAY_AND_MONTH.fullmatch(text):
            if self._in(previous, "date_before") or self._in(
                previous, "date_before_beside_a_reading"
            ):
                return True
            if self._in(word, "year_after"):
                return True
        if number.value != int(number.value) or not 1 <= number.value <= _DAYS:
            return False
        if word and self._is_day_word(word):
            glued = after is not None and after.start - number.end <= 1
            return len(word) > 2 or self._in(word, "year_after") or glued
        if self._has_unit(number.end, word) or (word and word_label(word)):
            return False
        if self._in(previous, "time_before"):
            return number.value <= _HOURS
        return self._in(previous, "date_before")

    def _has_unit(self, end: int, word: str | None) -> bool:
        """True if a unit stands after the number that ends at `end`."""
        if word and word in vocabulary().words("units", "words"):
            return True
        return any(0 <= unit.start - end <= 1 for unit in self._units)

    def _list_numbers(self, placed: list[Placed]) -> list[Placed]:
        """Marks 1, 2, … of a list: «1) 100 2) 200», «1 - 100, 2 - 200»."""
        rows: list[int] = []
        brackets: list[int] = []
        for index in range(len(placed) - 1):
            number, role = placed[index]
            between = self._text[number.end : placed[index + 1][0].start]
            if role is not Role.READING or not number.typed or len(number.integer_text) != 1:
                continue
            if _SEPARATOR.fullmatch(between):
                if between.lstrip().startswith(")"):
                    brackets.append(index)
                if number.value == Decimal(len(rows) + 1):
                    rows.append(index)
        chosen = rows if len(rows) > 1 else brackets
        return [
            (number, Role.ORDINAL if index in chosen else role)
            for index, (number, role) in enumerate(placed)
        ]

    def _beside_readings(self, placed: list[Placed]) -> list[Placed]:
        """What is a date only because a reading stands elsewhere: «25.12 - 56578»."""
        readings = [number for number, role in placed if role is Role.READING]
        shaped = [
            number
            for number in readings
            if _DAY_AND_MONTH.fullmatch(self._text[number.start : number.end])
        ]
        dates: set[int] = set()
        for number in readings:
            before = self._before(number.start)
            previous = before.text if before else None
            is_day = number.value == int(number.value) and 1 <= number.value <= _DAYS
            on_day = self._in(previous, "date_before_beside_a_reading")
            if len(readings) > 1 and is_day and number.typed and on_day:
                dates.add(number.start)
        others = len(readings) - len(shaped)
        if len(shaped) == 1 and others and shaped[0] is readings[0]:
            head = self._text[: shaped[0].start]
            named = any(
                (found := word_label(word.text))
                and found[0] in (LabelKind.PLACE, LabelKind.SERVICE)
                for word in self._words
                if word.end <= len(head)
            )
            if not named:
                dates.add(shaped[0].start)
        return [
            (number, Role.DATE if role is Role.READING and number.start in dates else role)
            for number, role in placed
        ]


def divided(number: Composed) -> tuple[Composed, ...]:
    """The numbers that `number` may be if it is several; itself if it is one."""
    return tuple(replace(part, parts=()) for part in number.parts) or (number,)
