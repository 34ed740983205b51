"""When a picture was taken, by the EXIF data that a JPEG, PNG, WebP or TIFF file carries near its beginning."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from datetime import datetime

# Tags and their meaning: EXIF 2.32, https://www.cipa.jp/std/documents/e/DC-X008-Translation-2019-E.pdf, 4.6.
_EXIF_DIRECTORY, _TAKEN, _TAKEN_OFFSET = 0x8769, 0x9003, 0x9011
_TEXT, _LONG = 2, 4

_MAX_ENTRIES = 512
"""Of a directory; a camera writes some dozens. The bound keeps a hostile one cheap."""
_MAX_PARTS = 2000
"""Segments of a JPEG and chunks of a PNG or WebP that are stepped over."""

_MOMENT = re.compile(rb"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)(?:\0|$)")
_OFFSET = re.compile(rb"[+-](?:0\d|1[0-4]):[0-5]\d")


def taken_at(kind: str, data: bytes) -> str | None:
    """Local time as 2023-07-01T12:00:00, and its offset from UTC behind it where the camera wrote one; None if unknown.

    `data` are the file's first bytes, of the format `kind`. EXIF data that begin behind them are not seen.
    """
    try:
        block = data if kind == "tiff" else next(_BLOCKS[kind](data), None) if kind in _BLOCKS else None
        return None if block is None else _taken(block)
    except (struct.error, IndexError):
        return None


def _taken(block: bytes) -> str | None:
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None:
        return None
    (first,) = struct.unpack_from(order + "I", block, 4)
    place = _entries(block, first, order).get(_EXIF_DIRECTORY)
    if place is None or place[0] != _LONG:
        return None
    found = _entries(block, place[2], order)
    moment = _MOMENT.match(_text(block, found.get(_TAKEN)))
    if moment is None:
        return None
    try:
        taken = datetime.fromisoformat((b"%b-%b-%bT%b:%b:%b" % moment.groups()).decode()).isoformat()
    except ValueError:  # a clock that was never set says 0000:00:00 00:00:00
        return None
    offset = _OFFSET.match(_text(block, found.get(_TAKEN_OFFSET)))
    return taken + offset[0].decode() if offset is not None else taken


_Entry = tuple[int, int, int]
"""Type, count, and the value or its place."""


def _entries(block: bytes, at: int, order: str) -> dict[int, _Entry]:
    (count,) = struct.unpack_from(order + "H", block, at)
    found: dict[int, _Entry] = {}
    for entry in range(at + 2, min(at + 2 + 12 * min(count, _MAX_ENTRIES), len(block) - 11), 12):
        tag, *rest = struct.unpack_from(order + "HHII", block, entry)
        found.setdefault(tag, (rest[0], rest[1], rest[2]))
    return found


def _text(block: bytes, entry: _Entry | None) -> bytes:
    """Of more than four characters, which are not in the entry itself; none of ours is longer than 20."""
    if entry is None or entry[0] != _TEXT or entry[1] <= 4:
        return b""
    return block[entry[2] : entry[2] + min(entry[1], 20)]


def _jpeg(data: bytes) -> Iterator[bytes]:
    """APP1 segments. They stand before the picture; there may be others of the same kind for other metadata."""
    at = 2
    for _ in range(_MAX_PARTS):
        if data[at] != 0xFF or (marker := data[at + 1]) in (0xD9, 0xDA):
            return
        if marker == 0xFF:
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if marker == 0xE1 and data[at + 4 : at + 10] == b"Exif\0\0":
            yield data[at + 10 : at + 2 + length]
        at += 2 + max(length, 2)


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
