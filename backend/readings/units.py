"""Units of heat: how much of each is a gigacalorie."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from backend.readings.vocabulary import vocabulary


@lru_cache(maxsize=64)
def heat_factor(unit: str) -> Decimal | None:
    """How many of `unit` make a gigacalorie; None for a unit that is not of heat."""
    plain = "".join(character for character in unit.casefold() if character.isalpha())
    found = vocabulary().at("heat_units").get(plain)
    return None if found is None else Decimal(str(found))
