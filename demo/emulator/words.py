"""The few Russian words the emulator sends by itself, read from words.yml."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Words:
    """Names and captions; `latitude` and `longitude` are the place residents send."""

    bot_name: str
    start_button: str
    residents: tuple[str, ...]
    place: str
    latitude: float
    longitude: float
    phone: str


def load_words() -> Words:
    """Reads the file beside this module."""
    data = yaml.safe_load(Path(__file__).with_name("words.yml").read_text(encoding="utf-8"))
    place = data["place"]
    return Words(
        bot_name=data["bot_name"],
        start_button=data["start_button"],
        residents=tuple(data["residents"]),
        place=place["title"],
        latitude=place["latitude"],
        longitude=place["longitude"],
        phone=data["phone"],
    )
