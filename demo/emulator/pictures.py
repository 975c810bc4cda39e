"""Pictures that the phones show, kept in memory within a fixed number of bytes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from demo.emulator.options import MAX_PICTURE_BYTES

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)


class NotAPicture(Exception):
    """The bytes are no PNG, JPEG or GIF, or there are too many of them."""


@dataclass(frozen=True)
class Picture:
    """The bytes of a picture and their media type."""

    content: bytes
    media_type: str


class Pictures:
    """Forgets the oldest pictures when `limit` bytes are exceeded."""

    def __init__(self, limit: int = 50 * 1024 * 1024) -> None:
        self._kept: OrderedDict[int, Picture] = OrderedDict()
        self._limit = limit
        self._size = 0
        self._count = 0

    def add(self, content: bytes) -> str:
        """Keeps a picture and returns its path on the emulator.

        Raises:
            NotAPicture: the format is unknown or the picture is too large.
        """
        if len(content) > MAX_PICTURE_BYTES:
            raise NotAPicture(f"{len(content)} bytes are more than {MAX_PICTURE_BYTES}")
        known = (kind for start, kind in _SIGNATURES if content.startswith(start))
        media_type = next(known, None)
        if media_type is None:
            raise NotAPicture("neither PNG nor JPEG nor GIF")
        self._count += 1
        self._kept[self._count] = Picture(content, media_type)
        self._size += len(content)
        while self._size > self._limit and len(self._kept) > 1:
            self._size -= len(self._kept.popitem(last=False)[1].content)
        return f"/pictures/{self._count}"

    def get(self, path: str) -> Picture | None:
        """The picture at a path that `add` returned, unless it was forgotten."""
        number = path.rsplit("/", 1)[-1]
        return self._kept.get(int(number)) if number.isdigit() else None
