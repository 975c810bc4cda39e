"""Reads the parameters of VK's methods, which are always text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from demo.emulator.vk_checks import VkError

MAX_PEERS = 100
Parameters = Mapping[str, str]


def integer(parameters: Parameters, name: str) -> int:
    """The whole number under `name`. Raises VkError 100."""
    value = parameters.get(name, "")
    if not re.fullmatch(r"-?\d{1,19}", value, re.ASCII):
        reason = f"{name} not integer" if value else f"{name} is a required parameter"
        raise VkError(100, reason)
    return int(value)


def peers(parameters: Parameters) -> list[str]:
    """The dialogs a call is about. Raises VkError 100."""
    text = (
        parameters.get("peer_ids") or parameters.get("peer_id") or parameters.get("user_id") or ""
    )
    peers = text.split(",")
    if len(peers) > MAX_PEERS or (len(peers) > 1 and "peer_ids" not in parameters):
        raise VkError(100, "there are too many peers")
    if not all(re.fullmatch(r"-?\d{1,19}", peer, re.ASCII) for peer in peers):
        raise VkError(100, "peer_id is a required parameter")
    return peers


def snackbar(event_data: str) -> str:
    """The text that event_data shows in the phone, if any. Raises VkError 100."""
    if not event_data:
        return ""
    if len(event_data) > 1000:
        raise VkError(100, "event_data is longer than 1000 symbols")
    try:
        data = json.loads(event_data)
    except ValueError:
        data = None
    if not isinstance(data, dict) or data.get("type") not in (
        "show_snackbar",
        "open_link",
        "open_app",
    ):
        raise VkError(100, "event_data is invalid")
    text = data.get("text", "")
    if data["type"] == "show_snackbar" and not (isinstance(text, str) and 0 < len(text) <= 90):
        raise VkError(100, "event_data.text must have 1 to 90 symbols")
    return str(text)
