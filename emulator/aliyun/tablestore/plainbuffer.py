"""PlainBuffer, the format in which rows are sent and stored.

https://help.aliyun.com/zh/tablestore/developer-reference/plainbuffer. A row consists of tags and little-endian lengths,
with a CRC-8 for each cell and one over these for the row.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import fastcrc

from emulator.aliyun.tablestore.values import Bound, Key, Row, Value

HEADER = (0x75).to_bytes(4, "little")
ROW_KEY, ROW_DATA, CELL, NAME, VALUE, KIND, TIME, DELETED, ROW_CRC, CELL_CRC = range(1, 11)
INTEGER, DOUBLE, BOOLEAN, STRING, BLOB, LOW, HIGH, AUTO = 0, 1, 2, 3, 7, 9, 10, 11
BOUNDS = {LOW: Bound.LOW, HIGH: Bound.HIGH, AUTO: Bound.AUTO}
CODES = {bound: code for code, bound in BOUNDS.items()}


class Kind(IntEnum):
    """A cell of an update does one of these to its column."""

    PUT = 0
    DELETE_ALL = 1
    DELETE_ONE = 3
    INCREMENT = 4


class Malformed(ValueError):
    """The bytes are not a PlainBuffer."""


class SentCell(NamedTuple):
    """A cell that a client sends. `at` is in milliseconds since the epoch, or None if the client does not choose it."""

    name: str
    value: Value | Bound | None
    kind: Kind
    at: int | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A row that a client sends: a key alone, the cells to put, or the changes to make."""

    key: Key
    cells: tuple[SentCell, ...]
    deleted: bool


def read_one(data: bytes) -> Sent:
    """Return the row. Malformed unless the bytes are exactly one row."""
    rows = read(data)
    if len(rows) != 1:
        raise Malformed(f"{len(rows)} rows where one is expected")
    return rows[0]


def read(data: bytes) -> list[Sent]:
    """Return the rows behind one header. Malformed if the bytes are something else, or a checksum is wrong.

    Zeros behind the last row are ignored: the vendor's SDK for Node sends one for each bound of a range that is INF_MIN
    or INF_MAX, and its scans work on the service.
    """
    if data[:4] != HEADER:
        raise Malformed("no header")
    reader, rows = _Reader(data, 4), []
    try:
        while reader.more():
            rows.append(reader.row())
    except (IndexError, struct.error, UnicodeDecodeError, ValueError) as error:
        raise Malformed(str(error)) from error
    return rows


def value_of(variant: bytes) -> Value:
    """Read a value that stands alone, as in conditions and queries."""
    try:
        value, end = _variant(variant, 0)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise Malformed(str(error)) from error
    if end != len(variant) or isinstance(value, Bound):
        raise Malformed("not one value")
    return value


class _Reader:
    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at = data, at

    def more(self) -> bool:
        """Tell whether another row follows. Every row begins with a byte that is not zero."""
        return self.at < len(self.data) and bool(self.data[self.at] or self.data[self.at :].strip(b"\x00"))

    def row(self) -> Sent:
        self._take(ROW_KEY)
        sums = bytearray()
        key = []
        while self._next(CELL):
            name, value, kind, at = self._cell(sums)
            if value is None or kind is not Kind.PUT or at is not None:
                raise Malformed("a column of the key has a value and nothing else")
            key.append((name, value))
        cells = []
        if self._next(ROW_DATA):
            while self._next(CELL):
                cells.append(self._cell(sums))
        deleted = self._next(DELETED)
        self._take(ROW_CRC)
        if self._byte() != fastcrc.crc8.smbus(bytes(sums) + bytes([deleted])):
            raise Malformed("the checksum of a row is wrong")
        return Sent(tuple(key), tuple(cells), deleted)

    def _cell(self, sums: bytearray) -> SentCell:
        self._take(NAME)
        raw = self._raw(self._length())
        value, kind, at = None, Kind.PUT, None
        summed = raw
        if self._next(VALUE):
            end = self._length() + self.at
            begin = self.at
            value, self.at = _variant(self.data, begin)
            if self.at != end:
                raise Malformed("the length of a value is wrong")
            summed += self.data[begin:end]
        if self._next(KIND):
            kind = Kind(self._byte())
        if self._next(TIME):
            at = int.from_bytes(self._raw(8), "little", signed=True)
            summed += at.to_bytes(8, "little", signed=True)
        if kind is not Kind.PUT:
            summed += bytes([kind])
        self._take(CELL_CRC)
        crc = self._byte()
        if crc != fastcrc.crc8.smbus(summed):
            raise Malformed("the checksum of a cell is wrong")
        sums.append(crc)
        return SentCell(raw.decode(), value, kind, at)

    def _next(self, tag: int) -> bool:
        if self.at < len(self.data) and self.data[self.at] == tag:
            self.at += 1
            return True
        return False

    def _take(self, tag: int) -> None:
        if not self._next(tag):
            raise Malformed(f"tag {tag} is missing at byte {self.at}")

    def _byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def _length(self) -> int:
        return int.from_bytes(self._raw(4), "little")

    def _raw(self, size: int) -> bytes:
        raw = self.data[self.at : self.at + size]
        if len(raw) != size:
            raise Malformed("the row ends too early")
        self.at += size
        return raw


def _variant(data: bytes, at: int) -> tuple[Value | Bound, int]:
    kind, at = data[at], at + 1
    if kind == INTEGER:
        return struct.unpack_from("<q", data, at)[0], at + 8
    if kind == DOUBLE:
        return struct.unpack_from("<d", data, at)[0], at + 8
    if kind == BOOLEAN:
        return bool(data[at]), at + 1
    if kind in (STRING, BLOB):
        end = at + 4 + int(struct.unpack_from("<I", data, at)[0])
        raw = data[at + 4 : end]
        if end > len(data):
            raise Malformed("a value ends too early")
        return (raw.decode() if kind == STRING else raw), end
    if kind in BOUNDS:
        return BOUNDS[kind], at
    raise Malformed(f"values have no type {kind}")


def write(rows: Iterable[Row]) -> bytes:
    """Return the rows as bytes, which are empty if there are no rows."""
    body = b"".join(_row(row) for row in rows)
    return HEADER + body if body else b""


def _row(row: Row) -> bytes:
    sums = bytearray()
    parts = [bytes([ROW_KEY]), *(_cell(name, value, None, sums) for name, value in row.key)]
    if row.cells:
        parts += [bytes([ROW_DATA]), *(_cell(*cell, sums) for cell in row.cells)]
    parts.append(bytes([ROW_CRC, fastcrc.crc8.smbus(bytes(sums) + b"\x00")]))
    return b"".join(parts)


def _cell(name: str, value: Value | Bound, at: int | None, sums: bytearray) -> bytes:
    raw, held = name.encode(), variant(value)
    time = b"" if at is None else at.to_bytes(8, "little", signed=True)
    crc = fastcrc.crc8.smbus(raw + held + time)
    sums.append(crc)
    named = bytes([CELL, NAME]) + len(raw).to_bytes(4, "little") + raw
    valued = bytes([VALUE]) + len(held).to_bytes(4, "little") + held
    return named + valued + (bytes([TIME]) + time if time else b"") + bytes([CELL_CRC, crc])


def variant(value: Value | Bound) -> bytes:
    """Return a value that stands alone as bytes, which `value_of` reads."""
    if isinstance(value, Bound):
        return bytes([CODES[value]])
    if isinstance(value, bool):
        return bytes([BOOLEAN, value])
    if isinstance(value, int):
        return bytes([INTEGER]) + struct.pack("<q", value)
    if isinstance(value, float):
        return bytes([DOUBLE]) + struct.pack("<d", value)
    raw = value.encode() if isinstance(value, str) else value
    return bytes([STRING if isinstance(value, str) else BLOB]) + struct.pack("<I", len(raw)) + raw
