"""The words and numbers of words.yml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

# What masking leaves of a number (backend/delivery/masking.py): its last two characters.
_HIDDEN = re.compile(r"•••(?:[\d \u00a0\-./()]\d)?")
_ACCOUNT_DIGITS = 10
_ABROAD_DIGITS = 11
# «25.11.2026», «25/11/26» and «11.2026», whose digits may not be just any.
_DATE = re.compile(r"(?:00?([./-])00?\1)(?:0000|00)|00[./]0000")
_DATE_DIGITS = {1: "1", 2: "10", 4: "2026"}


@dataclass(frozen=True)
class Digits:
    """Made-up digits by the kind of number, one row for each number of a text."""

    account: tuple[str, ...]
    number: tuple[str, ...]
    phone: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """See words.yml. What is called `hidden` are the shapes of a text's hidden numbers, in order.

    A text whose numbers they do not fit, as after an edit, gets the shapes that its words suggest.
    """

    from_conversations: str
    written: Digits
    judged: Digits
    hidden_account: str
    hidden_number: str
    account_words: tuple[str, ...]
    small_words: tuple[str, ...]

    def with_numbers(self, text: str, hidden: Sequence[str] = (), asked: str | None = None) -> str:
        """The text as it is written down: made-up numbers in place of the hidden ones."""
        return self.numbered(text, hidden, asked)[0]

    def numbered(
        self, text: str, hidden: Sequence[str] = (), asked: str | None = None
    ) -> tuple[str, ...]:
        """The same in each shape that the numbers may have had, the likeliest first."""
        return self._in_shapes(text, hidden, asked, self.written)

    def to_judge(self, text: str, hidden: Sequence[str] = ()) -> tuple[str, ...]:
        """The same with digits that are never written down."""
        return self._in_shapes(text, hidden, None, self.judged)

    def knows(self, text: str, hidden: Sequence[str]) -> bool:
        """Whether the shape of every hidden number is known."""
        return len(_HIDDEN.findall(text)) == len(hidden)

    def _in_shapes(
        self, text: str, hidden: Sequence[str], asked: str | None, digits: Digits
    ) -> tuple[str, ...]:
        number = len(_HIDDEN.findall(text))
        if self.knows(text, hidden):
            shapes = [list(hidden)]
        else:
            shapes = [[one] * number for one in self._likely(text, asked)]
        found = [_in_place(text, [_filled(*at, digits) for at in enumerate(one)]) for one in shapes]
        return tuple(dict.fromkeys(found))

    def _likely(self, text: str, asked: str | None) -> list[str]:
        before = re.findall(r"\w+", _HIDDEN.split(text)[0].lower())
        if asked == "account_number" or not set(before).isdisjoint(self.account_words):
            return [self.hidden_account, self.hidden_number]
        return [self.hidden_number, self.hidden_account]


def has_hidden(text: str) -> bool:
    """Whether a number of the text is hidden."""
    return _HIDDEN.search(text) is not None


def _in_place(text: str, numbers: Iterable[str]) -> str:
    following = iter(numbers)
    return _HIDDEN.sub(lambda _: next(following), text)


def _filled(place: int, shape: str, digits: Digits) -> str:
    if _DATE.fullmatch(shape):
        return re.sub("0+", lambda run: _DATE_DIGITS[len(run.group())], shape)
    number = sum(character.isdigit() for character in shape)
    code = shape[0] if number == _ABROAD_DIGITS and shape[0] in "78" else ""
    rows = digits.number
    if code or (")" in shape and number == _ACCOUNT_DIGITS):
        rows = digits.phone
    elif number == _ACCOUNT_DIGITS:
        rows = digits.account
    row = code + rows[place % len(rows)]
    made_up = iter(row * (number // len(row) + 1))
    return "".join(next(made_up) if character.isdigit() else character for character in shape)


@lru_cache(maxsize=1)
def words() -> Words:
    """The words, read once."""
    path = Path(__file__).with_name("words.yml")
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Words(
        from_conversations=str(content["from_conversations"]),
        written=_digits(content["written"]),
        judged=_digits(content["judged"]),
        hidden_account=str(content["hidden_account"]),
        hidden_number=str(content["hidden_number"]),
        account_words=tuple(content["account_words"]),
        small_words=tuple(content["small_words"]),
    )


def _digits(content: dict[str, Any]) -> Digits:
    return Digits(**{kind: tuple(rows) for kind, rows in content.items()})
