"""Cuts a file down to what its decoder needs before the decoder sees it.

Pillow reads metadata in Python: text, profiles, comments and EXIF data that are made to hurt cost it seconds and
hundreds of megabytes. We need none of them but the orientation, so Pillow gets none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from imagelabels.domain.errors import Rejected
from imagelabels.pictures import exif, jpeg
from imagelabels.providers.onnx import pared_tiff

MAX_PARTS = 50_000
"""We step over so many segments of a JPEG, chunks of a PNG and blocks of a GIF in front of its picture, in Python."""
MAX_TABLES = 256 * 1024
"""So many bytes of tables may stand in front of the first scan of a JPEG. A file needs some hundred."""
FILL = b"\xff" * 65536
"""A JPEG decoder that waits for more of the file reads a run of fill bytes again from its beginning each time."""

_IEND = b"\0\0\0\0IEND\xae\x42\x60\x82"
_MAX_PALETTE = 1024


class Pared(NamedTuple):
    content: bytes
    orientation: int | None
    """EXIF gives it the numbers 1 to 8. Our reader of EXIF data finds it, since Pillow only gets the pared file,
    without metadata: a reader that takes them as a whole costs what a stranger chose."""


def pare(kind: str, content: bytes) -> Pared:
    """Cut a file down. Rejected: corrupt for a file without a picture in it, too_costly for one with too many parts, or
    unsupported_format."""
    if kind == "tiff":
        return Pared(*pared_tiff.pare(content))
    parer = _PARERS.get(kind)
    return Pared(content if parer is None else parer(content), exif.orientation(kind, content))


def _jpeg(content: bytes) -> bytes:
    """Keep tables, frame header and what tells the colours, then everything from the first scan on."""
    parts, size = [content[:2]], 0
    for count, segment in enumerate(jpeg.segments(content)):
        if count >= MAX_PARTS or size > MAX_TABLES:
            raise Rejected("too_costly", f"more than {MAX_PARTS} segments, or {MAX_TABLES} bytes of tables")
        if segment.marker == jpeg.EOI:
            break
        if segment.marker == jpeg.SOS:
            if content.find(FILL, segment.start) >= 0:
                raise Rejected("too_costly", f"more than {len(FILL)} fill bytes in a row")
            return b"".join((*parts, memoryview(content)[segment.start :]))  # a slice of bytes would be a second copy
        if _is_needed(content, segment):
            parts.append(content[segment.start : segment.end])
            size += segment.end - segment.start
    raise Rejected("corrupt", "the file has no picture data")


def _is_needed(content: bytes, segment: jpeg.Segment) -> bool:
    """Tell whether a segment is kept. Only two kinds of application data tell the colours: JFIF, and Adobe's."""
    if segment.marker in (jpeg.APP0, jpeg.APP14):
        return content[segment.body : segment.body + 5] in (b"JFIF\0", b"Adobe")
    return not (jpeg.APP0 <= segment.marker <= jpeg.COM)


def _png(content: bytes) -> bytes:
    """Keep header, palette, transparency, and the picture's data, which stand together. Empty parts of the data are
    left out: they are allowed, and Pillow takes them for the end."""
    kept: dict[bytes, bytes] = {}
    data: list[bytes] = []
    at = 8
    for _ in range(MAX_PARTS):
        length, name = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        end = at + 12 + length
        if name == b"IDAT":
            data += [content[at:end]] if length else []
        elif name == b"CgBI":  # https://theapplewiki.com/wiki/PNG_CgBI_Format
            raise Rejected("unsupported_format", "PNG files of Apple's own kind (CgBI) are not read: convert to PNG")
        elif name in (b"IHDR", b"PLTE", b"tRNS"):
            kept[name] = content[at : min(end, at + _MAX_PALETTE)]
        if end > len(content) or name == b"IEND" or (data and name != b"IDAT"):
            break
        at = end
    else:
        raise Rejected("too_costly", f"the file has more than {MAX_PARTS} chunks")
    if not data:
        raise Rejected("corrupt", "the file has no picture data")
    return b"".join((content[:8], *kept.values(), *data, b"" if end > len(content) else _IEND))


def _gif(content: bytes) -> bytes:
    """Keep header and colours, the last block that tells a transparent colour, and all from the first picture on."""
    flags = content[10] if len(content) > 10 else 0
    at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    header, control = content[:at], b""
    start = -1  # the extension that we are in begins there
    for _ in range(MAX_PARTS):
        if at >= len(content) or (start < 0 and content[at] == 0x3B):
            raise Rejected("corrupt", "the file has no picture data")
        if start >= 0:
            inside = content[at] != 0
            at += 1 + content[at]
            if not inside:
                control = content[start:at] if content[start + 1] == 0xF9 else control
                start = -1
        elif content[at] == 0x2C:
            return header + (control if len(control) == 8 else b"") + content[at:]
        else:  # what is neither an extension nor a picture is passed over, as the decoder does it
            start, at = (at, at + 2) if content[at] == 0x21 else (-1, at + 1)
    raise Rejected("too_costly", f"the file has more than {MAX_PARTS} blocks")


_PARERS: dict[str, Callable[[bytes], bytes]] = {"jpeg": _jpeg, "png": _png, "gif": _gif}
