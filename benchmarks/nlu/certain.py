"""Measures what must never be a guess: typed button words and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from backend.delivery.buttons import ANSWERS
from backend.delivery.model import Button, EventKind, IncomingEvent, Keyboard
from backend.readings.numbers import find_numbers, is_only_numbers
from benchmarks.nlu.measuring import Parse
from benchmarks.nlu.phrases import ROOT
from server.turns import message_text

NUMBER_TABLES = ("number_cases.yml", "fresh_numbers.yml")
# Buttons that actions make: the caption's response and the intent that it stands for.
MADE_BY_ACTIONS = {
    "utter_button_yes": "affirm",
    "utter_button_no": "deny",
    "utter_button_cancel": "cancel",
    "utter_button_remind": "turn_on_reminders",
    "utter_button_remind_no_more": "turn_off_reminders",
}
_WISH = "utter_wish_"
_YO, _YE = "\u0451", "\u0435"
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as shown": str,
    "upper case": str.upper,
    "lower case": str.lower,
    "trailing dot": "{}.".format,
    "trailing mark": "{}!".format,
    "trailing emoji": "{} \U0001f642".format,
    "no diaeresis": lambda caption: caption.replace(_YO, _YE),
    "spaces around": "  {} ".format,
}


@dataclass(frozen=True)
class Certain:
    """One thing typed, what it must mean and what the bot understood."""

    text: str
    expected: str
    understood: str

    @property
    def is_right(self) -> bool:
        """Whether the bot understood exactly that."""
        return self.understood == self.expected


def captions() -> set[tuple[str, str]]:
    """(caption, intent) of every button of the domain."""
    found = set()
    for name, variations in _responses():
        for variation in variations:
            for button in variation.get("buttons", ()):
                found.add((button["title"], Button("", button["payload"]).intent))
            if name in MADE_BY_ACTIONS:
                found.add((variation["text"], MADE_BY_ACTIONS[name]))
            if name.startswith(_WISH):
                found.add((variation["text"], name.removeprefix(_WISH)))
    return found


async def ask_buttons(parse: Parse) -> list[Certain]:
    """Each caption in each spelling, typed under its keyboard; a wish also without it."""
    asked = []
    for caption, intent in sorted(captions()):
        keyboard = Keyboard("1", (Button(caption, f"/{intent}"),))
        boards = [[keyboard]] if intent in (*ANSWERS, "accept_link") else [[keyboard], []]
        for spell in SPELLINGS.values():
            for shown in boards:
                text = message_text(_typed(spell(caption)), shown)
                understood = (await parse(text))["intent"]["name"]
                asked.append(Certain(spell(caption), intent, str(understood)))
    return asked


async def ask_numbers(parse: Parse, tests: Path = ROOT / "tests") -> list[Certain]:
    """The tests' tables: the values found, and the intent of what is nothing but numbers."""
    asked = []
    for text, values in _number_tables(tests):
        found = [_shown(match.options, match.certain) for match in find_numbers(text)]
        asked.append(Certain(text, "; ".join(map(_plain, values)), "; ".join(found)))
        if is_only_numbers(text):
            understood = (await parse(message_text(_typed(text), [])))["intent"]["name"]
            asked.append(Certain(text, "provide_number", str(understood)))
    return asked


def _responses() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for path in (ROOT / "domain.yml", *sorted((ROOT / "domain").glob("*.yml"))):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        yield from content.get("responses", {}).items()


def _number_tables(tests: Path) -> Iterator[tuple[str, list[str]]]:
    for name in NUMBER_TABLES:
        path = tests / "backend" / "readings" / name
        for group in yaml.safe_load(path.read_text(encoding="utf-8")).values():
            yield from group.items()


def _typed(text: str) -> IncomingEvent:
    now = datetime.now(timezone.utc)
    return IncomingEvent("vk", "1", "1", EventKind.TEXT, now, text=text)


def _plain(value: str) -> str:
    options = [Decimal(option) for option in value.rstrip("?").split("|")]
    return _shown(options, certain=not value.endswith("?"))


def _shown(options: Any, certain: bool) -> str:
    return "|".join(format(option.normalize(), "f") for option in options) + "?" * (not certain)
