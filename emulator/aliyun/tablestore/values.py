"""The values of cells, and a form of keys by which SQLite can sort."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple, TypeAlias

Value: TypeAlias = "int | float | bool | str | bytes"


class Bound(Enum):
    """The ends of a key column's range. AUTO asks the service for a value."""

    LOW = "INF_MIN"
    HIGH = "INF_MAX"
    AUTO = "PK_AUTO_INCR"


Key: TypeAlias = "tuple[tuple[str, Value | Bound], ...]"
"""The names and values of the primary key's columns, in the order of the table."""


class Cell(NamedTuple):
    """One version of one column. `at` is in milliseconds since the epoch."""

    name: str
    value: Value
    at: int


class Row(NamedTuple):
    """A row, whose cells are in the order of their names, the newest first.

    `written` is in milliseconds since the epoch. It tells the age of a row without cells.
    """

    key: Key
    cells: tuple[Cell, ...]
    written: int = 0


def ordered(key: Key) -> bytes:
    """Return bytes that sort as the keys do: integers by value, strings and binaries by their bytes."""
    return b"".join(_ordered(value) for _, value in key)


def _ordered(value: Value | Bound) -> bytes:
    if isinstance(value, Bound):
        return b"\x00" if value is Bound.LOW else b"\xff"
    if isinstance(value, int):
        return b"\x10" + (value + (1 << 63)).to_bytes(8, "big")
    raw = value.encode() if isinstance(value, str) else value
    assert isinstance(raw, bytes)
    return b"\x20" + raw.replace(b"\x00", b"\x00\xff") + b"\x00\x00"


def size(value: Value | Bound) -> int:
    """Return the size of a value in bytes, as the service counts them."""
    if isinstance(value, Bound):
        return 0
    if isinstance(value, bool):
        return 1
    if isinstance(value, (int, float)):
        return 8
    return len(value.encode() if isinstance(value, str) else value)


def row_size(key: Key, cells: tuple[Cell, ...]) -> int:
    """Return the size of names and values together.

    https://www.alibabacloud.com/help/en/tablestore/product-overview/billing-overview (unchecked)
    """
    pairs = [*key, *((cell.name, cell.value) for cell in cells)]
    return sum(len(name.encode()) + size(value) for name, value in pairs)
