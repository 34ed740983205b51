"""The part of a row that a search returns."""

from __future__ import annotations

from typing import Any

from emulator.aliyun.tablestore import messages, plainbuffer
from emulator.aliyun.tablestore.context import TablestoreContext
from emulator.aliyun.tablestore.search.documents import Document
from emulator.aliyun.tablestore.search.schema import Schema
from emulator.aliyun.tablestore.table import Table
from emulator.aliyun.tablestore.values import Row

pb = messages.search


def in_index(table: Table, schema: Schema, wanted: Any) -> bool:
    """Tell whether the index holds all columns of ColumnsToGet."""
    held = schema.names | {name for name, _ in table.columns}
    kind = wanted.return_type
    return kind in (pb.RETURN_NONE, pb.RETURN_ALL_FROM_INDEX) or (
        kind == pb.RETURN_SPECIFIED and held.issuperset(wanted.column_names)
    )


class RowReader:
    """Reads the columns for which a client asks. Those that the index lacks come from the table."""

    def __init__(self, context: TablestoreContext, table: Table, schema: Schema, wanted: Any) -> None:
        self._context, self._table, self._wanted = context, table, wanted
        self.in_index = in_index(table, schema, wanted)

    def row(self, document: Document) -> bytes:
        """Return the row as bytes, or nothing if the table has lost it in the meantime."""
        row = self._row(document)
        return b"" if row is None else plainbuffer.write([row])

    def _row(self, document: Document) -> Row | None:
        row, kind = document.row, self._wanted.return_type
        if not self.in_index:
            assert row is not None
            row = self._table.alive(self._context.store.get(self._table, row.key), self._context.now())
        if row is None or kind == pb.RETURN_ALL:
            return row
        names = set[str]()
        if kind == pb.RETURN_SPECIFIED:
            names = set(self._wanted.column_names)
        elif kind == pb.RETURN_ALL_FROM_INDEX:
            names = set(document.values) | set(document.nested)
        return row._replace(cells=tuple(cell for cell in row.cells if cell.name in names))
