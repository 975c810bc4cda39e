"""A small picture that residents send when they have none of their own: a meter's dial."""

from __future__ import annotations

import struct
import zlib

WIDTH, HEIGHT = 240, 160
_DIGITS = {
    "0": ("111", "101", "101", "101", "111"),
    "5": ("111", "100", "111", "001", "111"),
    "6": ("111", "100", "111", "101", "111"),
    "7": ("111", "001", "010", "010", "010"),
    "8": ("111", "101", "111", "101", "111"),
}
_BODY, _FACE, _INK, _RED, _RIM = (
    (38, 70, 120),
    (246, 246, 240),
    (30, 30, 34),
    (200, 36, 44),
    (180, 186, 196),
)
Colour = tuple[int, int, int]


def _draw() -> list[list[Colour]]:
    rows = [[_BODY] * WIDTH for _ in range(HEIGHT)]

    def fill(left: int, top: int, width: int, height: int, colour: Colour) -> None:
        for y in range(top, top + height):
            rows[y][left : left + width] = [colour] * width

    fill(16, 16, WIDTH - 32, HEIGHT - 32, _RIM)
    fill(22, 22, WIDTH - 44, HEIGHT - 44, _FACE)
    for position, digit in enumerate("05657800"):
        left = 32 + position * 22
        fill(left, 50, 20, 34, _INK if position < 5 else _RED)
        for y, line in enumerate(_DIGITS[digit]):
            for x, dot in enumerate(line):
                if dot == "1":
                    fill(left + 4 + x * 4, 57 + y * 4, 4, 4, _FACE)
    fill(32, 100, 120, 4, _RIM)
    fill(32, 110, 84, 4, _RIM)
    fill(186, 98, 18, 18, _RED)
    return rows


def _png(rows: list[list[Colour]]) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    pixels = b"".join(b"\0" + bytes(part for colour in row for part in colour) for row in rows)
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(pixels))
        + chunk(b"IEND", b"")
    )


METER_PHOTO = _png(_draw())
