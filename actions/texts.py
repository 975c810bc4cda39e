"""Pieces of messages: lines and captions whose words stand in the domain."""

from __future__ import annotations

from typing import Any


def line(domain: dict[str, Any], response: str, **variables: str) -> str:
    """The response's first text with its variables filled in.

    Raises:
        KeyError: the domain has no such response, or the text names a variable that is not given.
    """
    text: str = domain["responses"][response][0]["text"]
    return text.format(**variables)


def has(domain: dict[str, Any], response: str) -> bool:
    """True if the domain has such a response."""
    return response in domain["responses"]


def button(domain: dict[str, Any], response: str, payload: str, **variables: str) -> dict[str, str]:
    """A button whose caption is the response's text."""
    return {"title": line(domain, response, **variables), "payload": payload}
