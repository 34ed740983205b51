"""Picture files made for tests: ordinary ones in every format, and ones that are made to hurt."""

from __future__ import annotations

import io
import struct
import zlib
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image

from tests.model import PHOTOS


def cat() -> Image.Image:
    """A photo, 451 x 300, RGB."""
    return _photo().copy()


@lru_cache(maxsize=1)
def _photo() -> Image.Image:
    return Image.open(PHOTOS / "chelsea.png").convert("RGB")


def encoded(image: Image.Image, file_format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def flat_png(width: int, height: int) -> bytes:
    """Grey and as small as it can be: a thousandth of its pixels' bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = bytes(width + 1)
    packer = zlib.compressobj(1)
    pixels = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def announced_png(width: int, height: int) -> bytes:
    """Says in its header that it is large, and has the pixels of a small one."""
    small = flat_png(8, 8)
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return small[:12] + header + struct.pack(">I", zlib.crc32(header)) + small[33:]


def wall(width: int, height: int) -> Image.Image:
    """Return a photo of a grey wall. A plain colour would make a graphic of whatever is pasted onto it."""
    grain = np.random.default_rng(0).integers(100, 140, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(grain)
