"""Writes a TIFF file anew with one directory, that of its picture, and the tags in it that tell how to decode it."""

from __future__ import annotations

import struct

from imagelabels.domain.errors import Rejected
from imagelabels.pictures import tiff, tiff_pages
from imagelabels.pictures.picture import MAX_SIDE
from imagelabels.pictures.tiff import Directory, Entry, Format, Window

MAX_NUMBERS = 4 * MAX_SIDE
"""One entry may hold so many: a strip for each row of each of four colours. Pillow makes a Python number of each."""
MAX_BYTES = 1024 * 1024
"""One entry that is no list of numbers, such as the tables of its JPEG data, may have so many."""

_ORIENTATION, _STRIPS, _TILES = 274, 273, 324
_BYTES, _TEXT, _OPAQUE, _LONG, _LONG8 = 1, 2, 7, 4, 16
_TAGS = frozenset(
    {
        # Size, bits, compression, colours, order of the bits, samples, rows of a strip.
        *(256, 257, 258, 259, 262, 266, 277, 278, 284),
        # Strips, tiles, and how many bytes each has.
        *(_STRIPS, 279, 322, 323, _TILES, 325),
        # Fax, predictor, palette, inks, extra samples, kind of numbers.
        *(292, 293, 317, 320, 332, 338, 339),
        # JPEG data: tables, the old kind's places, and how brightness and colour are mixed.
        *(347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532),
    }
)


def pare(content: bytes) -> tuple[bytes, int | None]:
    """Return the file, never as BigTIFF, and its orientation in EXIF's numbers, which the file then no longer tells.

    Rejected: corrupt if it leads out of itself, too_costly for longer lists than any picture needs.
    """
    form = tiff.read_format(content[:16])
    window = Window(content)
    page = None if form is None else tiff_pages.find_picture(window, form, form.first)
    if form is None or not isinstance(page, Directory) or tiff_pages.size(window, page, form) is None:
        raise Rejected("corrupt", "the file's directory is not in it")
    if not {_STRIPS, _TILES} & page.entries.keys():
        raise Rejected("corrupt", "the file does not say where its picture is")
    kept = {tag: _values(window, page.entries[tag], form) for tag in sorted(_TAGS & page.entries.keys())}
    return _written(content, kept, form.order), tiff.number(window, page.entries.get(_ORIENTATION), form)


def _values(window: Window, entry: Entry, form: Format) -> tuple[int, int, bytes]:
    """Read an entry's type, count and bytes; 64 bits become 32, which are enough for places in a file of 20 MB."""
    most = MAX_BYTES if entry.kind in (_BYTES, _TEXT, _OPAQUE) else MAX_NUMBERS
    if entry.values > most:
        raise Rejected("too_costly", f"an entry of the directory has {entry.values} values: the limit is {most}")
    data = window.bytes_at(entry.place, entry.size)
    if len(data) < entry.size:
        raise Rejected("corrupt", "an entry of the directory leads out of the file")
    if entry.kind != _LONG8:
        return entry.kind, entry.values, data
    values = struct.unpack(f"{form.order}{entry.values}Q", data)
    if max(values, default=0) >= 1 << 32:
        raise Rejected("corrupt", "an entry of the directory leads out of the file")
    return _LONG, entry.values, struct.pack(f"{form.order}{entry.values}I", *values)


def _written(content: bytes, kept: dict[int, tuple[int, int, bytes]], order: str) -> bytes:
    """The picture's data stay where they were. Behind them come the values, then the directory."""
    parts, at = [bytes(len(content) % 2)], len(content) + len(content) % 2
    directory = struct.pack(order + "H", len(kept))
    for tag, (kind, count, data) in kept.items():
        directory += struct.pack(order + "HHI", tag, kind, count)
        if len(data) <= 4:
            directory += data.ljust(4, b"\0")
        else:
            directory += struct.pack(order + "I", at)
            parts.append(data + bytes(len(data) % 2))
            at += len(parts[-1])
    header = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, at)
    return b"".join((header, content[8:], *parts, directory, bytes(4)))
