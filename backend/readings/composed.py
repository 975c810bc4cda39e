"""A number composed of typed digits and words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Composed:
    """A number made of the items `first` up to, not including, `stop`."""

    value: Decimal
    integer_text: str
    first: int
    stop: int
    start: int
    end: int
    typed: bool
    certain: bool = True
    alternatives: tuple[Decimal, ...] = ()
    parts: tuple[Composed, ...] = ()
    negative: bool = False
    is_ordinal: bool = False
