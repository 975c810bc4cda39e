"""What a phone shows: buttons, keyboards, messages and the resident who holds the phone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any


class Author(str, Enum):
    """Who put a message into the chat."""

    BOT = "bot"
    RESIDENT = "resident"
    SERVICE = "service"


@dataclass(frozen=True)
class ButtonView:
    """One button as drawn: `action` and `value` are the messenger's own words for what it does.

    `colour` is «#RRGGBB» for Viber and VK's word for VK; `columns` and `rows` are Viber's sizes.
    """

    caption: str
    action: str
    value: str
    colour: str | None = None
    text_colour: str | None = None
    text_size: str = "regular"
    columns: int = 6
    rows: int = 1
    silent: bool = False

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ButtonView:
        """Reads what `asdict` wrote."""
        return cls(**data)


@dataclass(frozen=True)
class KeyboardView:
    """Buttons in rows. Viber's flow of six columns is one row that wraps by itself."""

    rows: tuple[tuple[ButtonView, ...], ...]
    inline: bool = False
    one_time: bool = False
    input_hidden: bool = False
    colour: str | None = None

    @property
    def buttons(self) -> tuple[ButtonView, ...]:
        """All buttons in reading order."""
        return tuple(button for row in self.rows for button in row)

    @property
    def captions(self) -> tuple[str, ...]:
        """What is written on the buttons, in reading order."""
        return tuple(button.caption for button in self.buttons)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> KeyboardView:
        """Reads what `asdict` wrote."""
        rows = tuple(tuple(ButtonView.from_json(b) for b in row) for row in data["rows"])
        return cls(**{**data, "rows": rows})


@dataclass
class ShownMessage:
    """One entry of a chat. `number` grows through the whole emulator and orders what was shown.

    `state` is waiting, delivered, seen or failed; `api_id` is the id the messenger's API gave;
    `tracking_data` is Viber's; `picture` is a path on the emulator.
    """

    number: int
    author: Author
    kind: str
    text: str
    at: datetime
    state: str = "delivered"
    api_id: str = ""
    keyboard: KeyboardView | None = None
    picture: str | None = None
    link: str | None = None
    tracking_data: str | None = None
    conversation_id: int = 0

    @property
    def fingerprint(self) -> tuple[object, ...]:
        """Equal for two copies of one outgoing message."""
        return (self.kind, self.text, self.tracking_data, self.keyboard, self.link)

    def to_json(self) -> dict[str, Any]:
        """The message as JSON; ids that exceed JavaScript's integers are strings already."""
        return {**asdict(self), "author": self.author.value, "at": self.at.isoformat()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ShownMessage:
        """Reads what `to_json` wrote."""
        keyboard = data["keyboard"]
        return cls(
            **{
                **data,
                "author": Author(data["author"]),
                "at": datetime.fromisoformat(data["at"]),
                "keyboard": KeyboardView.from_json(keyboard) if keyboard else None,
            }
        )


@dataclass(frozen=True)
class ResidentView:
    """The state of one phone: who, whether the bot may write, and the keyboard under the input."""

    key: str
    messenger: str
    user_id: str
    name: str
    reachable: bool
    opened: bool
    typing: bool
    waiting: int
    keyboard: KeyboardView | None
    snackbar: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The state as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ResidentView:
        """Reads what `to_json` wrote."""
        keyboard = data["keyboard"]
        view = cls(**{**data, "keyboard": None})
        return replace(view, keyboard=KeyboardView.from_json(keyboard) if keyboard else None)
