"""The format and the size of a picture, read from its first bytes."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The JPEG markers that begin a frame, whose header has the size."""


def size(path: Path) -> tuple[int, int] | None:
    """Return width and height of a JPEG, PNG or BMP, zeros if they cannot be found, and None for any other file."""
    with path.open("rb") as file:
        data = file.read(26)
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return struct.unpack(">II", data[16:24]) if len(data) >= 24 else (0, 0)
        if data.startswith(b"BM"):
            width, height = struct.unpack("<ii", data[18:26]) if len(data) >= 26 else (0, 0)
            return abs(width), abs(height)
        return _jpeg(file) if data.startswith(b"\xff\xd8\xff") else None


def _jpeg(file: BinaryIO) -> tuple[int, int]:
    """Jump from marker to marker until a frame begins: a thumbnail or a colour profile before it may be long."""
    at = 2
    while True:
        file.seek(at)
        data = file.read(9)
        if len(data) < 9 or data[0] != 0xFF:
            return 0, 0
        marker = data[1]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", data[5:9])
            return width, height
        if marker == 0xFF or 0xD0 <= marker <= 0xD8 or marker == 0x01:
            at += 1 if marker == 0xFF else 2
        else:
            at += 2 + int.from_bytes(data[2:4], "big")
