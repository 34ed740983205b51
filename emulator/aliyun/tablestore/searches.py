"""Search: the rows that match a query, in an order, one page at a time, with counts, aggregations and groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from emulator.aliyun.tablestore import messages, plainbuffer
from emulator.aliyun.tablestore.context import TablestoreContext
from emulator.aliyun.tablestore.indexes import existing
from emulator.aliyun.tablestore.refusal import invalid
from emulator.aliyun.tablestore.search.aggregations import aggregated
from emulator.aliyun.tablestore.search.documents import Document
from emulator.aliyun.tablestore.search.grouping import grouped
from emulator.aliyun.tablestore.search.highlights import Highlighter
from emulator.aliyun.tablestore.search.queries import compiled
from emulator.aliyun.tablestore.search.schema import Schema
from emulator.aliyun.tablestore.search.scope import Scope
from emulator.aliyun.tablestore.search.scoring import Corpus, Score, scorer
from emulator.aliyun.tablestore.search.sorting import Order, Place, resumed
from emulator.aliyun.tablestore.search_rows import RowReader
from emulator.aliyun.tablestore.table import Index, Table

pb = messages.search
LIMIT, LARGEST, LARGEST_FROM_INDEX, DEEPEST = 10, 100, 1000, 100_000
"""An answer has so many rows by default, so many at most, and so many at most if the index holds all their columns. The
offset and the rows together may be the last number:
https://www.alibabacloud.com/help/en/tablestore/limits-on-search-index."""


Hit: TypeAlias = "tuple[Place, Document]"


def run(context: TablestoreContext, instance: str, request: Any) -> Any:
    table, index = existing(context, instance, request)
    return read_query(lambda: _run(context, table, index, request))


def read_query(act: Callable[[], Any]) -> Any:
    """Return what `act` returns. A query that cannot be read is refused."""
    try:
        return act()
    except messages.DecodeError as error:
        raise invalid("The search query cannot be read.") from error
    except plainbuffer.Malformed as error:
        raise invalid("A value of the search query cannot be read.") from error


def _run(context: TablestoreContext, table: Table, index: Index, request: Any) -> Any:
    query = messages.read(pb.SearchQuery, request.search_query)
    _check_routing(request, index)
    view, now = context.views.of(table, index), context.now()
    schema, reader = view.schema, RowReader(context, table, view.schema, request.columns_to_get)
    limit = _limit(query, reader.in_index)
    test = compiled(query.query, schema)
    corpus = Corpus(lambda: (document for _, document in view.documents(now)))
    score = _late(lambda: scorer(query.query, schema, corpus))
    order, after = _order(query, index, schema, score)
    highlighter = Highlighter(query.highlight, query.query, schema) if query.HasField("highlight") else None
    hits = [
        (order.place(document, key), document)
        for key, document in view.documents(now)
        if test(document) and table.alive(document.row, now) is not None
    ]
    answer = pb.SearchResponse(is_all_succeed=True, total_hits=len(hits) if query.get_total_count else -1)
    _summarize(answer, query, hits, Scope(schema, score, reader.row))
    if after is not None:
        hits = [hit for hit in hits if order.compare(hit[0], after) > 0]
    places = order.by
    hits.sort(key=lambda hit: places(hit[0]))
    if query.HasField("collapse"):
        hits = _collapsed(hits, query.collapse.field_name, schema)
    page = hits[query.offset : query.offset + limit]
    scored = any(sorter.HasField("score_sort") for sorter in order.sort.sorter)
    for _, document in page:
        if row := reader.row(document):
            answer.rows.append(row)
            if scored or highlighter is not None:
                marked = highlighter.marked(document) if highlighter is not None else None
                answer.search_hits.add(score=score(document), highlight_result=marked)
    sorted_by = query.HasField("sort") or after is not None or len(index.definition.schema.index_sort.sorter) > 0
    if page and sorted_by and not query.HasField("collapse") and query.offset + limit < len(hits):
        # An index with nested fields has no sort of its own. Without a sort there is no token: test_queries of the SDK.
        answer.next_token = order.token(page[-1][0])
    return answer


def _check_routing(request: Any, index: Index) -> None:
    """Refuse routing values on an index without routing fields. Otherwise they choose the only partition there is."""
    if request.routing_values and not index.definition.schema.index_setting.routing_fields:
        raise invalid("the search index has no routing fields")


def _late(make: Callable[[], Score]) -> Score:
    """Return a score that is made when it is first asked for: most searches never need it."""
    made: list[Score] = []

    def score(document: Document) -> float:
        if not made:
            made.append(make())
        return made[0](document)

    return score


def _summarize(answer: Any, query: Any, hits: Sequence[Hit], scope: Scope) -> None:
    documents = [document for _, document in hits] if query.aggs.aggs or query.group_bys.group_bys else []
    if query.aggs.aggs:
        answer.aggs = aggregated(query.aggs, documents, scope).SerializeToString()
    if query.group_bys.group_bys:
        answer.group_bys = grouped(query.group_bys, documents, scope).SerializeToString()


def _order(query: Any, index: Index, schema: Schema, score: Score) -> tuple[Order, Place | None]:
    if not query.token:
        sort = query.sort if query.HasField("sort") else index.definition.schema.index_sort
        return Order(sort, schema, score), None
    if query.HasField("sort"):
        raise invalid("sort must not be set with a next token, which holds it")
    if query.offset:
        raise invalid("offset must be 0 with a next token")
    if query.HasField("collapse"):
        raise invalid("collapse must not be set with a next token: use the offset")
    return resumed(query.token, schema, score)


def _limit(query: Any, from_index: bool) -> int:
    """Return how many rows the answer has at most."""
    limit: int = query.limit if query.HasField("limit") else LIMIT
    most = LARGEST_FROM_INDEX if from_index else LARGEST
    if not 0 <= limit <= most:
        raise invalid(f"the limit must be in range: [0, {most}]")
    if query.offset < 0 or query.offset + limit > DEEPEST:
        raise invalid(f"offset and limit together must be in range: [0, {DEEPEST}]: use the next token")
    return limit


# Unproven collapse-of-missing: Collapse counts all hits without a value as one value.
# Why: the page does not tell what becomes of them.
# Ask: Search with Collapse over two rows that lack the field: how many are in the answer.
def _collapsed(hits: Sequence[Hit], name: str, schema: Schema) -> list[Hit]:
    """Return the first hit of each value of a field. The hits without a value count as one value.

    https://www.alibabacloud.com/help/en/tablestore/developer-reference/collapse-by-using-python-sdk
    """
    field = schema.sorted(name, "")
    if field.array or field.kind not in (pb.KEYWORD, pb.LONG, pb.DOUBLE):
        raise invalid(f"field [{name}] must be a KEYWORD or a number, and no array, to collapse by it")
    firsts: dict[Any, Hit] = {}
    for hit in hits:
        value = hit[1].values.get(name)
        firsts.setdefault(value[0] if value else None, hit)
    return list(firsts.values())
