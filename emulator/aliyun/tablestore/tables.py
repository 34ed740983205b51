"""CreateTable, ListTable, DescribeTable, UpdateTable, DeleteTable."""

from __future__ import annotations

from typing import Any

from emulator.aliyun.tablestore import checks, messages, secondary
from emulator.aliyun.tablestore.context import TablestoreContext
from emulator.aliyun.tablestore.refusal import invalid, not_built
from emulator.aliyun.tablestore.table import DEVIATION, FOREVER, Table
from emulator.core.refusal import Refusal

pb = messages.table
TABLES = 64
DEFINED_COLUMNS = 32
ACTIVE = bytes([4 << 3, 1])
"""The bytes of the field table_status. The vendor's SDK for Node cannot read a DescribeTableResponse without it (npm
tablestore, tablestore.proto). The message definitions of the SDK for Python lack it."""
SHORTEST_LIFE = 86400
"""A time to live has at least so many seconds:
https://www.alibabacloud.com/help/en/tablestore/data-versions-and-ttl."""


def create(context: TablestoreContext, instance: str, request: Any) -> Any:
    meta = request.table_meta
    checks.name(meta.table_name, "table")
    _columns(meta)
    for name, requested in (
        ("streams", request.stream_spec.enable_stream),
        ("server-side encryption", request.sse_spec.enable),
    ):
        if requested:
            raise not_built(f"CreateTable with {name}")
    if context.store.table(instance, meta.table_name):
        raise Refusal("OTSObjectAlreadyExist", "Requested table already exists.")
    options = pb.TableOptions()
    options.time_to_live, options.max_versions, options.allow_update = FOREVER, 1, True
    options.deviation_cell_version_in_sec = DEVIATION
    options.MergeFrom(request.table_options)
    _options(options)
    request.table_options.CopyFrom(options)
    metas = list(request.index_metas)
    _check_indexes(context, instance, request)
    del request.index_metas[:]
    with context.store.transaction():
        table = context.store.create(instance, context.now() / 1000, request.SerializeToString())
        for meta in metas:
            secondary.add(context, table, meta, filled=False)
    return pb.CreateTableResponse()


def _check_indexes(context: TablestoreContext, instance: str, request: Any) -> None:
    """Refuse secondary indexes that cannot be, before anything is created."""
    secondary.check_all(request)
    if any(context.store.table(instance, meta.name) for meta in request.index_metas):
        raise Refusal("OTSObjectAlreadyExist", "Requested table already exists.")
    if len(context.store.tables(instance)) + len(request.index_metas) >= TABLES:
        raise Refusal("OTSQuotaExhausted", "Number of tables exceeds the quota.")


def listing(context: TablestoreContext, instance: str, request: Any) -> Any:
    return pb.ListTableResponse(table_names=[table.name for table in context.store.tables(instance)])


def describe(context: TablestoreContext, instance: str, request: Any) -> Any:
    table = context.table(instance, request.table_name)
    answer = pb.DescribeTableResponse(
        table_meta=table.definition.table_meta, table_options=table.definition.table_options
    )
    _throughput(table, answer.reserved_throughput_details)
    answer.stream_details.enable_stream = False
    answer.sse_details.enable = False
    answer.index_metas.extend(index.meta for _, index in sorted(table.secondary.items()))
    answer.MergeFromString(ACTIVE)
    return answer


def update(context: TablestoreContext, instance: str, request: Any) -> Any:
    table = context.main_table(instance, request.table_name)
    if request.stream_spec.enable_stream:
        raise not_built("UpdateTable with streams")
    definition = pb.CreateTableRequest()
    definition.CopyFrom(table.definition)
    definition.table_options.MergeFrom(request.table_options)
    if request.HasField("reserved_throughput"):
        definition.reserved_throughput.CopyFrom(request.reserved_throughput)
    _options(definition.table_options)
    if table.indexes:
        searchable(definition.table_options)
    if table.secondary:
        secondary.indexable(definition.table_options)
    with context.store.transaction():
        table = context.store.redefine(table, definition.SerializeToString())
        for name, index in list(table.secondary.items()):
            of_index = pb.CreateTableRequest()
            of_index.CopyFrom(index.table.definition)
            of_index.table_options.CopyFrom(definition.table_options)
            context.store.redefine_secondary(table, name, of_index.SerializeToString())
    answer = pb.UpdateTableResponse(table_options=table.definition.table_options)
    _throughput(table, answer.reserved_throughput_details)
    return answer


def delete(context: TablestoreContext, instance: str, request: Any) -> Any:
    table = context.main_table(instance, request.table_name)
    if table.indexes:
        # Unproven code-of-table-with-index: DeleteTable of a table with search indexes is refused with
        #   OTSParameterInvalid.
        # Why: the page says that they must be deleted first, and not with which code this is refused.
        # Ask: DeleteTable of a table that has a search index: the code and the message.
        # The vendor's rule is that they must be deleted first:
        # https://www.alibabacloud.com/help/en/tablestore/developer-reference/delete-tables-by-using-php-sdk
        raise invalid(f"The table has search indexes, delete them first: {', '.join(sorted(table.indexes))}.")
    context.store.drop(table)
    return pb.DeleteTableResponse()


def searchable(options: Any) -> None:
    """Refuse a search index on a table with these options if it cannot have one.

    https://www.alibabacloud.com/help/en/tablestore/developer-reference/create-search-indexes-by-python-sdk
    """
    if options.max_versions != 1:
        raise invalid("A table with search indexes must have max_versions 1.")
    if options.time_to_live != FOREVER and options.allow_update:
        raise invalid("operation is denied as table TTL exists")


def _columns(meta: Any) -> None:
    if not 1 <= len(meta.primary_key) <= 4:
        raise invalid("The number of primary key columns must be in range: [1, 4].")
    if len(meta.defined_column) > DEFINED_COLUMNS:
        raise invalid(f"The number of defined columns exceeds the limit {DEFINED_COLUMNS}.")
    seen = set[str]()
    for column in meta.primary_key:
        checks.name(column.name, "primary key")
        if column.type not in checks.TYPES:
            raise invalid(f"{pb.PrimaryKeyType.Name(column.type)} is an invalid type for the primary key.")
        if column.HasField("option"):
            _check_counted(column, seen)
        if column.name in seen:
            raise invalid(f"Duplicated primary key name: '{column.name}'.")
        seen.add(column.name)
    if sum(column.HasField("option") for column in meta.primary_key) > 1:
        raise invalid("A table can have only one auto-increment column.")
    for column in meta.defined_column:
        if checks.name(column.name, "defined column") in seen:
            raise invalid(f"Duplicated column name: '{column.name}'.")
        seen.add(column.name)


def _check_counted(column: Any, before: set[str]) -> None:
    """Refuse an auto-increment column that cannot be one.

    https://www.alibabacloud.com/help/en/tablestore/auto-increment-of-primary-key
    """
    if column.type != pb.INTEGER:
        raise invalid(f"The auto-increment column '{column.name}' must be an integer.")
    if not before:
        raise invalid(f"The first primary key column '{column.name}' cannot be auto-increment.")


def _options(options: Any) -> None:
    if options.time_to_live != FOREVER and options.time_to_live < SHORTEST_LIFE:
        raise invalid(f"The time to live must be -1 or at least {SHORTEST_LIFE} seconds.")
    if options.max_versions < 1:
        raise invalid("The max versions must be at least 1.")
    if options.deviation_cell_version_in_sec < 1:
        raise invalid("The deviation of cell versions must be at least 1 second.")


def _throughput(table: Table, details: Any) -> None:
    unit = table.definition.reserved_throughput.capacity_unit
    details.capacity_unit.read, details.capacity_unit.write = unit.read, unit.write
    details.last_increase_time = int(table.created)
