"""Names what a request of Tablestore is about, for rules of faults and for the list of calls."""

from __future__ import annotations

from typing import Any

from emulator.aliyun.tablestore import plainbuffer

ROWS = ("primary_key", "row", "row_change")
"""The fields of messages that hold one row, or its key alone."""


def of(message: Any) -> str:
    """Return the table of a request, and the values of the primary key if it is about one row, as images/a/b.jpg.

    A row that cannot be read has no key here. The operation refuses it.
    """
    names = {field.name for field in message.DESCRIPTOR.fields}
    table = str(message.table_name) if "table_name" in names else ""
    data = next((getattr(message, name) for name in ROWS if name in names), b"")
    if not isinstance(data, bytes) or not data:
        return table
    try:
        key = plainbuffer.read_one(data).key
    except ValueError:
        return table
    return "/".join([table, *(str(value) for _, value in key)])
