"""Problem details (RFC 9457) with sentences for residents out of problems.yml."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson
import yaml
from sanic.response import HTTPResponse

from demo.billing.rules import Refused

TEXTS = Path(__file__).with_name("problems.yml")
MEDIA_TYPE = "application/problem+json"
_WITHOUT_CODE = frozenset({"malformed_json", "missing_key", "invalid_limit", "invalid_request"})


class Problems:
    """Makes problem answers; one object per application."""

    def __init__(self) -> None:
        self._texts: dict[str, dict[str, Any]] = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))

    def of(self, refused: Refused) -> tuple[int, bytes]:
        """Status and JSON of a refusal."""
        text = self._texts[refused.code]
        facts = {name: _readable(value) for name, value in refused.facts.items()}
        body: dict[str, Any] = {
            "type": f"urn:billing:{refused.code}",
            "title": text["title"],
            "status": text["status"],
            "detail": text["detail"].format_map(facts),
        }
        if refused.code not in _WITHOUT_CODE:
            body["code"] = refused.code
        if "field" in refused.facts:
            body["field"] = refused.facts["field"]
        if refused.meter_id is not None:
            body["meter_id"] = refused.meter_id
        return text["status"], orjson.dumps(body)

    def response(self, refused: Refused, headers: dict[str, str] | None = None) -> HTTPResponse:
        """The refusal as a response."""
        status, content = self.of(refused)
        return as_response(status, content, headers)


def about_http(status: int, headers: dict[str, str] | None = None) -> HTTPResponse:
    """A problem that the HTTP status alone describes: unknown address, method, size."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    return as_response(status, orjson.dumps(body), headers)


def as_response(status: int, content: bytes, headers: dict[str, str] | None = None) -> HTTPResponse:
    """JSON of the contract with the media type that belongs to its status."""
    return HTTPResponse(
        content.decode(),
        status=status,
        headers=headers,
        content_type="application/json" if status < 400 else MEDIA_TYPE,
    )


def _readable(value: object) -> str:
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, Decimal):
        return f"{value:,f}".replace(",", " ").replace(".", ",")
    return str(value)
