"""Reads numbers typed in digits: thousands marks, decimal marks, groups divided by spaces."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from backend.readings.tokens import Token, TokenKind

_GROUP = 3
_DECIMALS_AT_MOST = 3
_FOLLOWS_IN_GROUP = re.compile(r"\d{3}(?:[.,]\d+)?")


@dataclass(frozen=True)
class Literal:
    """A number typed in digits: tokens `first` up to, not including, `stop`."""

    value: Decimal
    integer_text: str
    first: int
    stop: int
    start: int
    end: int
    alternatives: tuple[Decimal, ...] = ()
    parts: tuple[Literal, ...] = ()
    certain: bool = True

    @property
    def is_plain(self) -> bool:
        """True for a whole number without leading zeros or doubts."""
        return (
            self.certain
            and self.value == self.value.to_integral_value()
            and str(self.value) == self.integer_text
        )


def _decimal(integer: str, fraction: str = "") -> Decimal:
    return Decimal(f"{integer or '0'}.{fraction}") if fraction else Decimal(integer or "0")


def _two_groups(left: str, mark: str, right: str, base: Literal) -> list[Literal]:
    number = replace(base, value=_decimal(left, right), integer_text=left)
    joined = Decimal(left + right)
    if mark in "'`":
        if len(right) == _GROUP:
            return [replace(number, value=joined, integer_text=left + right)]
        return [replace(number, value=joined, integer_text=left + right, certain=False)]
    if len(right) > _DECIMALS_AT_MOST and mark == "," and len(left) > 1:
        return [replace(number, certain=False, parts=_split([left, right], [mark], base))]
    if len(right) != _GROUP:
        return [number]
    could_group = len(left) <= _GROUP and not left.startswith("0")
    if mark == "." and could_group:
        return [replace(number, alternatives=(joined,), certain=False)]
    if mark == "," and could_group and right != "000" and not right.startswith("0"):
        return [replace(number, parts=_split([left, right], [mark], base))]
    return [number]


def _split(groups: Sequence[str], marks: Sequence[str], base: Literal) -> tuple[Literal, ...]:
    """Each group as a number of its own."""
    parts, position = [], base.start
    for index, group in enumerate(groups):
        parts.append(
            replace(
                base,
                value=Decimal(group),
                integer_text=group,
                start=position,
                end=position + len(group),
                alternatives=(),
                parts=(),
                certain=True,
            )
        )
        position += len(group) + (len(marks[index]) if index < len(marks) else 0)
    return tuple(parts)


def _one_token(token: Token, index: int) -> list[Literal]:
    """The number, or several, in one typed token such as «56.578,00»."""
    text = token.text
    base = Literal(
        Decimal(0), "", index, index + 1, token.start, token.end, certain=not token.guessed
    )
    if text[0] in ".,":
        fraction = text[1:]
        if not fraction.isdigit():
            return _one_token(replace(token, text=fraction, start=token.start + 1), index)
        return [
            replace(
                base,
                value=_decimal("0", fraction),
                integer_text="0",
                alternatives=(Decimal(fraction),),
                certain=False,
            )
        ]
    pieces = re.split(r"([.,'`])", text)
    groups, marks = pieces[::2], pieces[1::2]
    if not marks:
        return [replace(base, value=Decimal(text), integer_text=text)]
    if len(marks) == 1:
        found = _two_groups(groups[0], marks[0], groups[1], base)
        return [replace(item, certain=item.certain and base.certain) for item in found]
    head, last = marks[:-1], marks[-1]
    grouped = len(groups[0]) <= _GROUP and all(len(group) == _GROUP for group in groups[1:-1])
    whole = "".join(groups)
    if len(set(marks)) == 1:
        if grouped and len(groups[-1]) == _GROUP:
            listed = last == ","
            return [
                replace(
                    base,
                    value=Decimal(whole),
                    integer_text=whole,
                    certain=not listed,
                    parts=_split(groups, marks, base) if listed else (),
                )
            ]
        return list(_split(groups, marks, base))
    if len(set(head)) == 1 and grouped and head[0] != last:
        integer = "".join(groups[:-1])
        return [replace(base, value=_decimal(integer, groups[-1]), integer_text=integer)]
    return _by_commas(token, index)


def _by_commas(token: Token, index: int) -> list[Literal]:
    found: list[Literal] = []
    start = token.start
    pieces = token.text.split(",")
    if len(pieces) == 1:
        groups = re.split(r"[.'`]", token.text)
        return [part for group in groups for part in _split([group], [], _bare(token, index))]
    for piece in pieces:
        found += _one_token(replace(token, text=piece, start=start, end=start + len(piece)), index)
        start += len(piece) + 1
    return found


def _bare(token: Token, index: int) -> Literal:
    return Literal(Decimal(0), "", index, index + 1, token.start, token.end)


def _grouped_run(tokens: Sequence[Token], index: int) -> list[int]:
    """Indexes of the tokens that go on from `index` as groups of three: «1 234 567,8»."""
    run = [index]
    first = tokens[index].text
    if not first.isdigit() or len(first) > _GROUP:
        return run
    while tokens[run[-1]].text.isdigit():
        following = run[-1] + 2
        if following >= len(tokens) or tokens[following - 1].kind is not TokenKind.SPACE:
            break
        if tokens[following].kind is not TokenKind.NUMBER:
            break
        if not _FOLLOWS_IN_GROUP.fullmatch(tokens[following].text):
            break
        run.append(following)
    return run


def _dial_with_space(tokens: Sequence[Token], index: int) -> int | None:
    """The index of the red digits in «00056 578», where a space stands for the comma."""
    first, following = tokens[index].text, index + 2
    if not (first.isdigit() and len(first) > _GROUP and first.startswith("0")):
        return None
    if following < len(tokens) and tokens[following - 1].kind is TokenKind.SPACE:
        token = tokens[following]
        if token.kind is TokenKind.NUMBER and token.text.isdigit() and len(token.text) == _GROUP:
            return following
    return None


def _spaced_comma(tokens: Sequence[Token], index: int) -> int | None:
    """The index of the fraction in «56578 ,4»."""
    following = index + 2
    if following < len(tokens) and tokens[following - 1].kind is TokenKind.SPACE:
        text = tokens[following].text
        if tokens[following].kind is TokenKind.NUMBER and text[0] in ".," and text[1:].isdigit():
            return following
    return None


def _lone_digit_after(tokens: Sequence[Token], index: int) -> int | None:
    """The index of the last digit of «1 234 5»: it may be a red digit, or a reading."""
    following = index + 2
    if not tokens[index].text.isdigit() or following >= len(tokens):
        return None
    if tokens[following - 1].kind is not TokenKind.SPACE:
        return None
    token = tokens[following]
    after = tokens[following + 1] if following + 1 < len(tokens) else None
    ends = after is None or after.text in "\n.,;!" or after.kind is TokenKind.UNIT
    single = token.kind is TokenKind.NUMBER and token.text.isdigit() and len(token.text) == 1
    return following if single and ends else None


def _with_doubtful_tail(whole: Literal, token: Token, index: int) -> Literal:
    digits = whole.integer_text + token.text
    return replace(
        whole,
        value=Decimal(digits),
        integer_text=digits,
        stop=index + 1,
        end=token.end,
        alternatives=(_decimal(whole.integer_text, token.text),),
        parts=(replace(whole, parts=()), *_one_token(token, index)),
        certain=False,
    )


def literals(tokens: Sequence[Token]) -> list[Literal]:
    """Every number typed in digits, in order; a token may hold several."""
    found: list[Literal] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.kind is not TokenKind.NUMBER:
            index += 1
            continue
        run = _grouped_run(tokens, index)
        red = _dial_with_space(tokens, index)
        comma = _spaced_comma(tokens, index) if token.text.isdigit() else None
        tail = _lone_digit_after(tokens, run[-1])
        if len(run) > 1 and tail is not None:
            found.append(_with_doubtful_tail(_grouped(tokens, run), tokens[tail], tail))
            index = tail + 1
        elif len(run) > 1:
            found.append(_grouped(tokens, run))
            index = run[-1] + 1
        elif red is not None or comma is not None:
            second = red if red is not None else comma
            assert second is not None
            found.append(_with_fraction(tokens, index, second))
            index = second + 1
        else:
            found += _one_token(token, index)
            index += 1
    return found


def _with_fraction(tokens: Sequence[Token], first: int, second: int) -> Literal:
    left, right = tokens[first], tokens[second]
    fraction = right.text.lstrip(".,")
    parts = _one_token(left, first) + _one_token(replace(right, text=fraction), second)
    return Literal(
        _decimal(left.text, fraction),
        left.text,
        first,
        second + 1,
        left.start,
        right.end,
        alternatives=(Decimal(left.text + fraction),) if len(fraction) == _GROUP else (),
        parts=tuple(parts),
        certain=False,
    )


def _grouped(tokens: Sequence[Token], run: Sequence[int]) -> Literal:
    parts = [part for index in run for part in _one_token(tokens[index], index)]
    last = tokens[run[-1]].text
    pieces = re.split(r"[.,]", last)
    integer = "".join(tokens[index].text for index in run[:-1]) + pieces[0]
    fraction = pieces[1] if len(pieces) > 1 else ""
    return Literal(
        _decimal(integer, fraction),
        integer,
        run[0],
        run[-1] + 1,
        tokens[run[0]].start,
        tokens[run[-1]].end,
        parts=tuple(parts),
        certain=not any(tokens[index].guessed for index in run),
    )
