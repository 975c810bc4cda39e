"""Keeps account numbers out of logs, ours and those of the HTTP library."""

from __future__ import annotations

import logging
import re

_NUMBER_IN_ADDRESS = re.compile(r"(/accounts/)[^/?#\s]*?([^/?#\s]{0,2})(?=[/?#\s]|$)")


def masked(number: str) -> str:
    """The account number with all but its last two characters hidden: «…45»."""
    return f"…{number[-2:]}" if len(number) >= 5 else "…"


class MaskAddresses(logging.Filter):
    """Hides account numbers in the addresses that httpx logs for every request at INFO."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrites the record in place and lets it through."""
        if isinstance(record.args, tuple):
            record.args = tuple(_masked_address(value) for value in record.args)
        return True


def mask_http_log() -> None:
    """Puts the filter on httpx's logger, once however often it is called."""
    logger = logging.getLogger("httpx")
    if not any(isinstance(each, MaskAddresses) for each in logger.filters):
        logger.addFilter(MaskAddresses())


def _masked_address(value: object) -> object:
    if isinstance(value, (int, float)):
        return value
    text = str(value)
    hidden = _NUMBER_IN_ADDRESS.sub(r"\1…\2", text)
    return hidden if hidden != text else value
