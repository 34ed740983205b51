"""GetRow, PutRow, UpdateRow, DeleteRow."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, NamedTuple

from emulator.aliyun.tablestore import changes, checks, conditions, messages, plainbuffer
from emulator.aliyun.tablestore.context import TablestoreContext
from emulator.aliyun.tablestore.plainbuffer import Kind, Sent
from emulator.aliyun.tablestore.refusal import failed, invalid, not_built
from emulator.aliyun.tablestore.table import Table
from emulator.aliyun.tablestore.transactions import LocalTransaction, RowAccess
from emulator.aliyun.tablestore.values import Bound, Key, Row, row_size, size

pb = messages.table
UNIT = 4096
"""One capacity unit has so many bytes."""


class Written(NamedTuple):
    """The capacity units of a write, and the row that it returns if the client wants one."""

    read: int
    write: int
    row: bytes


def get(context: TablestoreContext, instance: str, request: Any) -> Any:
    table = context.table(instance, request.table_name)
    row, units = look(context, table, request, request.primary_key, joined(context, request))
    answer = pb.GetRowResponse(row=plainbuffer.write([row]) if row else b"")
    consumed(answer.consumed, units, 0)
    return answer


def put(context: TablestoreContext, instance: str, request: Any) -> Any:
    return _answer(pb.PutRowResponse(), _written(context, instance, request, pb.PUT, request.row))


def update(context: TablestoreContext, instance: str, request: Any) -> Any:
    return _answer(pb.UpdateRowResponse(), _written(context, instance, request, pb.UPDATE, request.row_change))


def delete(context: TablestoreContext, instance: str, request: Any) -> Any:
    return _answer(pb.DeleteRowResponse(), _written(context, instance, request, pb.DELETE, request.primary_key))


def _written(context: TablestoreContext, instance: str, request: Any, kind: int, row: bytes) -> Written:
    transaction = joined(context, request)
    with context.store.transaction():
        return write(context, context.main_table(instance, request.table_name), kind, row, request, transaction)


def joined(context: TablestoreContext, request: Any) -> LocalTransaction | None:
    """Return the local transaction that a request names, or None if it names none."""
    return context.transactions.find(request.transaction_id, context.now()) if request.transaction_id else None


def write(
    context: TablestoreContext,
    table: Table,
    kind: int,
    change: bytes,
    request: Any,
    transaction: LocalTransaction | None,
) -> Written:
    """Write one row within a transaction of the store, or raise a Refusal.

    `request` has the condition of the write, and tells which part of the row is to be returned.
    """
    now = context.now()
    sent = _numbered(context, table, received(change), kind, now)
    checks.key(table, sent.key)
    checks.cells(table, sent, now)
    rows: RowAccess = context.store
    if transaction is None:
        context.transactions.check_free(table, sent.key, now)
    else:
        transaction.check(table, sent.key)
        rows = transaction
    conditional = request.condition.row_existence != pb.IGNORE or request.condition.HasField("column_condition")
    # A row that is replaced or removed whatever it holds is not read: that would take an eighth of the request.
    seen = conditional or kind == pb.UPDATE
    row = table.alive(rows.get(table, sent.key), now) if seen else None
    _expected(context, row, sent, request.condition)
    if kind == pb.DELETE:
        rows.delete(table, sent.key)
        after = None
    else:
        versions = table.versions
        after = changes.put(sent, now, versions) if kind == pb.PUT else changes.update(row, sent, now, versions)
        if after is not None:
            rows.put(table, after)
    cells = sum(len(cell.name) + (0 if cell.value is None else size(cell.value)) for cell in sent.cells)
    return Written(int(conditional), units(row_size(sent.key, ()) + cells), _returned(request, sent.key, after))


def _numbered(context: TablestoreContext, table: Table, sent: Sent, kind: int, now: int) -> Sent:
    """Return the row with a number in place of PK_AUTO_INCR. Only PutRow makes numbers."""
    if not table.counted or kind != pb.PUT:
        return sent
    return replace(
        sent,
        key=tuple(
            (name, context.counter(now) if value is Bound.AUTO and name == table.counted else value)
            for name, value in sent.key
        ),
    )


def look(
    context: TablestoreContext, table: Table, request: Any, key: bytes, transaction: LocalTransaction | None = None
) -> tuple[Row | None, int]:
    """Return the part of the row for which a read asks, and the capacity units of reading it."""
    readable(request)
    wanted = checks.key(table, received(key).key)
    rows: RowAccess = context.store
    if transaction is not None:
        transaction.check(table, wanted)
        rows = transaction
    row = table.alive(rows.get(table, wanted), context.now())
    return (None, 1) if row is None else (selected(request, row), units(row_size(row.key, row.cells)))


def readable(request: Any) -> None:
    """Refuse a read that asks for rows in a way that is not allowed or not built."""
    if request.token:
        raise not_built("reads with token")
    if not request.HasField("max_versions") and not request.HasField("time_range"):
        raise invalid("No version condition is specified while querying row.")
    if request.HasField("max_versions") and request.max_versions < 1:
        raise invalid("The max versions must be greater than 0.")
    if len(request.columns_to_get) > checks.COLUMNS_TO_GET:
        raise invalid(f"The number of columns from the request exceeds the limit {checks.COLUMNS_TO_GET}.")


def selected(request: Any, row: Row) -> Row | None:
    """Return the part of a row that a read sees, or None. The columns and versions are chosen before the filter."""
    wanted = frozenset(request.columns_to_get)
    cells = [cell for cell in row.cells if not wanted or cell.name in wanted]
    if request.start_column or request.end_column:
        cells = [cell for cell in cells if _between(request, cell.name)]
    if wanted and not cells and not any(name in wanted for name, _ in row.key):
        return None
    if request.HasField("time_range"):
        cells = [cell for cell in cells if _within(request.time_range, cell.at)]
    if request.HasField("max_versions"):
        cells = list(changes.newest(cells, request.max_versions))
    if request.filter:
        cells = conditions.paged(request.filter, cells)
    seen = row._replace(cells=tuple(cells))
    # The columns are chosen first: https://www.alibabacloud.com/help/en/tablestore/developer-reference/getrow
    if request.filter and not conditions.holds(request.filter, conditions.columns_of(seen)):
        return None
    return seen


def received(data: bytes) -> Sent:
    try:
        return plainbuffer.read_one(data)
    except plainbuffer.Malformed as error:
        raise invalid(f"The row cannot be read: {error}.") from error


def consumed(message: Any, read: int, write: int) -> None:
    message.capacity_unit.read, message.capacity_unit.write = read, write


def _expected(context: TablestoreContext, row: Row | None, sent: Sent, condition: Any) -> None:
    if (condition.row_existence == pb.EXPECT_EXIST and row is None) or (
        condition.row_existence == pb.EXPECT_NOT_EXIST and row is not None
    ):
        raise failed()
    if not condition.HasField("column_condition"):
        return
    increments = any(cell.kind is Kind.INCREMENT for cell in sent.cells)
    if increments and not context.switches.increments_with_conditions:
        raise invalid("Increment cannot be used with a column condition.")
    met = conditions.holds(condition.column_condition, conditions.columns_of(row))
    if not met or (row is None and not context.switches.missing_rows_as_empty):
        raise failed()


def _returned(request: Any, key: Key, after: Row | None) -> bytes:
    wanted = request.return_content
    if wanted.return_type == pb.RT_PK:
        return plainbuffer.write([Row(key, ())])
    if wanted.return_type == pb.RT_AFTER_MODIFY and after is not None:
        names = set(wanted.return_column_names)
        cells = tuple(cell for cell in changes.newest(after.cells, 1) if cell.name in names)
        return plainbuffer.write([Row(key, cells)])
    return b""


def _answer(message: Any, written: Written) -> Any:
    consumed(message.consumed, written.read, written.write)
    if written.row:
        message.row = written.row
    return message


def _between(request: Any, name: str) -> bool:
    """Tell whether a column is from start_column on and before end_column.

    https://www.alibabacloud.com/help/en/tablestore/developer-reference/getrow
    """
    return name >= request.start_column and (not request.end_column or name < request.end_column)


def _within(span: Any, at: int) -> bool:
    if span.HasField("specific_time"):
        return bool(at == span.specific_time)
    return bool(span.start_time <= at < span.end_time)


def units(size: int) -> int:
    """Return the capacity units for so many bytes."""
    return max(1, math.ceil(size / UNIT))
