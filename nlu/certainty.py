"""Messages whose intent needs no guess: known phrases, button words and pure numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nlu.normaliser import TextNormaliser

_LETTERS = re.compile(r"[^\W\d_]+")
_SPACES = re.compile(r"\s+")


class KnownPhrases:
    """Finds the intent of a message that somebody wrote down word for word as an example."""

    def __init__(self, normaliser: TextNormaliser, intents: dict[str, str]) -> None:
        self._normaliser = normaliser
        self._intents = intents

    @classmethod
    def learn(cls, normaliser: TextNormaliser, phrases: Iterable[tuple[str, str]]) -> KnownPhrases:
        """Takes (text, intent) pairs; a phrase that stands for two intents is left to the model."""
        found: dict[str, set[str]] = {}
        for text, intent in phrases:
            for key in _keys(normaliser, text):
                found.setdefault(key, set()).add(intent)
        return cls(
            normaliser, {key: next(iter(all_)) for key, all_ in found.items() if len(all_) == 1}
        )

    @property
    def intents(self) -> dict[str, str]:
        """What is known, as it is stored."""
        return self._intents

    def intent_of(self, text: str) -> str | None:
        """The intent, or None when the phrase is new."""
        return next(
            (self._intents[key] for key in _keys(self._normaliser, text) if key in self._intents),
            None,
        )


def _keys(normaliser: TextNormaliser, text: str) -> list[str]:
    """The phrase as typed, then in plain spelling; that hides numbers, so not with them."""
    typed = _SPACES.sub(" ", text.strip().lower())
    plain = normaliser.normalise(text).text
    if any(character.isdigit() for character in typed):
        return [typed]
    words = _LETTERS.findall(plain)
    return [typed, " ".join(words)] if words else [typed]


class Numbers:
    """Tells messages of numbers from others, with the parser that reads the values."""

    def __init__(self) -> None:
        from backend.readings import numbers

        self._parser = numbers

    def fill(self, text: str) -> bool:
        """Nothing but readings or an account number, their units and the names of meters."""
        return self._parser.is_only_numbers(text)

    def alone(self, text: str) -> bool:
        """No word at all beside the numbers, so nobody else's service is named either."""
        rest = list(text)
        for match in self._parser.find_numbers(text):
            rest[match.start : match.end] = " " * (match.end - match.start)
        return _LETTERS.search("".join(rest)) is None
