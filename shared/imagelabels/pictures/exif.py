"""Reads when a picture was taken and how it is turned from the EXIF data of a JPEG, PNG, WebP or TIFF file."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from datetime import datetime

from imagelabels.pictures import jpeg, tiff
from imagelabels.pictures.tiff import Directory, Format, Window

# Tags and their meaning: EXIF 2.32, https://www.cipa.jp/std/documents/e/DC-X008-Translation-2019-E.pdf, 4.6.
_EXIF_DIRECTORY, _TAKEN, _TAKEN_OFFSET = 0x8769, 0x9003, 0x9011
_ORIENTATION = 0x0112

_MAX_ENTRIES = 512
"""A directory is read up to so many entries; a camera writes some dozens. The bound keeps a hostile file cheap."""
_MAX_SEGMENTS = 2000
"""So many segments of a JPEG are looked at: EXIF data are one of the first."""
_MAX_PARTS = 50_000
"""So many chunks of a PNG or WebP are stepped over: EXIF data may be the last."""

_MOMENT = re.compile(rb"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(rb"[+-](?:0\d|1[0-4]):[0-5]\d")


def taken_at(kind: str, data: bytes) -> str | None:
    """Read the local time, as 2023-07-01T12:00:00, with its offset from UTC if the camera wrote one; None if unknown.

    `data` are the file's first bytes, of the format `kind`. EXIF data that begin behind them are not seen.
    """
    opened = _opened(kind, data)
    if opened is None:
        return None
    window, form, directory = opened
    place = tiff.number(window, directory.entries.get(_EXIF_DIRECTORY), form)
    try:
        inner = tiff.read_directory(window, place or 0, form, _MAX_ENTRIES)
    except struct.error:
        return None
    moment = _MOMENT.fullmatch(tiff.text(window, inner.entries.get(_TAKEN)))
    if moment is None:
        return None
    try:
        taken = datetime.fromisoformat((b"%b-%b-%bT%b:%b:%b" % moment.groups()).decode()).isoformat()
    except ValueError:  # a clock that was never set says 0000:00:00 00:00:00
        return None
    offset = _OFFSET.match(tiff.text(window, inner.entries.get(_TAKEN_OFFSET)))
    return taken + offset[0].decode() if offset is not None else taken


def orientation(kind: str, data: bytes) -> int | None:
    """Read how the picture in the file `data` is turned, in EXIF's numbers 1 to 8; None if EXIF data do not say."""
    opened = _opened(kind, data)
    if opened is None:
        return None
    window, form, directory = opened
    return tiff.number(window, directory.entries.get(_ORIENTATION), form)


def _opened(kind: str, data: bytes) -> tuple[Window, Format, Directory] | None:
    """Open the first directory of the EXIF data."""
    try:
        block = data if kind == "tiff" else next(_BLOCKS[kind](data), None) if kind in _BLOCKS else None
        form = None if block is None else tiff.read_format(block[:16])
        if block is None or form is None or form.big:
            return None
        return Window(block), form, tiff.read_directory(Window(block), form.first, form, _MAX_ENTRIES)
    except (struct.error, IndexError):
        return None


def _jpeg(data: bytes) -> Iterator[bytes]:
    """EXIF data are in an APP1 segment before the picture. Other metadata may be in segments of the same kind."""
    for count, segment in enumerate(jpeg.segments(data)):
        if segment.marker in (jpeg.EOI, jpeg.SOS) or count >= _MAX_SEGMENTS:
            return
        if segment.marker == jpeg.APP1 and data[segment.body : segment.body + 6] == b"Exif\0\0":
            yield data[segment.body + 6 : segment.end]


def _png(data: bytes) -> Iterator[bytes]:
    # https://www.w3.org/TR/png-3/#eXIf
    at = 8
    for _ in range(_MAX_PARTS):
        length, name = struct.unpack_from(">I4s", data, at)
        if name == b"eXIf":
            yield data[at + 8 : at + 8 + length]
        at += 12 + length


def _webp(data: bytes) -> Iterator[bytes]:
    # https://developers.google.com/speed/webp/docs/riff_container#metadata
    at = 12
    for _ in range(_MAX_PARTS):
        name, length = struct.unpack_from("<4sI", data, at)
        if name == b"EXIF":
            yield data[at + 8 : at + 8 + length].removeprefix(b"Exif\0\0")  # some writers keep what JPEG begins with
        at += 8 + length + length % 2


_BLOCKS = {"jpeg": _jpeg, "png": _png, "webp": _webp}
