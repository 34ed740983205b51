"""Reads the directories of TIFF files, of BigTIFF files and of EXIF data, which are TIFF files within others.

TIFF 6.0: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf
"""

from __future__ import annotations

import struct
from typing import NamedTuple

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""How many bytes one value of each type has."""
_CODES = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
"""These types are whole numbers without a sign."""


class Format(NamedTuple):
    order: str
    """It is `<` or `>`, as struct writes it."""
    big: bool
    """Whether it is BigTIFF, whose places have 64 bits."""
    first: int
    """The first directory begins at this place."""


class Entry(NamedTuple):
    kind: int
    values: int
    """How many it has."""
    place: int
    """Its values begin here, which may be behind the end of the file."""

    @property
    def size(self) -> int:
        """How many bytes its values have; 0 for a type that is not known."""
        return _SIZES.get(self.kind, 0) * self.values


class Directory(NamedTuple):
    entries: dict[int, Entry]
    """Each tag has its first entry here."""
    next: int
    """The next directory begins here; 0 if there is none or the data end before."""


class Window(NamedTuple):
    """This is a part of a file, and places are counted from the beginning of the file."""

    data: bytes
    start: int = 0

    def bytes_at(self, place: int, size: int) -> bytes:
        """Return fewer bytes than `size` where the part ends."""
        at = place - self.start
        return self.data[at : at + size] if at >= 0 else b""


def read_format(head: bytes) -> Format | None:
    """Read the first 16 bytes. None if they are not those of a TIFF file."""
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 16:
        return None
    (version,) = struct.unpack_from(order + "H", head, 2)
    if version == 42:
        return Format(order, False, struct.unpack_from(order + "I", head, 4)[0])
    if version == 43:
        return Format(order, True, struct.unpack_from(order + "Q", head, 8)[0])
    return None


def count_entries(window: Window, at: int, form: Format) -> int:
    """Read how many entries the directory at `at` says to have; struct.error if it lies outside the part."""
    return int(struct.unpack(form.order + ("Q" if form.big else "H"), window.bytes_at(at, 8 if form.big else 2))[0])


def read_directory(window: Window, at: int, form: Format, most: int) -> Directory:
    """Read at most `most` entries; struct.error if the part of the file does not hold the directory's beginning."""
    listed = count_entries(window, at, form)
    word, head, code = (8, 8, "HHQ") if form.big else (4, 2, "HHI")
    step = 4 + 2 * word
    entries: dict[int, Entry] = {}
    first = at + head
    read = window.bytes_at(first, step * min(listed, most))
    for offset in range(0, len(read) - step + 1, step):
        tag, kind, count = struct.unpack_from(form.order + code, read, offset)
        entry = Entry(kind, count, first + offset + 4 + word)  # a value that fits stands in the entry itself
        if entry.size > word:
            (place,) = struct.unpack_from(form.order + ("Q" if form.big else "I"), read, offset + 4 + word)
            entry = entry._replace(place=place)
        entries.setdefault(tag, entry)
    behind = window.bytes_at(first + step * listed, word)
    return Directory(entries, int.from_bytes(behind, "little" if form.order == "<" else "big"))


def numbers(window: Window, entry: Entry | None, form: Format, most: int = 8) -> tuple[int, ...]:
    """Read at most `most` whole numbers; none if the entry is missing, has another type or is not in the data."""
    code = _CODES.get(entry.kind) if entry is not None else None
    if entry is None or code is None:
        return ()
    count = min(entry.values, most)
    data = window.bytes_at(entry.place, _SIZES[entry.kind] * count)
    return struct.unpack(f"{form.order}{count}{code}", data) if len(data) == _SIZES[entry.kind] * count else ()


def number(window: Window, entry: Entry | None, form: Format) -> int | None:
    """Read the first whole number of an entry."""
    return next(iter(numbers(window, entry, form, 1)), None)


def text(window: Window, entry: Entry | None, most: int = 64) -> bytes:
    """Read the beginning of a text, up to its zero; empty if the entry is missing or has another type."""
    if entry is None or entry.kind != 2:
        return b""
    return window.bytes_at(entry.place, min(entry.values, most)).partition(b"\0")[0]
