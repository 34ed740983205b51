"""The three operations on local transactions."""

from __future__ import annotations

from typing import Any

from emulator.aliyun.tablestore import checks, messages, rows
from emulator.aliyun.tablestore.context import TablestoreContext
from emulator.aliyun.tablestore.refusal import invalid

pb = messages.table


def start(context: TablestoreContext, instance: str, request: Any) -> Any:
    table = context.main_table(instance, request.table_name)
    if table.counted:
        # https://www.alibabacloud.com/help/doc-detail/93819.htm
        raise invalid("A table with an auto-increment column does not have transactions.")
    partition = checks.partition(table, rows.received(request.key).key)
    name = context.transactions.start(context.store, table, partition, context.now())
    return pb.StartLocalTransactionResponse(transaction_id=name)


def commit(context: TablestoreContext, instance: str, request: Any) -> Any:
    transaction = context.transactions.find(request.transaction_id, context.now())
    # The table may have been deleted, or its options changed, since the transaction was started.
    table = context.main_table(instance, transaction.table.name)
    if table.id == transaction.table.id:
        with context.store.transaction():
            for key, row in transaction.changes.values():
                if row is None:
                    context.store.delete(table, key)
                else:
                    context.store.put(table, row)
    context.transactions.end(request.transaction_id)
    return pb.CommitTransactionResponse()


def abort(context: TablestoreContext, instance: str, request: Any) -> Any:
    context.transactions.find(request.transaction_id, context.now())
    context.transactions.end(request.transaction_id)
    return pb.AbortTransactionResponse()
