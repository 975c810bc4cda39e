"""Notices over the phones, set by other parts of the demo: progress, warnings, mistakes."""

from __future__ import annotations

from typing import Any

from demo.emulator.feed import Feed

KINDS = ("info", "progress", "success", "warning", "error")
MAX_TEXT = 4000


class BadBanner(Exception):
    """The banner's kind or text is wrong."""


class Banners:
    """At most one notice of each kind."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._texts: dict[str, str] = {}

    def show(self, kind: str, text: str) -> None:
        """Shows or replaces the notice of a kind; an empty text takes it away.

        Raises:
            BadBanner: the kind is unknown or the text too long.
        """
        if kind not in KINDS:
            raise BadBanner(f"kind must be one of {', '.join(KINDS)}")
        if len(text) > MAX_TEXT:
            raise BadBanner(f"text has {len(text)} characters of {MAX_TEXT}")
        if text:
            self._texts[kind] = text
        else:
            self._texts.pop(kind, None)
        self._feed.publish("banners", self)

    def clear(self) -> None:
        """Takes all notices away."""
        self._texts.clear()
        self._feed.publish("banners", self)

    def to_json(self) -> dict[str, Any]:
        """The notices by kind, as the page wants them."""
        return {"shown": [{"kind": kind, "text": text} for kind, text in self._texts.items()]}
