"""The row of things a number can be composed of: typed numbers and number words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.readings.literals import Literal, literals
from backend.readings.number_words import Kind, NumberWord, number_words
from backend.readings.tokens import Token, TokenKind
from backend.readings.vocabulary import vocabulary


@dataclass(frozen=True)
class Item:
    """A typed number or a number word. `attached` is True when it may go on with the one before."""

    start: int
    end: int
    literal: Literal | None = None
    word: NumberWord | None = None
    attached: bool = False
    text: str = ""

    @property
    def kind(self) -> Kind | None:
        """The kind of the word; None for a typed number."""
        return self.word.kind if self.word else None


def _is_glue(tokens: Sequence[Token], between: Sequence[Token]) -> bool:
    """True if nothing but spaces, one glued hyphen or an abbreviation's dot stands between."""
    text = "".join(token.text for token in between)
    return text in ("", "-") or not text.strip(" ")


def items_of(tokens: Sequence[Token]) -> list[Item]:
    """Typed numbers and number words of the message, in order."""
    typed = {literal.first: literal for literal in reversed(literals(tokens))}
    several: dict[int, list[Literal]] = {}
    for literal in literals(tokens):
        several.setdefault(literal.first, []).append(literal)
    glued_only = vocabulary().words("numbers", "glued_only")
    abbreviated = vocabulary().words("numbers", "abbreviated")
    found: list[Item] = []
    last_stop = 0
    after_abbreviation = False
    index = 0
    while index < len(tokens):
        token = tokens[index]
        between = tokens[last_stop:index]
        if after_abbreviation and between and between[0].text == ".":
            between = between[1:]
        attached = bool(found) and _is_glue(tokens, between)
        if index in typed:
            group = several[index]
            for literal in group:
                found.append(Item(literal.start, literal.end, literal=literal, attached=attached))
                attached = False
            index = last_stop = group[-1].stop
            after_abbreviation = False
            continue
        if token.kind is TokenKind.WORD:
            words = number_words(token.text)
            if token.text in glued_only and not (attached and not between and found[-1].literal):
                words = ()
            for word in words:
                found.append(
                    Item(token.start, token.end, word=word, attached=attached, text=token.text)
                )
                attached = True
                last_stop = index + 1
                after_abbreviation = token.text in abbreviated
        index += 1
    return found
