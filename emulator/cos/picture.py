"""What the first bytes of a picture say: its format and its size."""

from __future__ import annotations

import struct
from pathlib import Path

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers that begin a frame, whose header has the size."""


def size(path: Path) -> tuple[int, int] | None:
    """Width and height of a JPEG, PNG or BMP; zeros where they cannot be found; None for any other file."""
    data = path.read_bytes()
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return struct.unpack(">II", data[16:24]) if len(data) >= 24 else (0, 0)
    if data.startswith(b"BM"):
        width, height = struct.unpack("<ii", data[18:26]) if len(data) >= 26 else (0, 0)
        return abs(width), abs(height)
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    return None


def _jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        if marker == 0xFF or 0xD0 <= marker <= 0xD8 or marker == 0x01:
            at += 1 if marker == 0xFF else 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return 0, 0
