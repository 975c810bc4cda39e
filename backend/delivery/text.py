"""Text on its way in and out: what can be stored, how long it is, where it may be cut.

Lengths are UTF-16 code units: no messenger counts a character as more than that, so a text within
a limit here is within it there.
"""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "…"

# PostgreSQL can't store NUL; a lone surrogate can't be encoded as UTF-8 at all.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

# From the best place to cut to the worst one: after a paragraph, a line, a word.
_BOUNDARIES = (re.compile(r"\n\s*\n\s*"), re.compile(r"\n\s*"), re.compile(r"\s+"))

_ZERO_WIDTH_JOINER = "\u200d"


def storable(text: str) -> str:
    """The text without characters that neither the database nor an HTTP request can carry."""
    return _UNSTORABLE.sub("", text)


def length(text: str) -> int:
    """The text's length in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def shorten(text: str, limit: int) -> str:
    """The text itself if it is within `limit` (≥ 3), else its beginning and an ellipsis."""
    if length(text) <= limit:
        return text
    end = _hard_end(text, limit - length(ELLIPSIS))
    return text[:end].rstrip() + ELLIPSIS


def split(text: str, limit: int) -> list[str]:
    """Parts of at most `limit` (≥ 2) in order, cut between paragraphs, else lines, else words.

    Only white space at the cuts is lost. A text without anything visible gives no parts.
    """
    if limit < 2:
        raise ValueError("a part needs room for one character of two code units")
    parts = []
    rest = text.strip()
    while length(rest) > limit:
        end = _soft_end(rest, limit) or _hard_end(rest, limit)
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*parts, rest] if rest else parts


def _soft_end(text: str, limit: int) -> int:
    """The last good place to cut within `limit`; 0 if there is none."""
    reach = _reach(text, limit)
    for boundary in _BOUNDARIES:
        # One more character is looked at: white space right behind the limit is a place to cut.
        found = [match.start() for match in boundary.finditer(text, 0, reach + 1)]
        ends = [end for end in found if 0 < end <= reach]
        # A paragraph that leaves the part almost empty is a worse cut than the end of a line.
        if ends and (ends[-1] >= reach // 3 or boundary is _BOUNDARIES[-1]):
            return ends[-1]
    return 0


def _hard_end(text: str, limit: int) -> int:
    """A cut inside a word, before the last character that combines with nothing behind it."""
    reach = _reach(text, limit)
    end = reach
    while end > 0 and end < len(text) and _joins(text[end - 1], text[end]):
        end -= 1
    return end or max(reach, 1)


def _reach(text: str, limit: int) -> int:
    """How many whole characters from the beginning are within `limit`."""
    used = 0
    for index, character in enumerate(text):
        used += 1 + (character > "\uffff")
        if used > limit:
            return index
    return len(text)


def _joins(before: str, after: str) -> bool:
    """True if the two characters are drawn as one."""
    return (
        unicodedata.category(after).startswith("M")
        or after == _ZERO_WIDTH_JOINER
        or before == _ZERO_WIDTH_JOINER
        or "\U0001f3fb" <= after <= "\U0001f3ff"  # skin tones
    )
