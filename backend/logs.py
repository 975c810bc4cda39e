"""One log format for everything; account numbers are masked whoever writes them."""

from __future__ import annotations

import logging
import sys
import warnings
from typing import Any

import structlog

from backend.delivery.masking import mask

_QUIET = (
    "rasa",
    "rasa_sdk",
    "pymorphy3",
    "apscheduler",
    "procrastinate",
    "httpx",
    "httpcore",
    "alembic",
    "matplotlib",
    "sanic.root",
)


class _Masked(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = mask(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:
        return mask(super().formatException(ei))


def configure_logging(level: str) -> None:
    """Sends logs to standard error: time, level, name, message."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Masked("%(asctime)s %(levelname)s %(name)s %(message)s"))
    # Deprecations of Rasa's dependencies are nothing an operator can act on.
    warnings.simplefilter("ignore")
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        # What is below the level costs nothing, and Rasa says a lot there in every turn.
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        cache_logger_on_first_use=True,
    )
