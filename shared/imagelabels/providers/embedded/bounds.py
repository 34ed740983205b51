"""What decoding a picture may cost: told from its headers, before Pillow takes the memory or the time."""

from __future__ import annotations

import re
import struct

from PIL import ImageFile

from imagelabels.domain.errors import Rejected
from imagelabels.domain.picture import MAX_PIXELS, MAX_SIDE, probe, sniff

MAX_WHOLE_PIXELS = 50_000_000
"""Of a picture that must be decoded at full size, so not of a JPEG in one scan."""
MAX_MEMORY = 340_000_000
"""Bytes that Pillow and the libraries below it hold at once for pixels. The network and the file come on top, and all
of it stays below 512 MB."""
MAX_SCANNED = 1_000_000_000
"""Pixels times the scans of a JPEG: each scan, even an empty one, goes over the whole picture. An ordinary progressive
file has ten scans or fewer. https://libjpeg-turbo.org/pmwiki/uploads/About/TwoIssueswiththeJPEGStandard.pdf"""
MAX_PARTS = 50_000
"""Segments of a JPEG, chunks of a PNG, blocks of a GIF in front of its picture: Pillow steps over them in Python."""
MAX_BETWEEN = 500_000
"""Bytes between the segments of a JPEG before its first scan, which Pillow reads one by one."""
MAX_ENTRIES = 4096
"""Of a TIFF's directory."""
MAX_NUMBERS = 4 * MAX_SIDE
"""In one entry of a TIFF's directory: a strip for each row of each of four colours."""

_WEBP = 16
"""Bytes a pixel: two canvases of libwebp's, its frame as bytes, and the picture. It takes them when it is opened."""
_PIXEL = 4
"""Bytes: what Pillow takes for a pixel of any mode, at most."""


def before_opening(content: bytes) -> None:
    """Rejected: too_many_pixels, or corrupt for a file that takes long to be opened."""
    kind = sniff(content[:4096])
    if kind == "webp":
        head = probe(lambda start, length: content[start : start + length], len(content))
        _hold(head.width or 0, head.height or 0, _WEBP)
    elif kind == "tiff":
        _short_directory(content)
    elif kind == "jpeg":
        _scans(content)
    elif kind == "png":
        _few_chunks(content)
    elif kind == "gif":
        _few_blocks(content)


def before_decoding(image: ImageFile.ImageFile, content: bytes) -> None:
    """Rejected: too_many_pixels, or corrupt for one whose parts are more than the whole."""
    width, height = image.size
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise Rejected("too_many_pixels", f"{width} x {height} is over {MAX_SIDE} a side or {MAX_PIXELS} in all")
    pixel = _PIXEL
    if image.format in ("JPEG", "MPO"):
        scans = _scans(content)
        if scans <= 1 and not image.info.get("progressive"):
            return
        if width * height * scans > MAX_SCANNED:
            raise Rejected("too_many_pixels", f"{width} x {height} in {scans} scans: the limit is {MAX_SCANNED} in all")
        pixel = 2 * len(image.getbands())  # coefficients are held until the last scan
    elif (tags := getattr(image, "tag_v2", None)) is not None:
        samples = int(tags.get(277, 1)) * max(tags.get(258, (8,))) / 8
        pixel += max(1, round(samples))  # one strip may be all of it
        boxes = [tile.extents or (0, 0, width, height) for tile in image.tile]
        covered = sum((right - left) * (low - top) for left, top, right, low in boxes)
        if covered > width * height * (int(tags.get(277, 1)) + 1):
            raise Rejected("corrupt", "the strips or tiles cover the picture several times")
        _hold(int(tags.get(322, 1)), int(tags.get(323, 1)), pixel)
    if width * height > MAX_WHOLE_PIXELS:
        raise Rejected(
            "too_many_pixels",
            f"{width} x {height} in a format that must be decoded whole: the limit is {MAX_WHOLE_PIXELS}",
        )
    _hold(width, height, pixel)


def _hold(width: int, height: int, pixel: int) -> None:
    if width * height * pixel > MAX_MEMORY:
        most = MAX_MEMORY // pixel
        raise Rejected("too_many_pixels", f"{width} x {height} of this kind: the limit is {most} pixels")


_MARKER = re.compile(rb"\xff+([^\x00\xff\x01\xd0-\xd7])")
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_END, _SCAN = 0xD9, 0xDA


def _scans(content: bytes) -> int:
    """Of the first picture in the file. A thumbnail or profile lies in a segment and is stepped over."""
    scans, parts, between, colours, progressive, at = 0, 0, 0, 0, False, 2
    while (found := _MARKER.search(content, at)) is not None and (marker := found[1][0]) != _END:
        parts += 1
        between += 0 if scans else found.end() - at - 2
        if parts > MAX_PARTS or between > MAX_BETWEEN:
            raise Rejected("corrupt", f"more than {MAX_PARTS} segments, or {MAX_BETWEEN} bytes between them")
        length, at = int.from_bytes(content[found.end() : found.end() + 2], "big"), found.end()
        if marker in _FRAMES:
            colours, progressive = int.from_bytes(content[at + 7 : at + 8], "big"), marker in _PROGRESSIVE
        elif marker == _SCAN:
            scans += 1
            # The first scan of a baseline picture has all colours, and no other is looked at.
            if content[at + 2 : at + 3] == bytes((colours,)) and not progressive:
                return 1
        at += max(length, 2)
    return scans


def _few_chunks(content: bytes) -> None:
    at = 8
    for _ in range(MAX_PARTS):
        at += 12 + int.from_bytes(content[at : at + 4], "big")
        if at >= len(content):
            return
    raise Rejected("corrupt", f"the file has more than {MAX_PARTS} chunks")


def _few_blocks(content: bytes) -> None:
    """Extensions, the blocks in them, and bytes that are nothing."""
    flags = content[10] if len(content) > 10 else 0
    at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    inside = False
    for _ in range(MAX_PARTS):
        if at >= len(content) or (not inside and content[at] in b",;"):
            return
        if inside:
            inside = content[at] != 0
            at += 1 + content[at]
        else:
            inside = content[at] == 0x21
            at += 2 if inside else 1
    raise Rejected("corrupt", f"the file has more than {MAX_PARTS} blocks")


def _short_directory(content: bytes) -> None:
    """Pillow makes a Python number of each number in the directory, and a tuple of each place of a strip."""
    order = "<" if content[:2] == b"II" else ">"
    big = 43 in content[2:4]
    try:
        (at,) = struct.unpack_from(order + ("Q" if big else "I"), content, 8 if big else 4)
        (entries,) = struct.unpack_from(order + ("Q" if big else "H"), content, at)
        step, at = (20, at + 8) if big else (12, at + 2)
        if entries > MAX_ENTRIES:
            raise Rejected("corrupt", f"the directory has {entries} entries: the limit is {MAX_ENTRIES}")
        for entry in range(at, at + entries * step, step):
            kind, count = struct.unpack_from(order + ("HQ" if big else "HI"), content, entry + 2)
            if kind not in (1, 2, 7) and count > MAX_NUMBERS:
                raise Rejected("corrupt", f"the directory has an entry of {count} numbers: the limit is {MAX_NUMBERS}")
    except (struct.error, OverflowError):
        return  # cut, or leads out of the file: Pillow says so
