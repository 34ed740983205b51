"""BatchWriteRow and BatchGetRow: every row succeeds or fails by itself."""

from __future__ import annotations

from typing import Any

from emulator.aliyun.tablestore import messages, plainbuffer, rows
from emulator.aliyun.tablestore.checks import WRITE_BYTES
from emulator.aliyun.tablestore.context import TablestoreContext
from emulator.aliyun.tablestore.refusal import invalid, not_built
from emulator.core.refusal import Refusal

pb = messages.table
WRITES, READS = 200, 100


def write(context: TablestoreContext, instance: str, request: Any) -> Any:
    if request.transaction_id:
        raise not_built("transactions")
    if not request.tables:
        raise invalid("No row is specified in BatchWriteRow.")
    for table in request.tables:
        if not table.rows:
            raise invalid(f"No operation is specified for table: '{table.table_name}'.")
    if sum(len(table.rows) for table in request.tables) > WRITES:
        raise invalid(f"Rows count exceeds the upper limit: {WRITES}.")
    if sum(len(row.row_change) for table in request.tables for row in table.rows) > WRITE_BYTES:
        raise invalid(f"The total data size of BatchWriteRow exceeds the limit {WRITE_BYTES} bytes.")
    answer = pb.BatchWriteRowResponse()
    with context.store.transaction():
        for table in request.tables:
            result = answer.tables.add(table_name=table.table_name)
            for row in table.rows:
                _write(context, instance, table.table_name, row, result.rows.add())
    return answer


def _write(context: TablestoreContext, instance: str, table: str, row: Any, result: Any) -> None:
    try:
        written = rows.write(context, context.table(instance, table), row.type, row.row_change, row)
    except Refusal as refusal:
        _refuse(result, refusal)
        return
    result.is_ok = True
    rows.consumed(result.consumed, written.read, written.write)
    if written.row:
        result.row = written.row


def read(context: TablestoreContext, instance: str, request: Any) -> Any:
    if not request.tables:
        raise invalid("No row specified in the request of BatchGetRow.")
    if sum(len(table.primary_key) for table in request.tables) > READS:
        raise invalid(f"Rows count exceeds the upper limit: {READS}.")
    answer = pb.BatchGetRowResponse()
    for table in request.tables:
        result = answer.tables.add(table_name=table.table_name)
        for key in table.primary_key:
            _read(context, instance, table, key, result.rows.add())
    return answer


def _read(context: TablestoreContext, instance: str, table: Any, key: bytes, result: Any) -> None:
    try:
        row, units = rows.look(context, context.table(instance, table.table_name), table, key)
    except Refusal as refusal:
        _refuse(result, refusal)
        return
    result.is_ok = True
    rows.consumed(result.consumed, units, 0)
    result.row = plainbuffer.write([row]) if row else b""


def _refuse(result: Any, refusal: Refusal) -> None:
    result.is_ok = False
    result.error.code, result.error.message = refusal.code, refusal.message
