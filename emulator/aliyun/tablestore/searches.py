"""Search: the rows that match a query, in an order, one page at a time, with counts."""

from __future__ import annotations

from typing import Any

from emulator.aliyun.tablestore import messages, plainbuffer
from emulator.aliyun.tablestore.context import TablestoreContext
from emulator.aliyun.tablestore.indexes import existing
from emulator.aliyun.tablestore.refusal import invalid, not_built
from emulator.aliyun.tablestore.search.documents import Document
from emulator.aliyun.tablestore.search.grouping import grouped
from emulator.aliyun.tablestore.search.queries import compiled
from emulator.aliyun.tablestore.search.sorting import Order, resumed
from emulator.aliyun.tablestore.table import Index, Table
from emulator.aliyun.tablestore.values import Row

pb = messages.search
LIMIT, LARGEST, LARGEST_FROM_INDEX, DEEPEST = 10, 100, 1000, 100_000
"""An answer has so many rows by default, so many at most, and so many at most if the index holds all their columns. The
offset and the rows together may be the last number:
https://www.alibabacloud.com/help/en/tablestore/limits-on-search-index."""


def run(context: TablestoreContext, instance: str, request: Any) -> Any:
    table, index = existing(context, instance, request)
    try:
        return _run(context, table, index, request, messages.read(pb.SearchQuery, request.search_query))
    except messages.DecodeError as error:
        raise invalid("The search query cannot be read.") from error
    except plainbuffer.Malformed as error:
        raise invalid("A value of the search query cannot be read.") from error


def _run(context: TablestoreContext, table: Table, index: Index, request: Any, query: Any) -> Any:
    for name, requested in (
        ("aggregations", len(query.aggs.aggs) > 0),
        ("collapse", query.HasField("collapse")),
        ("highlights", query.HasField("highlight")),
        ("routing", len(request.routing_values) > 0),
    ):
        if requested:
            raise not_built(f"Search with {name}")
    view, now = context.views.of(table, index), context.now()
    limit, from_index = _limit(request, query, view.schema.names | {name for name, _ in table.columns})
    test = compiled(query.query, view.schema)
    order, after = _order(query, index, view.schema)
    hits = [
        (order.place(document, key), document)
        for key, document in view.documents(now)
        if test(document) and table.alive(document.row, now) is not None
    ]
    answer = pb.SearchResponse(is_all_succeed=True, total_hits=len(hits) if query.get_total_count else -1)
    if query.group_bys.group_bys:
        members = [document for _, document in hits]
        answer.group_bys = grouped(query.group_bys, members, view.schema).SerializeToString()
    places = order.by
    if after is not None:
        hits = [hit for hit in hits if order.compare(hit[0], after) > 0]
    hits.sort(key=lambda hit: places(hit[0]))
    page = hits[query.offset : query.offset + limit]
    for _, document in page:
        if row := _shown(context, table, request.columns_to_get, document, from_index):
            answer.rows.append(plainbuffer.write([row]))
    sorted_by = query.HasField("sort") or after is not None or len(index.definition.schema.index_sort.sorter) > 0
    if page and sorted_by and query.offset + limit < len(hits):
        # An index with nested fields has no sort of its own. Without a sort there is no token: test_queries of the SDK.
        answer.next_token = order.token(page[-1][0])
    return answer


def _order(query: Any, index: Index, schema: Any) -> tuple[Order, Any]:
    if not query.token:
        return Order(query.sort if query.HasField("sort") else index.definition.schema.index_sort, schema), None
    if query.HasField("sort"):
        raise invalid("sort must not be set with a next token, which holds it")
    if query.offset:
        raise invalid("offset must be 0 with a next token")
    return resumed(query.token, schema)


def _limit(request: Any, query: Any, held: frozenset[str]) -> tuple[int, bool]:
    """Return how many rows the answer has at most, and whether the index holds all columns that the client wants."""
    wanted = request.columns_to_get
    kind = wanted.return_type
    from_index = kind in (pb.RETURN_NONE, pb.RETURN_ALL_FROM_INDEX) or (
        kind == pb.RETURN_SPECIFIED and held.issuperset(wanted.column_names)
    )
    limit, most = query.limit if query.HasField("limit") else LIMIT, LARGEST_FROM_INDEX if from_index else LARGEST
    if not 0 <= limit <= most:
        raise invalid(f"the limit must be in range: [0, {most}]")
    if query.offset < 0 or query.offset + limit > DEEPEST:
        raise invalid(f"offset and limit together must be in range: [0, {DEEPEST}]: use the next token")
    return limit, from_index


def _shown(context: TablestoreContext, table: Table, wanted: Any, document: Document, from_index: bool) -> Row | None:
    """Return the row with the columns for which the client asks. Those that the index lacks come from the table."""
    row = document.row
    if not from_index:
        assert row is not None
        row = table.alive(context.store.get(table, row.key), context.now())
    if row is None or wanted.return_type == pb.RETURN_ALL:
        return row
    if wanted.return_type == pb.RETURN_SPECIFIED:
        names = set(wanted.column_names)
    elif wanted.return_type == pb.RETURN_ALL_FROM_INDEX:
        names = set(document.values) | set(document.nested)
    else:
        names = set()
    return row._replace(cells=tuple(cell for cell in row.cells if cell.name in names))
