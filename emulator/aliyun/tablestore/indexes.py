"""CreateSearchIndex, ListSearchIndex, DescribeSearchIndex, DeleteSearchIndex."""

from __future__ import annotations

from typing import Any

from emulator.aliyun.tablestore import checks, messages
from emulator.aliyun.tablestore.context import TablestoreContext
from emulator.aliyun.tablestore.refusal import invalid, not_built
from emulator.aliyun.tablestore.search import analysis, schema
from emulator.aliyun.tablestore.search.schema import Schema
from emulator.aliyun.tablestore.search.sorting import Order
from emulator.aliyun.tablestore.table import FOREVER, Index, Table
from emulator.aliyun.tablestore.tables import searchable
from emulator.core.refusal import Refusal

pb = messages.search
INDEXES = 20
"""One table may have so many search indexes: https://www.alibabacloud.com/help/en/tablestore/limits-on-search-index."""

RUNNING = bytes([8 << 3 | 2, 2, 1 << 3, 3])
"""The bytes of the field index_status, a message whose field status is RUNNING. The vendor's SDK for Node reads it from
every DescribeSearchIndexResponse (npm tablestore, tablestore_search.proto). The definitions for Python lack it."""


def create(context: TablestoreContext, instance: str, request: Any) -> Any:
    table = context.main_table(instance, request.table_name)
    checks.name(request.index_name, "index")
    if request.index_name in table.indexes:
        raise Refusal("OTSObjectAlreadyExist", "Requested index already exists.")
    if len(table.indexes) >= INDEXES:
        raise Refusal("OTSQuotaExhausted", "Number of search indexes exceeds the quota.")
    if request.HasField("time_to_live") and request.time_to_live != FOREVER:
        raise not_built("CreateSearchIndex with a time to live")
    searchable(table.definition.table_options)
    schema.checked(request.schema)
    _defaults(request.schema)
    Order(request.schema.index_sort, Schema(request.schema))
    context.store.create_index(table, context.now() / 1000, request.SerializeToString())
    context.views.add(table, table.indexes[request.index_name])
    return pb.CreateSearchIndexResponse()


def listing(context: TablestoreContext, instance: str, request: Any) -> Any:
    tables = [context.table(instance, request.table_name)] if request.table_name else context.store.tables(instance)
    answer = pb.ListSearchIndexResponse()
    for table in tables:
        for name in sorted(table.indexes):
            answer.indices.add(table_name=table.name, index_name=name)
    return answer


def describe(context: TablestoreContext, instance: str, request: Any) -> Any:
    table, index = existing(context, instance, request)
    now = context.now()
    answer = pb.DescribeSearchIndexResponse(
        schema=index.definition.schema, create_time=int(index.created * 1_000_000), time_to_live=FOREVER
    )
    answer.sync_stat.sync_phase = pb.INCR if context.views.of(table, index).complete_at <= now else pb.FULL
    answer.sync_stat.current_sync_timestamp = now * 1_000_000
    answer.MergeFromString(RUNNING)
    return answer


def delete(context: TablestoreContext, instance: str, request: Any) -> Any:
    table, index = existing(context, instance, request)
    context.store.drop_index(table, index.name)
    context.views.remove(table, index.name)
    return pb.DeleteSearchIndexResponse()


def existing(context: TablestoreContext, instance: str, request: Any) -> tuple[Table, Index]:
    """Return the table and the search index that a request names. If there is no such index, it is refused."""
    table = context.table(instance, request.table_name)
    index = table.indexes.get(request.index_name)
    if index is None:
        raise Refusal("OTSObjectNotExist", "Requested index does not exist.")
    return table, index


def _defaults(definition: Any) -> None:
    """Add what a definition leaves out, as the service shows it when it describes the index."""
    nested = any(field.field_type == pb.NESTED for field in definition.field_schemas)
    if nested and definition.index_sort.sorter:
        # https://www.alibabacloud.com/help/doc-detail/106370.htm
        raise invalid("A search index with nested fields cannot have an index sort.")
    if not nested and not definition.index_sort.sorter:
        definition.index_sort.sorter.add().pk_sort.order = pb.SORT_ORDER_ASC
    for field in definition.field_schemas:
        _field_defaults(field)


def _field_defaults(field: Any) -> None:
    for child in field.field_schemas:
        _field_defaults(child)
    if field.field_type != pb.NESTED and not field.HasField("index"):
        field.index = True
    if field.field_type == pb.TEXT and not field.analyzer:
        field.analyzer = analysis.SINGLE_WORD
