"""CreateIndex and DropIndex: secondary indexes, which are tables that follow another table.

https://www.alibabacloud.com/help/en/tablestore/overview-of-secondary-index. They hold a row as soon as it is written,
also the global ones, which on the service follow within milliseconds.
"""

from __future__ import annotations

from typing import Any

from emulator.aliyun.tablestore import checks, messages
from emulator.aliyun.tablestore.context import TablestoreContext
from emulator.aliyun.tablestore.refusal import invalid
from emulator.aliyun.tablestore.table import FOREVER, Table
from emulator.core.refusal import Refusal

pb = messages.table
INDEXES, COLUMNS = 5, 4
"""One table may have so many secondary indexes, and one index so many columns in its key beside those that the service
adds: https://www.alibabacloud.com/help/doc-detail/91947.htm."""
TABLES = 64
KEY_TYPES = {pb.DCT_INTEGER: pb.INTEGER, pb.DCT_STRING: pb.STRING, pb.DCT_BLOB: pb.BINARY}
"""The types of defined columns that can be in the key of an index, and the types that they have there."""


def create(context: TablestoreContext, instance: str, request: Any) -> Any:
    main = context.main_table(instance, request.main_table_name)
    indexable(main.definition.table_options)
    check(main.definition.table_meta, request.index_meta)
    if len(main.secondary) >= INDEXES:
        raise Refusal("OTSQuotaExhausted", "Number of secondary indexes exceeds the quota.")
    with context.store.transaction():
        add(context, main, request.index_meta, request.include_base_data)
    return pb.CreateIndexResponse()


def drop(context: TablestoreContext, instance: str, request: Any) -> Any:
    main = context.main_table(instance, request.main_table_name)
    if request.index_name not in main.secondary:
        raise Refusal("OTSObjectNotExist", "Requested index does not exist.")
    context.store.drop_secondary(main, request.index_name)
    return pb.DropIndexResponse()


def add(context: TablestoreContext, main: Table, meta: Any, filled: bool) -> None:
    """Add an index whose IndexMeta has been checked, within a transaction of the store."""
    if context.store.table(main.instance, meta.name):
        raise Refusal("OTSObjectAlreadyExist", "Requested table already exists.")
    if len(context.store.tables(main.instance)) >= TABLES:
        raise Refusal("OTSQuotaExhausted", "Number of tables exceeds the quota.")
    definition = pb.CreateTableRequest()
    definition.CopyFrom(main.definition)
    del definition.index_metas[:]
    definition.table_meta.CopyFrom(_table_meta(main.definition.table_meta, meta))
    context.store.create_secondary(
        main, context.now() / 1000, definition.SerializeToString(), meta.SerializeToString(), filled
    )


def check_all(request: Any) -> None:
    """Refuse a CreateTableRequest whose indexes cannot be."""
    if not request.index_metas:
        return
    indexable(request.table_options)
    if len(request.index_metas) > INDEXES:
        raise Refusal("OTSQuotaExhausted", "Number of secondary indexes exceeds the quota.")
    names = [request.table_meta.table_name, *(meta.name for meta in request.index_metas)]
    if len(set(names)) < len(names):
        raise invalid("The names of a table and of its indexes must differ.")
    for meta in request.index_metas:
        check(request.table_meta, meta)


def indexable(options: Any) -> None:
    """Refuse secondary indexes on a table with these options if it cannot have them.

    https://www.alibabacloud.com/help/doc-detail/91947.htm
    """
    if options.max_versions != 1:
        raise invalid("A table with secondary indexes must have max_versions 1.")
    if options.time_to_live != FOREVER and options.allow_update:
        raise invalid("A table with secondary indexes must have time to live -1, or must not allow updates.")


# Unproven messages-of-index-meta: The messages that refuse a secondary index which does not fit its table.
# Why: no page has them.
# Ask: CreateIndex on a column that is not defined, with no primary key, and with a key column twice: the messages.
def check(table: Any, meta: Any) -> None:
    """Refuse an IndexMeta that does not fit the TableMeta."""
    checks.name(meta.name, "index")
    keys = {column.name: column.type for column in table.primary_key}
    defined = {column.name: column.type for column in table.defined_column}
    if not 1 <= len(meta.primary_key) <= COLUMNS:
        raise invalid(f"The number of columns in the key of an index must be in range: [1, {COLUMNS}].")
    chosen = [*meta.primary_key, *meta.defined_column]
    if len(set(chosen)) < len(chosen):
        raise invalid(f"A column occurs twice in the index '{meta.name}'.")
    for name in meta.primary_key:
        if name not in keys and defined.get(name) not in KEY_TYPES:
            raise invalid(f"Column '{name}' is neither in the key nor a defined column of a type for an index's key.")
    for name in meta.defined_column:
        if name not in defined:
            raise invalid(f"Column '{name}' is not a defined column of the table.")
    first = table.primary_key[0].name
    if meta.index_type == pb.IT_LOCAL_INDEX and meta.primary_key[0] != first:
        raise invalid(f"The key of a local index must begin with '{first}', the first column of the table's key.")


def _table_meta(table: Any, meta: Any) -> Any:
    """Return the TableMeta of the index: its own columns, and then the rest of the table's key."""
    types = {column.name: KEY_TYPES.get(column.type) for column in table.defined_column}
    types.update((column.name, column.type) for column in table.primary_key)
    names = [*meta.primary_key, *(column.name for column in table.primary_key if column.name not in meta.primary_key)]
    result = pb.TableMeta(table_name=meta.name)
    for name in names:
        result.primary_key.add(name=name, type=types[name])
    for column in table.defined_column:
        if column.name in meta.defined_column:
            result.defined_column.add().CopyFrom(column)
    return result
