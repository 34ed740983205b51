"""Finds the page of a TIFF file that is its picture, and tells a camera's raw file from a picture."""

from __future__ import annotations

import struct

from imagelabels.pictures import tiff
from imagelabels.pictures.tiff import Directory, Format, Window

_NEW_SUBFILE, _OLD_SUBFILE, _WIDTH, _HEIGHT = 254, 255, 256, 257
_COMPRESSION, _PHOTOMETRIC, _MAKE, _SUB_DIRECTORIES = 259, 262, 271, 330
_DNG_VERSION = 0xC612
"""Each DNG file has it: https://helpx.adobe.com/camera-raw/digital-negative.html, DNG specification, chapter 4."""

_NOT_THE_PICTURE = 0b101
"""These bits of NewSubfileType mark a reduced copy of another picture and a transparency mask (TIFF 6.0, section 8)."""
_RAW_PHOTOMETRIC = frozenset({32803, 34892})
"""These mean values behind a colour filter and linear raw values (DNG specification, PhotometricInterpretation)."""
_RAW_COMPRESSION = frozenset({32767, 32769, 32770, 34713, 65535})
"""Sony, Epson, Samsung, Nikon and Pentax have these: https://exiftool.org/TagNames/EXIF.html#Compression."""
_MAKERS = (
    (b"nikon", "nef"),
    (b"sony", "arw"),
    (b"pentax", "pef"),
    (b"ricoh", "pef"),
    (b"phase one", "iiq"),
    (b"samsung", "srw"),
    (b"hasselblad", "3fr"),
    (b"seiko epson", "erf"),
    (b"kodak", "dcr"),
    (b"eastman kodak", "dcr"),
    (b"mamiya", "mef"),
    (b"leaf", "mos"),
    (b"canon", "cr2"),
)

MAX_ENTRIES = 512
"""So many entries of one directory are read; a camera writes some dozens."""
_MAX_PAGES = 16
"""So many directories are looked at; files have one or two thumbnails in front of their picture, if any."""


def find_picture(window: Window, form: Format, at: int) -> Directory | str | int | None:
    """Find the directory of the picture, from the one at `at` on: the first that is no reduced copy, else the largest.

    The answer is the name of a raw format if the file is one, and a place if the directory there is outside the window.
    """
    largest: Directory | None = None
    seen: set[int] = set()
    while at and at not in seen and len(seen) < _MAX_PAGES:
        seen.add(at)
        try:
            page = tiff.read_directory(window, at, form, MAX_ENTRIES)
        except struct.error:
            return at
        name = _raw_format(window, page, form)
        if name is not None:
            return name
        if not _is_reduced(window, page, form):
            return page
        if largest is None or _area(window, page, form) > _area(window, largest, form):
            largest = page
        at = page.next
    return largest


def size(window: Window, page: Directory, form: Format) -> tuple[int, int] | None:
    """Read width and height in pixels."""
    width, height = (tiff.number(window, page.entries.get(tag), form) for tag in (_WIDTH, _HEIGHT))
    return (width, height) if width is not None and height is not None else None


def _area(window: Window, page: Directory, form: Format) -> int:
    width, height = size(window, page, form) or (0, 0)
    return width * height


def _is_reduced(window: Window, page: Directory, form: Format) -> bool:
    kind = tiff.number(window, page.entries.get(_NEW_SUBFILE), form)
    if kind is not None:
        return bool(kind & _NOT_THE_PICTURE)
    return tiff.number(window, page.entries.get(_OLD_SUBFILE), form) == 2


def _raw_format(window: Window, page: Directory, form: Format) -> str | None:
    """A raw file shows a thumbnail in its first directory, and keeps what the sensor saw in directories below it."""
    entries = page.entries
    if _DNG_VERSION in entries:
        return "dng"
    if (
        tiff.number(window, entries.get(_PHOTOMETRIC), form) in _RAW_PHOTOMETRIC
        or tiff.number(window, entries.get(_COMPRESSION), form) in _RAW_COMPRESSION
        or (_SUB_DIRECTORIES in entries and _is_reduced(window, page, form))
    ):
        make = tiff.text(window, entries.get(_MAKE)).strip().lower()
        return next((name for maker, name in _MAKERS if make.startswith(maker)), "raw")
    return None
