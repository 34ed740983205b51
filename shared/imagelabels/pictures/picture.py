"""Reads from the first bytes of a file its format and its size in pixels, and tells whether a detector would take
it."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

from imagelabels.pictures import exif, jpeg, tiff, tiff_pages

# Limits of image label detection: https://www.alibabacloud.com/help/en/imm/user-guide/image-label-detection
MAX_BYTES = 20 * 1024 * 1024
"""The page says "20 MB". We take the larger reading: the service may still refuse, but we lose no picture it takes."""
MAX_SIDE = 30_000
"""Width and height have at most so many pixels."""
MAX_PIXELS = 250_000_000

WINDOW = 64 * 1024
"""The first look reads so many bytes. They are enough for almost every file but a JPEG with large metadata and a
TIFF."""
SECOND_WINDOW = 1024 * 1024
"""The second look reads so many bytes: a print JPEG carries an ICC profile of up to 700 KB in front of its size."""

Read = Callable[[int, int], bytes]
"""read(start, length) returns at most `length` bytes from `start`."""


@dataclass(frozen=True, slots=True)
class Head:
    """A head holds a file's format (None: no image that we know) and its pixels as stored, before any EXIF
    orientation."""

    format: str | None
    width: int | None = None
    height: int | None = None
    taken_at: str | None = None
    """It is written as exif.taken_at writes it."""


@dataclass(frozen=True, slots=True)
class _More:
    """The size stands further on in the file: `parse` reads what lies at `offset`."""

    offset: int
    parse: Callable[[bytes], _Found]


_Found = tuple[int, int] | str | _More | None
"""A parser finds width and height, or the format that the file really has although its first bytes say another."""


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
    taken_at = exif.taken_at(kind, data) if kind is not None else None
    return Head(found if isinstance(found, str) else kind, width, height, taken_at)


def refusal(head: Head, formats: Collection[str], least_side: int = 1) -> str | None:
    """Return the reason why a detector that reads `formats` would not take the file; None if it may, as with unknown
    pixels."""
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
    # Raw files of cameras: Panasonic, Olympus (three), Fujifilm, Minolta, Canon before 2004, Sigma.
    # https://exiftool.org/#supported and https://github.com/lclevy/libcraw2 tell their first bytes.
    (b"IIU\0", "rw2"),
    (b"IIRO", "orf"),
    (b"IIRS", "orf"),
    (b"MMOR", "orf"),
    (b"FUJIFILMCCD-RAW", "raf"),
    (b"\0MRM", "mrw"),
    (b"II\x1a\0\0\0HEAPCCDR", "crw"),
    (b"FOVb", "x3f"),
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
_BEFORE_SVG = ((b"<?xml", b">"), (b"<!--", b"-->"), (b"<!DOCTYPE svg", b">"))
_SPACE = re.compile(rb"\s*")


def sniff(head: bytes) -> str | None:
    """Return the picture format that a file begins with, whatever its name says; None if it is no image that we
    know."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return _raw_in_tiff(head) or name if name == "tiff" else name
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
    return "svg" if _is_svg(head[:4096]) else None


def _raw_in_tiff(head: bytes) -> str | None:
    """Raw files of Canon and Phase One begin as TIFF files and tell themselves behind its header."""
    if head.startswith(b"II*\0\x10\0\0\0CR\2\0"):
        return "cr2"
    if (head[8:12], head[13:16]) == (b"IIII", b"waR") or head[8:15] == b"MMMMRaw":
        return "iiq"
    return None


def _is_svg(text: bytes) -> bool:
    """Step over white space, declarations and comments, each of which ends at its first end, up to the first element.

    Each step begins where the last one ended, so the work grows with the text and no faster.
    """
    at = 3 if text.startswith(b"\xef\xbb\xbf") else 0
    while True:
        at = _SPACE.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing, too
        end = next((end for start, end in _BEFORE_SVG if text.startswith(start, at)), None)
        if end is None:
            return text.startswith(b"<svg", at) and (text[at + 4 : at + 5] == b">" or text[at + 4 : at + 5].isspace())
        place = text.find(end, at + 4)
        if place < 0:
            return False
        at = place + len(end)


def _brand(head: bytes) -> str | None:
    """Read the brands of ISO base media. AVIF wins over the others, since its files may call themselves mif1."""
    end = min(int.from_bytes(head[:4], "big"), 256)
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, end, 4))]
    names = [_BRANDS[brand] for brand in brands if brand in _BRANDS]
    return "avif" if "avif" in names else next(iter(names), None)


def _measured(parse: Callable[[bytes], _Found], data: bytes) -> _Found:
    """Parse width and height; None for garbage and cut data."""
    try:
        return parse(data)
    except (struct.error, IndexError):
        return None


_MAX_SEGMENTS = 2000
"""A real file has some dozens; the bound keeps a hostile one cheap."""


def _jpeg(data: bytes, at: int = 2) -> _Found:
    """Walk the segments to the frame header. A thumbnail lies inside a segment and is stepped over."""
    for count, segment in enumerate(jpeg.segments(data, at)):
        frame = jpeg.frame(data, segment) if segment.marker in jpeg.FRAMES else None
        if frame is not None:
            return frame.width, frame.height
        if segment.marker in jpeg.FRAMES or segment.body > len(data):  # the data end within it
            return _More(segment.start, partial(_jpeg, at=0))
        if segment.marker in (jpeg.EOI, jpeg.SOS) or count >= _MAX_SEGMENTS:
            return None
        at = segment.end
    # The next marker may begin with the last byte.
    return _More(max(at, len(data) - 1), partial(_jpeg, at=0))


def _tiff(data: bytes) -> _Found:
    """The directory's place is in the header, and often at the end of the file."""
    form = tiff.read_format(data[:16])
    return None if form is None else _pages(data, form, form.first, 0)


def _pages(data: bytes, form: tiff.Format, at: int, start: int) -> _Found:
    """`data` begin at the place `start` of the file."""
    window = tiff.Window(data, start)
    found = tiff_pages.find_picture(window, form, at)
    if isinstance(found, int):
        return _More(found, partial(_pages, form=form, at=found, start=found))
    return tiff_pages.size(window, found, form) if isinstance(found, tiff.Directory) else found


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
    "jpeg": _jpeg,
    "png": _png,
    "gif": _gif,
    "bmp": _bmp,
    "webp": _webp,
    "tiff": _tiff,
    "heic": _heif,
    "avif": _heif,
}
