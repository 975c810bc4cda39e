"""Pictures for messengers that fetch them by address: signed links that expire, and what they show.

A picture lies in the outbox with its message, so every process on the same database can serve it,
also after a restart. The link holds the message's key and nothing about the resident's accounts.
"""

from __future__ import annotations

import hashlib

from itsdangerous import BadData, TimestampSigner
from itsdangerous.encoding import base64_decode, base64_encode
from sqlalchemy import text

from backend.delivery.model import OutgoingMessage
from backend.storage.database import Database

PATH = "/pictures"
SUFFIX = ".png"
# Viber tries for so long to bring a message to a phone that is off.
LIFETIME = 14 * 24 * 3600
# No link of ours is longer; what is longer is not even looked at.
LONGEST_LINK = 400
_SALT = b"picture links"

_FIND = text("SELECT picture FROM outbox WHERE key = :key AND picture IS NOT NULL")


class PictureLinks:
    """Makes and reads the links. Equal secrets make and read equal links, in any process."""

    def __init__(self, public_url: str, secret: str, lifetime: int = LIFETIME) -> None:
        """`public_url` is the bot's address as messengers see it; `lifetime` is in seconds."""
        self._public_url = public_url.rstrip("/")
        self._lifetime = lifetime
        self._signer = TimestampSigner(
            secret, salt=_SALT, key_derivation="hmac", digest_method=hashlib.sha256
        )

    async def url(self, message: OutgoingMessage) -> str | None:
        """The address of the message's picture, or None if it would be too long."""
        link = self._signer.sign(base64_encode(message.key)).decode()
        return f"{self._public_url}{PATH}/{link}{SUFFIX}" if len(link) <= LONGEST_LINK else None

    def key(self, link: str) -> str | None:
        """The message whose picture a link shows; None if it is forged, damaged or expired."""
        if len(link) > LONGEST_LINK:
            return None
        try:
            # Compares in constant time.
            signed = self._signer.unsign(link, max_age=self._lifetime)
            return base64_decode(signed).decode()
        except (BadData, UnicodeError):
            return None


class StoredPictures:
    """The pictures of the outbox."""

    def __init__(self, database: Database) -> None:
        """`database` is shared with the turns."""
        self._database = database

    async def of(self, key: str) -> bytes | None:
        """The PNG of the message, or None if it has none any more. Raises DATABASE_ERRORS."""
        async with self._database.autocommit() as connection:
            row = (await connection.execute(_FIND, {"key": key})).one_or_none()
        return None if row is None else bytes(row.picture)
