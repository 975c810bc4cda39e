"""Serves the pictures that Viber fetches by address."""

from __future__ import annotations

import logging

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from backend.delivery.pictures import PATH, SUFFIX, PictureLinks, StoredPictures
from backend.storage.database import DATABASE_ERRORS

logger = logging.getLogger(__name__)

_HEADERS = {
    "Cache-Control": "private, max-age=3600",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
}


def pictures(links: PictureLinks, stored: StoredPictures) -> Blueprint:
    """GET /pictures/<link>.png: the picture; 404 for a link that is not good (any more)."""
    blueprint = Blueprint("pictures", url_prefix=PATH)

    @blueprint.route("/<name:str>", methods=["GET", "HEAD"])
    async def picture(_request: Request, name: str) -> HTTPResponse:
        key = links.key(name[: -len(SUFFIX)]) if name.endswith(SUFFIX) else None
        try:
            content = await stored.of(key) if key is not None else None
        except DATABASE_ERRORS as error:
            logger.warning("a picture can't be read: %s", type(error).__name__)
            return response.empty(503, headers={"Retry-After": "5"})
        if content is None:
            return response.empty(404)
        return response.raw(content, content_type="image/png", headers=_HEADERS)

    return blueprint
