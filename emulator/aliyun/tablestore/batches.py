"""BatchWriteRow and BatchGetRow: every row succeeds or fails by itself."""

from __future__ import annotations

from typing import Any

from google.protobuf.unknown_fields import UnknownFieldSet

from emulator.aliyun.tablestore import messages, plainbuffer, rows
from emulator.aliyun.tablestore.checks import WRITE_BYTES
from emulator.aliyun.tablestore.context import TablestoreContext
from emulator.aliyun.tablestore.refusal import invalid
from emulator.aliyun.tablestore.transactions import LocalTransaction, shown
from emulator.core.refusal import Refusal

pb = messages.table
WRITES, READS = 200, 100
ATOMIC = 3
"""The number of the field is_atomic, which the vendor's SDKs for Java and Node have. The message definitions of the SDK
for Python lack it."""


def write(context: TablestoreContext, instance: str, request: Any) -> Any:
    _check(request)
    transaction, atomic = rows.joined(context, request), _is_atomic(request)
    if atomic:
        _check_atomic(request)
        if refusal := _out_of_scope(request):
            return _all_refused(request, refusal)
    answer = pb.BatchWriteRowResponse()
    with context.store.transaction():
        for table in request.tables:
            result = answer.tables.add(table_name=table.table_name)
            for row in table.rows:
                try:
                    _write(context, instance, table.table_name, row, transaction, result.rows.add())
                except Refusal as refusal:
                    if atomic:
                        raise
                    _refuse(result.rows[-1], refusal)
    return answer


def _all_refused(request: Any, refusal: Refusal) -> Any:
    answer = pb.BatchWriteRowResponse()
    for table in request.tables:
        result = answer.tables.add(table_name=table.table_name)
        for _ in table.rows:
            _refuse(result.rows.add(), refusal)
    return answer


def _check(request: Any) -> None:
    if not request.tables:
        raise invalid("No row is specified in BatchWriteRow.")
    for table in request.tables:
        if not table.rows:
            raise invalid(f"No operation is specified for table: '{table.table_name}'.")
    if sum(len(table.rows) for table in request.tables) > WRITES:
        raise invalid(f"Rows count exceeds the upper limit: {WRITES}.")
    if sum(len(row.row_change) for table in request.tables for row in table.rows) > WRITE_BYTES:
        raise invalid(f"The total data size of BatchWriteRow exceeds the limit {WRITE_BYTES} bytes.")


def _is_atomic(request: Any) -> bool:
    return any(unknown.field_number == ATOMIC and unknown.data for unknown in UnknownFieldSet(request))


# Unproven refusals-of-atomic-batch: An atomic BatchWriteRow in a local transaction, or over several tables, is refused
#   as a whole with OTSParameterInvalid.
# Why: the page has the rule and no code. The vendor's tests for Java show only what several partitions give.
# Ask: BatchWriteRow with is_atomic for two tables, and with a transaction id: the code of the whole or of each row.
def _check_atomic(request: Any) -> None:
    """Refuse an atomic batch over several tables, or in a local transaction.

    https://www.alibabacloud.com/help/en/tablestore/developer-reference/batchwriterow
    """
    if request.transaction_id:
        raise invalid("An atomic BatchWriteRow cannot be in a local transaction.")
    if len({table.table_name for table in request.tables}) > 1:
        raise invalid("The rows of an atomic BatchWriteRow must have the same table and the same partition key.")


def _out_of_scope(request: Any) -> Refusal | None:
    """Return the refusal that each row of an atomic batch over several partitions gets; None if it has one partition.

    Code and message are those of the vendor's tests for Java (testAtomicBatchWriteRowWithDiffPartKey).
    """
    keys = [rows.received(row.row_change).key[:1] for table in request.tables for row in table.rows]
    other = next((key for key in keys if key != keys[0]), None)
    if other is None:
        return None
    first, second = shown(keys[0]), shown(other)
    return Refusal("OTSDataOutOfRange", f"Data out of scope of atomic. Atomic PartKey:{first}. Data PartKey:{second}")


def _write(
    context: TablestoreContext,
    instance: str,
    table: str,
    row: Any,
    transaction: LocalTransaction | None,
    result: Any,
) -> None:
    written = rows.write(context, context.main_table(instance, table), row.type, row.row_change, row, transaction)
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
