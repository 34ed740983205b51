"""What the first bytes of a file say: its format, its size in pixels, and whether a detector would take it."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

from imagelabels.domain import exif

# Limits of image label detection: https://www.alibabacloud.com/help/en/imm/user-guide/image-label-detection
MAX_BYTES = 20 * 1024 * 1024
"""The page says "20 MB". We take the larger reading: the service may still refuse, but we lose no picture it takes."""
MAX_SIDE = 30_000
"""Pixels, width or height."""
MAX_PIXELS = 250_000_000

WINDOW = 64 * 1024
"""Bytes of the first look. Enough for almost every file but a JPEG with large metadata and a TIFF."""
SECOND_WINDOW = 1024 * 1024
"""Bytes of the second look: a print JPEG carries an ICC profile of up to 700 KB in front of its size."""

Read = Callable[[int, int], bytes]
"""read(start, length): at most `length` bytes from `start`."""


@dataclass(frozen=True, slots=True)
class Head:
    """A file's format (None: no image that we know) and its pixels as stored, before any EXIF orientation."""

    format: str | None
    width: int | None = None
    height: int | None = None
    taken_at: str | None = None
    """As exif.taken_at has it."""


@dataclass(frozen=True, slots=True)
class _More:
    """The size stands further on: what lies at `offset` is for `parse`."""

    offset: int
    parse: Callable[[bytes], _Found]


_Found = tuple[int, int] | _More | None


def probe(read: Read, size: int) -> Head:
    """Look at a file of `size` bytes with one ranged read, and one more only where the format says where to look."""
    if size <= 0:
        return Head(None)
    data = read(0, min(WINDOW, size))
    kind = sniff(data)
    found = _measured(_PARSERS[kind], data) if kind in _PARSERS else None
    if isinstance(found, _More) and found.offset < size:
        found = _measured(found.parse, read(found.offset, min(SECOND_WINDOW, size - found.offset)))
    width, height = found if isinstance(found, tuple) and min(found) > 0 else (None, None)
    return Head(kind, width, height, exif.taken_at(kind, data) if kind is not None else None)


def refusal(head: Head, formats: Collection[str], least_side: int = 1) -> str | None:
    """Why a detector that reads `formats` would not take the file, as a reason; None if it may. Unknown pixels may."""
    if head.format is None:
        return "not_image"
    if head.format not in formats:
        return "unsupported_format"
    width, height = head.width or 0, head.height or 0
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        return "too_many_pixels"
    return "too_small" if 0 < min(width, height) < least_side else None


_MAGIC = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"8BPS\0", "psd"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "jxl"),
    (b"\xff\x0a", "jxl"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xff\x4f\xff\x51", "jp2"),
)
_BRANDS = {
    b"avif": "avif",
    b"avis": "avif",
    b"heic": "heic",
    b"heix": "heic",
    b"hevc": "heic",
    b"hevx": "heic",
    b"heim": "heic",
    b"heis": "heic",
    b"mif1": "heic",
    b"msf1": "heic",
    b"crx ": "cr3",
}
_BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
_SVG = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml[^>]*>|<!--.{0,2048}?-->|<!DOCTYPE svg[^>]*>|\s)*<svg[\s>]", re.DOTALL)


def sniff(head: bytes) -> str | None:
    """The picture format that a file begins with, whatever its name says; None if it is no image that we know."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        return _brand(head)
    # Two letters are weak evidence: a text may begin with them, a header of a known length may not.
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "bmp"
    if (
        head[:4] in (b"\0\0\1\0", b"\0\0\2\0")
        and 0 < int.from_bytes(head[4:6], "little") <= 256
        and head[9:10] == b"\0"
    ):
        return "ico"
    return "svg" if _SVG.match(head[:4096]) else None


def _brand(head: bytes) -> str | None:
    """ISO base media: the major brand, then the compatible ones; AVIF first, its files may call themselves mif1."""
    end = min(int.from_bytes(head[:4], "big"), 256)
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, end, 4))]
    names = [_BRANDS[brand] for brand in brands if brand in _BRANDS]
    return "avif" if "avif" in names else next(iter(names), None)


def _measured(parse: Callable[[bytes], _Found], data: bytes) -> _Found:
    """Width and height; garbage and cut data give None."""
    try:
        return parse(data)
    except (struct.error, IndexError):
        return None


_FILL = re.compile(rb"\xff+")
_NO_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_FRAME = 9
"""Bytes from a frame header's marker to the end of its width."""
_MAX_SEGMENTS = 2000
"""A real file has some dozens; the bound keeps a hostile one cheap."""


def _segments(data: bytes, at: int = 0) -> _Found:
    """JPEG: walk the segments to the frame header. A thumbnail lies inside a segment and is stepped over."""
    for _ in range(_MAX_SEGMENTS):
        if at + _FRAME > len(data):
            return _More(at, _segments)
        fill = _FILL.match(data, at)
        if fill is None:
            return None
        marker = data[fill.end()]
        at = fill.end() + 1
        if marker in _NO_LENGTH:
            continue
        if marker in (0xD9, 0xDA):
            return None
        (length,) = struct.unpack_from(">H", data, at)
        if marker in _SOF:
            height, width = struct.unpack_from(">HH", data, at + 3)
            return width, height
        at += max(length, 2)
    return None


def _tiff(data: bytes) -> _Found:
    """The first directory: its place is in the header, and often at the end of the file."""
    order = "<" if data[:2] == b"II" else ">"
    big = 43 in data[2:4]
    (offset,) = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)
    parse = partial(_directory, order=order, big=big)
    return _measured(parse, data[offset:]) or _More(offset, parse)


def _directory(data: bytes, order: str, big: bool) -> tuple[int, int] | None:
    (count,) = struct.unpack_from(order + ("Q" if big else "H"), data)
    first, step, value = (8, 20, 12) if big else (2, 12, 8)
    sides: dict[int, int] = {}
    for entry in range(first, min(first + step * min(count, 512), len(data) - step + 1), step):
        tag, kind = struct.unpack_from(order + "HH", data, entry)
        code = {3: "H", 4: "I", 16: "Q"}.get(kind)
        if tag in (256, 257) and code:
            (sides[tag],) = struct.unpack_from(order + code, data, entry + value)
    return (sides[256], sides[257]) if len(sides) == 2 else None


def _png(data: bytes) -> _Found:
    return struct.unpack_from(">II", data, 16) if data[12:16] == b"IHDR" else None


def _gif(data: bytes) -> _Found:
    return struct.unpack_from("<HH", data, 6)


def _bmp(data: bytes) -> _Found:
    """The oldest headers have 16 bits a side; a negative height means rows from the top."""
    if int.from_bytes(data[14:18], "little") == 12:
        return struct.unpack_from("<HH", data, 18)
    width, height = struct.unpack_from("<ii", data, 18)
    return width, abs(height)


def _webp(data: bytes) -> _Found:
    kind = data[12:16]
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and data[20:21] == b"\x2f":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X" and len(data) >= 30:
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    return None


_EXTENTS = re.compile(rb"\0\0\0\x14ispe\0\0\0\0(.{8})", re.DOTALL)


def _heif(data: bytes) -> _Found:
    """HEIC and AVIF name the size of each image item; the picture is the largest, the rest are tiles and thumbnails."""
    sizes: list[tuple[int, int]] = [struct.unpack(">II", found[1]) for found in _EXTENTS.finditer(data)]
    return max(sizes, key=lambda size: size[0] * size[1], default=None)


_PARSERS: dict[str | None, Callable[[bytes], _Found]] = {
    "jpeg": lambda data: _segments(data, 2),
    "png": _png,
    "gif": _gif,
    "bmp": _bmp,
    "webp": _webp,
    "tiff": _tiff,
    "heic": _heif,
    "avif": _heif,
}
