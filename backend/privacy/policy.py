"""What the settings say about consent, the proof at linking and wrong numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """`explicit`: a button of consent is asked for. `meter_proof`: four digits of a meter are."""

    url: str
    version: str
    explicit: bool = False
    meter_proof: bool = False
    wrong_numbers: int = 5
    wrong_numbers_of_all: int = 300
