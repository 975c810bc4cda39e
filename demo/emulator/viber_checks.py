"""Viber's documented limits of a message, each with the status code it is refused with.

https://creators.viber.com/docs/bots-api/getting-started and .../keyboards
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from demo.emulator.viber_keyboard import check_keyboard

STATUS = {
    0: "ok",
    1: "invalidUrl",
    2: "invalidAuthToken",
    3: "badData",
    4: "missingData",
    5: "receiverNotRegistered",
    6: "receiverNotSubscribed",
    7: "publicAccountBlocked",
    8: "publicAccountNotFound",
    9: "publicAccountSuspended",
    10: "webhookNotSet",
    11: "receiverNoSuitableDevice",
    12: "tooManyRequests",
    13: "apiVersionNotSupported",
    14: "incompatibleWithVersion",
    15: "publicAccountNotAuthorized",
    16: "inchatReplyMessageNotAllowed",
    17: "publicAccountIsNotInline",
    18: "noPublicChat",
    19: "cannotSendBroadcast",
    20: "broadcastNotAllowed",
    21: "unsupportedCountry",
    22: "paymentUnsupported",
    23: "freeMessagesExceeded",
    24: "noBalance",
}
MAX_REQUEST_BYTES = 30 * 1024
MAX_SENDER_NAME = 28
MAX_TEXT = 7000
MAX_PICTURE_TEXT = 768
MAX_TRACKING_DATA = 4000
MAX_MEDIA_URL = 2000
API_VERSION = 10
_PICTURE_ENDINGS = (".jpg", ".jpeg", ".png", ".gif")
_REQUIRED = {
    "text": ("text",),
    "picture": ("media",),
    "video": ("media", "size"),
    "file": ("media", "size", "file_name"),
    "contact": ("contact",),
    "location": ("location",),
    "url": ("media",),
    "sticker": ("sticker_id",),
    "rich_media": ("rich_media",),
}


class ViberRefusal(Exception):
    """Viber refuses a call with this status."""

    def __init__(self, status: int, reason: str = "") -> None:
        name = STATUS.get(status, "generalError")
        super().__init__(f"{name}: {reason}" if reason else name)
        self.status = status
        self.status_message = str(self)


def parse_body(raw: bytes) -> dict[str, Any]:
    """The request's JSON object. Raises ViberRefusal 3 if it is none or larger than 30 KB."""
    if len(raw) > MAX_REQUEST_BYTES:
        raise ViberRefusal(3, f"the request has {len(raw)} bytes of {MAX_REQUEST_BYTES}")
    try:
        body = json.loads(raw)
    except ValueError:
        raise ViberRefusal(3, "the body is not JSON") from None
    if not isinstance(body, dict):
        raise ViberRefusal(3, "the body is not an object")
    return body


def check_message(body: Mapping[str, Any]) -> None:
    """Checks everything of a message but its receiver.

    Raises:
        ViberRefusal: 1, 3, 4, 13 or 14 with the name of the field.
    """
    for name, value in body.items():
        if value is None:
            raise ViberRefusal(3, f"{name} is null")
    _check_sender(body.get("sender"))
    version = body.get("min_api_version", 1)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ViberRefusal(3, "min_api_version must be a positive number")
    if version > API_VERSION:
        raise ViberRefusal(13, f"min_api_version {version} is above {API_VERSION}")
    _text(body, "tracking_data", MAX_TRACKING_DATA)
    if "keyboard" in body:
        check_keyboard(body["keyboard"], version, _refuse)
    kind = body.get("type")
    if kind is None:
        if "keyboard" not in body:
            raise ViberRefusal(4, "type is missing")
        return
    if kind not in _REQUIRED:
        raise ViberRefusal(3, f"type {kind!r} is unknown")
    for name in _REQUIRED[kind]:
        if body.get(name) in ("", None):
            raise ViberRefusal(4, f"{name} is missing")
    _check_content(kind, body)


def _check_content(kind: str, body: Mapping[str, Any]) -> None:
    if kind == "text":
        _text(body, "text", MAX_TEXT)
    elif kind in ("picture", "video", "file", "url"):
        media = body["media"]
        if not isinstance(media, str) or len(media) > MAX_MEDIA_URL:
            raise ViberRefusal(3, f"media must be text of at most {MAX_MEDIA_URL} characters")
        address = urlsplit(media)
        if address.scheme not in ("http", "https") or not address.netloc:
            raise ViberRefusal(1, "media is not an address")
        if kind == "picture":
            if not address.path.lower().endswith(_PICTURE_ENDINGS):
                raise ViberRefusal(1, "media does not end like a picture")
            _text(body, "text", MAX_PICTURE_TEXT)
    elif kind == "contact":
        contact = body["contact"]
        if not isinstance(contact, dict) or not contact.get("phone_number"):
            raise ViberRefusal(4, "contact.phone_number is missing")
        _text(contact, "name", 28)
        _text(contact, "phone_number", 18)
    elif kind == "location":
        place = body["location"]
        if not isinstance(place, dict) or not {"lat", "lon"} <= place.keys():
            raise ViberRefusal(4, "location.lat or location.lon is missing")


def _check_sender(sender: object) -> None:
    if not isinstance(sender, dict) or not sender.get("name"):
        raise ViberRefusal(4, "sender.name is missing")
    _text(sender, "name", MAX_SENDER_NAME)


def _text(body: Mapping[str, Any], name: str, limit: int) -> None:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise ViberRefusal(3, f"{name} must be text")
    if len(value) > limit:
        raise ViberRefusal(3, f"{name} has {len(value)} characters of {limit}")


def _refuse(reason: str, status: int = 3) -> ViberRefusal:
    return ViberRefusal(status, reason)
