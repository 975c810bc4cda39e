"""Reading untrusted JSON: every reader gives the value if it is what it should be, else None."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

# More than any messenger lets a resident type; what is behind it is noise.
TEXT_LIMIT = 10_000

# Our own ids on their way back from a messenger: `Keyboard.question` and `Keyboard.token`.
_OWN_ID = re.compile(r"[0-9A-Za-z.:_-]{1,128}")

_FOREIGN_ID = re.compile(r"[!-~]{1,128}")

_WORD = re.compile(r"[a-z_]{1,32}")

_LARGEST_ID = 2**64 - 1


class MalformedBody(ValueError):
    """The body is not a JSON object."""


def read_object(body: bytes | str) -> dict[str, Any]:
    """The body's JSON object.

    Raises:
        MalformedBody: not JSON (NaN and infinity are not), not an object, or nested too deep.
    """
    try:
        value = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        # `from None`: the parser's error quotes the body, which must not reach a log.
        raise MalformedBody("not JSON") from None
    if not isinstance(value, dict):
        raise MalformedBody("not a JSON object")
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def mapping(value: object) -> dict[str, Any]:
    """The object itself; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """The list itself; an empty one for anything else."""
    return value if isinstance(value, list) else []


def number(value: object) -> int | None:
    """A whole number of at most 64 bits, negative ones included."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST_ID:
        return value
    return None


def identifier(value: object) -> str | None:
    """A messenger's id, given as a number or as a short string of visible ASCII, as a string."""
    if isinstance(value, str):
        return value if _FOREIGN_ID.fullmatch(value) else None
    whole = number(value)
    return None if whole is None else str(whole)


def own_id(value: object) -> str | None:
    """An id that we made ourselves, as far as its form tells."""
    return value if isinstance(value, str) and _OWN_ID.fullmatch(value) else None


def word(value: object) -> str | None:
    """A lower-case ASCII word such as the type of an attachment."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None
