"""Understands the few words that answer a refused value, and those that ask for a correction."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

from backend.readings.tokens import TokenKind, read
from backend.readings.vocabulary import vocabulary


class Reason(str, Enum):
    """What a resident says of a meter whose value was not taken; the codes are stable."""

    AGAIN = "again"  # a slip: the value is typed once more
    REPLACED = "replaced"  # the meter is another one now
    ROLLOVER = "rollover"  # the dial has gone over its end
    SKIP = "skip"  # no value of this meter today


def reason_in(text: str) -> Reason | None:
    """The one reason that the words name; None if they name none, several, or say much more."""
    words = _words(text)
    if not words or len(words) > int(vocabulary().at("reason_most_words")):
        return None
    found = {reason for reason in Reason if any(_named(word, reason) for word in words)}
    return found.pop() if len(found) == 1 else None


def asks_to_correct(text: str) -> bool:
    """True if the words speak of readings given before that are wrong."""
    stems = tuple(vocabulary().at("correcting"))
    return any(word.startswith(stems) for word in _words(text))


def _named(word: str, reason: Reason) -> bool:
    stems, forms = _vocabulary(reason)
    return word in forms or word.startswith(stems)


@lru_cache(maxsize=len(Reason))
def _vocabulary(reason: Reason) -> tuple[tuple[str, ...], frozenset[str]]:
    entry = vocabulary().at("reasons", reason.value)
    return tuple(entry["stems"]), frozenset(entry["forms"])


def _words(text: str) -> list[str]:
    return [token.text for token in read(text).tokens if token.kind is TokenKind.WORD]
