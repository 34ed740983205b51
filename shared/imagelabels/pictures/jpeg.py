"""Walks over the markers of a JPEG file exactly as its decoder does, in time that grows with the file and no faster.

The head parser, the EXIF reader and the embedded detector's bounds all walk with `segments`, so none of them can be
led past something that the decoder sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

SOI, EOI, SOS, APP0, APP1, APP14, COM = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xEE, 0xFE
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The markers of frame headers (SOF), which tell the size. The other three are tables and an extension."""
PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
LOSSLESS = frozenset({0xC3, 0xC7, 0xCB, 0xCF})
"""libjpeg reads the first of them only, and does not shrink it on the way."""
HIERARCHICAL = frozenset({0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF})
"""These frames are differences to another frame. libjpeg does not read them."""

# ITU-T T.81, table B.1. What is below C0, and the restart markers D0 to D7, has no length: inside a scan the decoder
# steps over the two bytes alone (jpeg_resync_to_restart of libjpeg), and outside a scan it steps over them or gives up.
# The pattern is two bytes long, so a search takes linear time. It passes over fill bytes, stuffed zeros and junk.
_MARKER = re.compile(rb"\xff([\xc0-\xcf\xd8-\xfe])")


class Segment(NamedTuple):
    marker: int
    start: int
    """The marker begins here."""
    body: int
    """What follows the marker and its length begins here."""
    end: int
    """The segment ends before this place, which may lie behind the data."""


def segments(data: bytes, at: int = 2) -> Iterator[Segment]:
    """Yield each segment from `at` on. The end of the picture (EOI) is the last one."""
    while (found := _MARKER.search(data, at)) is not None:
        marker, start, behind = data[found.start() + 1], found.start(), found.end()
        if marker in (SOI, EOI):
            yield Segment(marker, start, behind, behind)
            at = behind
            if marker == EOI:
                return
        else:
            # A length counts its own two bytes; the decoder takes a smaller one for two.
            at = behind + max(int.from_bytes(data[behind : behind + 2], "big"), 2)
            yield Segment(marker, start, behind + 2, at)


class Frame(NamedTuple):
    bits: int
    height: int
    width: int
    components: int


def frame(data: bytes, segment: Segment) -> Frame | None:
    """Read a frame header. None if the data end within it."""
    body = data[segment.body : segment.body + 6]
    if len(body) < 6:
        return None
    return Frame(body[0], int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big"), body[5])
