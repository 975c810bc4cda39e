"""Texts of the domain for messages that no conversation turn says."""

from __future__ import annotations

import random
from typing import Any

from rasa.core.nlg.interpolator import interpolate_text
from rasa.shared.core.domain import Domain

from backend.delivery.model import Button
from backend.delivery.turn import Said


def phrase(domain: Domain, response: str, channel: str, **variables: str) -> Said:
    """The response's text and buttons in `channel`, with its variables filled in.

    Raises:
        KeyError: the domain has no such response.
    """
    variations: list[dict[str, Any]] = domain.responses[response]
    own = [one for one in variations if one.get("channel") == channel]
    general = [one for one in variations if not one.get("channel")]
    chosen = random.choice(own or general)  # noqa: S311 (small talk, not secrets)
    return Said(
        text=interpolate_text(chosen["text"], variables),
        buttons=tuple(
            Button(button["title"], button["payload"]) for button in chosen.get("buttons", [])
        ),
    )
