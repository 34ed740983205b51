"""What a JPEG says about itself beside its pixels: the quality with which it was made, and its EXIF data."""

from __future__ import annotations

from PIL import Image

from emulator.objectstore.pictures.limits import DAMAGED

_STANDARD = (16, 11, 10, 16, 24, 40, 51, 61)
"""The first row of the table for brightness at quality 50 in the JPEG standard, ITU-T T.81, annex K."""
LONGEST_EXIF = 65_000
"""EXIF data of more bytes does not fit into a JPEG, and is left out."""


def quality(source: Image.Image) -> int | None:
    """Return the quality from 1 to 100 with which a JPEG was made, or None for another format.

    It is computed from the first table as the usual encoders scale it. Other tables give the nearest quality.
    """
    tables: dict[int, list[int]] = getattr(source, "quantization", {})
    if not tables or source.format != "JPEG":
        return None
    scale = 100 * sum(tables[min(tables)][: len(_STANDARD)]) / sum(_STANDARD)
    estimate = (200 - scale) / 2 if scale <= 100 else 5000 / scale
    return max(1, min(100, round(estimate)))


def exif_bytes(exif: Image.Exif) -> bytes:
    """Return the EXIF data as a file keeps it, or nothing if it is damaged or does not fit."""
    try:
        data = exif.tobytes()
    except DAMAGED:
        return b""
    return data if len(data) <= LONGEST_EXIF else b""
