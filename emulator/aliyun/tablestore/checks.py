"""The limits on names, keys and cells: https://www.alibabacloud.com/help/en/tablestore/limits-on-widecolumn-model.

The codes and the messages on keys are the vendor's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from emulator.aliyun.tablestore import messages
from emulator.aliyun.tablestore.plainbuffer import Kind, Sent, SentCell
from emulator.aliyun.tablestore.refusal import invalid
from emulator.aliyun.tablestore.table import Table
from emulator.aliyun.tablestore.values import Bound, Key, Value, size
from emulator.core.refusal import Refusal

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
INSTANCE = re.compile(r"(?=.{3,16}\Z)[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]")
KEY_BYTES = 1024
VALUE_BYTES = 2 * 1024 * 1024
WRITE_BYTES = 4 * 1024 * 1024
CELLS = 1024
COLUMNS_TO_GET = 128

pb = messages.table
TYPES: dict[int, tuple[type, str]] = {
    pb.INTEGER: (int, "VT_INTEGER"),
    pb.STRING: (str, "VT_STRING"),
    pb.BINARY: (bytes, "VT_BLOB"),
}
SHOWN = {int: "VT_INTEGER", float: "VT_DOUBLE", bool: "VT_BOOLEAN", str: "VT_STRING", bytes: "VT_BLOB"}


def name(text: str, what: str) -> str:
    if not NAME.fullmatch(text):
        raise invalid(f"Invalid {what} name: '{text}'.")
    return text


def key(table: Table, columns: Key, bounds: bool = False) -> Key:
    """Return the key. It is refused unless it fits the table. With `bounds` its values may be INF_MIN and INF_MAX."""
    if len(columns) != len(table.columns):
        raise _pk(f"Validate PK size fail. Input: {len(columns)}, Meta: {len(table.columns)}.")
    return _fitting(columns, table.columns, bounds)


def partition(table: Table, columns: Key) -> Key:
    """Return the first column of a key, which stands alone. It is refused unless it fits the table."""
    if len(columns) != 1:
        raise _pk(f"Validate PK size fail. Input: {len(columns)}, Meta: 1.")
    return _fitting(columns, table.columns[:1], bounds=False)


def _fitting(columns: Key, meta: tuple[tuple[str, int], ...], bounds: bool) -> Key:
    for (column, value), (wanted, kind) in zip(columns, meta, strict=True):
        if column != wanted:
            raise _pk(f"Validate PK name fail. Input: {column}, Meta: {wanted}.")
        if isinstance(value, Bound):
            if bounds and value is not Bound.AUTO:
                continue
            raise _pk(f"Validate PK type fail. Input: VT_{value.value}, Meta: {TYPES[kind][1]}.")
        if type(value) is not TYPES[kind][0]:
            raise _pk(f"Validate PK type fail. Input: {SHOWN[type(value)]}, Meta: {TYPES[kind][1]}.")
        if not isinstance(value, int) and size(value) > KEY_BYTES:
            raise invalid(
                f"The length of primary key column: '{column}' exceeds the MaxLength: {KEY_BYTES}"
                f" with CurrentLength: {size(value)}."
            )
    return columns


# Unproven messages-on-sizes: The messages of OTSOutOfColumnCountLimit, OTSOutOfRowSizeLimit and of too long values.
# Why: the page has the limits, and not these messages.
# Ask: PutRow of 1025 columns, of a value of 2 MB and one byte, and of three values of 2 MB: code and message.
def cells(table: Table, sent: Sent, now: int) -> None:
    """Raise a Refusal unless the cells of a row can be written. `now` is in milliseconds."""
    if len(sent.cells) > CELLS:
        raise Refusal("OTSOutOfColumnCountLimit", f"The number of columns exceeds the limit {CELLS}.")
    keys = {column for column, _ in table.columns}
    total = 0
    for cell in sent.cells:
        if name(cell.name, "column") in keys:
            raise invalid(f"Attribute column '{cell.name}' has the name of a primary key column.")
        total += len(cell.name)
        if cell.value is not None:
            total += _value(cell.name, cell.value)
        if cell.kind is Kind.INCREMENT and type(cell.value) is not int:
            raise invalid(f"The increment of column '{cell.name}' must be an integer.")
        if cell.kind is Kind.PUT and cell.at is not None:
            _version(table, cell, now)
    if total > WRITE_BYTES:
        raise Refusal("OTSOutOfRowSizeLimit", f"The total data size of columns exceeds the limit {WRITE_BYTES} bytes.")
    _forms(sent.cells)


def _value(column: str, value: Value | Bound) -> int:
    if isinstance(value, Bound):
        raise invalid(f"Column '{column}' cannot hold {value.value}.")
    length = size(value)
    if length > VALUE_BYTES:
        raise invalid(
            f"The length of attribute column: '{column}' exceeds the MaxLength: {VALUE_BYTES}"
            f" with CurrentLength: {length}."
        )
    return length


def _version(table: Table, cell: SentCell, now: int) -> None:
    assert cell.at is not None
    if abs(cell.at - now) > table.deviation * 1000:
        raise invalid(f"The version of column '{cell.name}' is more than {table.deviation} seconds off.")


def _forms(sent: Iterable[SentCell]) -> None:
    for cell in sent:
        if cell.kind in (Kind.PUT, Kind.INCREMENT) and cell.value is None:
            raise invalid(f"Column '{cell.name}' has no value.")
        if cell.kind is Kind.DELETE_ONE and cell.at is None:
            raise invalid(f"Deleting one version of column '{cell.name}' needs its timestamp.")


def _pk(message: str) -> Refusal:
    return Refusal("OTSInvalidPK", message)
