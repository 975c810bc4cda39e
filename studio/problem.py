"""What went wrong, in a form that the page has words for."""

from __future__ import annotations

from typing import Any


class Problem(Exception):
    """Something the page has words for: `code`, and what the words need."""

    def __init__(self, code: str, status: int = 400, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.details = details
