"""This module writes TIFF files tag by tag, so that tests can make files that no picture library writes."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

ASCII, SHORT, LONG = 2, 3, 4

Values = int | bytes | Sequence[int]
"""Numbers become shorts, or longs if one is above 65535. Bytes become a text."""
Page = tuple[Mapping[int, Values], bytes]
"""The tags of a page, and the pixels of its single strip. A page without pixels has no strip."""


def grey(width: int, height: int, value: int = 7, **more: int) -> Page:
    """Return an uncompressed page of a single grey. `more` are tags with their numbers, such as t254=1."""
    tags: dict[int, Values] = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 277: 1, 278: height}
    return tags | {int(name[1:]): number for name, number in more.items()}, bytes((value,)) * (width * height)


def tiff(*pages: Page, order: str = "<", big: bool = False) -> bytes:
    """Return a TIFF or BigTIFF file with these pages."""
    word = "Q" if big else "I"
    mark = b"II" if order == "<" else b"MM"
    head = mark + (struct.pack(order + "HHH", 43, 8, 0) if big else struct.pack(order + "H", 42))
    body, links = bytearray(head + bytes(8 if big else 4)), [len(head)]
    for tags, pixels in pages:
        body += bytes(len(body) % 2)
        strip = len(body)
        body += pixels + bytes(len(pixels) % 2)
        every: dict[int, Values] = dict(tags)
        if pixels:
            every |= {273: strip, 279: len(pixels)}
        entries = b""
        for tag, values in sorted(every.items()):
            kind, count, data = _packed(values, order)
            entries += struct.pack(order + "HH" + word, tag, kind, count)
            if len(data) > struct.calcsize(word):
                entries += struct.pack(order + word, len(body))
                body += data + bytes(len(data) % 2)
            else:
                entries += data.ljust(struct.calcsize(word), b"\0")
        struct.pack_into(order + word, body, links[-1], len(body))
        body += struct.pack(order + ("Q" if big else "H"), len(every)) + entries
        links.append(len(body))
        body += bytes(struct.calcsize(word))
    return bytes(body)


def _packed(values: Values, order: str) -> tuple[int, int, bytes]:
    if isinstance(values, bytes):
        return ASCII, len(values), values
    numbers = [values] if isinstance(values, int) else list(values)
    kind = SHORT if max(numbers) < 1 << 16 else LONG
    return kind, len(numbers), struct.pack(f"{order}{len(numbers)}{'H' if kind == SHORT else 'I'}", *numbers)
