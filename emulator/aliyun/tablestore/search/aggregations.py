"""Aggregations: one result over all documents that match.

https://www.alibabacloud.com/help/en/tablestore/developer-reference/aggregation
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from emulator.aliyun.tablestore import messages, plainbuffer
from emulator.aliyun.tablestore.refusal import invalid, not_built
from emulator.aliyun.tablestore.search.documents import Document
from emulator.aliyun.tablestore.search.scope import Scope, check_count
from emulator.aliyun.tablestore.search.sorting import Order
from emulator.aliyun.tablestore.values import ordered

pb = messages.search
NUMBERS = (pb.LONG, pb.DOUBLE, pb.DATE)
ANY = (pb.LONG, pb.DOUBLE, pb.DATE, pb.BOOLEAN, pb.KEYWORD, pb.GEO_POINT)
TOP_ROWS = 100
"""TopRows returns so many rows at most: https://www.alibabacloud.com/help/en/tablestore/limits-on-search-index."""


def aggregated(aggregations: Any, documents: Sequence[Document], scope: Scope) -> Any:
    """Return the AggregationsResult for Aggregations."""
    check_count(aggregations.aggs, "aggregations")
    result = pb.AggregationsResult()
    for aggregation in aggregations.aggs:
        make = MAKERS.get(aggregation.type)
        if make is None:
            raise not_built(f"Search with {pb.AggregationType.Name(aggregation.type)}")
        kind, compute = make
        computed = compute(messages.read(kind, aggregation.body), documents, scope)
        result.agg_results.add(name=aggregation.name, type=aggregation.type, agg_result=computed.SerializeToString())
    return result


def sort_value(result: Any, name: str) -> float:
    """Return the number of one AggregationsResult by which groups are sorted."""
    for aggregation in result.agg_results:
        kind = VALUES.get(aggregation.type)
        if aggregation.name == name and kind is not None:
            return float(kind.FromString(aggregation.agg_result).value)
    raise invalid(f"there is no sub aggregation [{name}] with one number, by which groups could be sorted")


def _numbers(aggregation: Any, documents: Sequence[Document], scope: Scope) -> list[int | float]:
    field = scope.field(aggregation.field_name, NUMBERS)
    read = scope.values(field, aggregation.missing)
    return [value for document in documents for value in read(document)]


def _total(numbers: Sequence[int | float]) -> float:
    try:
        return math.fsum(numbers)
    except (ValueError, OverflowError):
        # The numbers are not finite, or their sum is not.
        return float(sum(numbers))


# Unproven aggregations-of-nothing: Over no values, the minimum is infinity, the maximum is minus infinity, and the
#   average and the sum are those of Python.
# Why: no page tells the result of no values.
# Ask: Search with Min, Max, Avg and Sum over a query that no row matches: the values.
def _minimum(aggregation: Any, documents: Sequence[Document], scope: Scope) -> Any:
    return pb.MinAggregationResult(value=min(_numbers(aggregation, documents, scope), default=math.inf))


def _maximum(aggregation: Any, documents: Sequence[Document], scope: Scope) -> Any:
    return pb.MaxAggregationResult(value=max(_numbers(aggregation, documents, scope), default=-math.inf))


def _sum(aggregation: Any, documents: Sequence[Document], scope: Scope) -> Any:
    return pb.SumAggregationResult(value=_total(_numbers(aggregation, documents, scope)))


def _average(aggregation: Any, documents: Sequence[Document], scope: Scope) -> Any:
    numbers = _numbers(aggregation, documents, scope)
    return pb.AvgAggregationResult(value=_total(numbers) / len(numbers) if numbers else math.nan)


def _count(aggregation: Any, documents: Sequence[Document], scope: Scope) -> Any:
    read = scope.values(scope.field(aggregation.field_name, ANY))
    return pb.CountAggregationResult(value=sum(len(read(document)) for document in documents))


def _distinct(aggregation: Any, documents: Sequence[Document], scope: Scope) -> Any:
    read = scope.values(scope.field(aggregation.field_name, ANY), aggregation.missing)
    return pb.DistinctCountAggregationResult(value=len({value for document in documents for value in read(document)}))


def _percentiles(aggregation: Any, documents: Sequence[Document], scope: Scope) -> Any:
    field = scope.field(aggregation.field_name, NUMBERS)
    read = scope.values(field, aggregation.missing_value)
    wanted = sorted(set(aggregation.percentiles))
    if not wanted or not all(0 <= percentile <= 100 for percentile in wanted):
        raise invalid("percentiles must be in range: [0, 100]")
    numbers = sorted(value for document in documents for value in read(document))
    result = pb.PercentilesAggregationResult()
    for percentile in wanted if numbers else ():
        value = _between(numbers, percentile / 100 * (len(numbers) - 1))
        shown = float(value) if field.kind == pb.DOUBLE else int(value)
        result.percentiles_aggregation_items.add(key=percentile, value=plainbuffer.variant(shown))
    return result


def _between(numbers: Sequence[int | float], at: float) -> float:
    """Return the number at a place, which may lie between two numbers."""
    low, high = numbers[math.floor(at)], numbers[math.ceil(at)]
    return low + (high - low) * (at - math.floor(at))


def _top_rows(aggregation: Any, documents: Sequence[Document], scope: Scope) -> Any:
    limit = aggregation.limit if aggregation.HasField("limit") else 1
    if not 1 <= limit <= TOP_ROWS:
        raise invalid(f"the limit of top rows must be in range: [1, {TOP_ROWS}]")
    order = Order(aggregation.sort, scope.schema, scope.score)
    keyed = [(document, ordered(document.row.key)) for document in documents if document.row is not None]
    placed = sorted(((order.place(*pair), pair[0]) for pair in keyed), key=lambda hit: order.by(hit[0]))
    rows = [scope.row(document) for _, document in placed[:limit]]
    return pb.TopRowsAggregationResult(rows=[row for row in rows if row])


Compute = Callable[[Any, Sequence[Document], Scope], Any]
MAKERS: dict[int, tuple[Any, Compute]] = {
    pb.AGG_MIN: (pb.MinAggregation, _minimum),
    pb.AGG_MAX: (pb.MaxAggregation, _maximum),
    pb.AGG_SUM: (pb.SumAggregation, _sum),
    pb.AGG_AVG: (pb.AvgAggregation, _average),
    pb.AGG_COUNT: (pb.CountAggregation, _count),
    pb.AGG_DISTINCT_COUNT: (pb.DistinctCountAggregation, _distinct),
    pb.AGG_PERCENTILES: (pb.PercentilesAggregation, _percentiles),
    pb.AGG_TOP_ROWS: (pb.TopRowsAggregation, _top_rows),
}
VALUES = {
    pb.AGG_MIN: pb.MinAggregationResult,
    pb.AGG_MAX: pb.MaxAggregationResult,
    pb.AGG_SUM: pb.SumAggregationResult,
    pb.AGG_AVG: pb.AvgAggregationResult,
    pb.AGG_COUNT: pb.CountAggregationResult,
    pb.AGG_DISTINCT_COUNT: pb.DistinctCountAggregationResult,
}
