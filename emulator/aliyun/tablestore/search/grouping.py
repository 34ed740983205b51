"""Groups of the documents that match, with aggregations and groups within each.

https://www.alibabacloud.com/help/en/tablestore/developer-reference/groupby
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from emulator.aliyun.tablestore import messages
from emulator.aliyun.tablestore.refusal import invalid
from emulator.aliyun.tablestore.search import aggregations, composite, histograms
from emulator.aliyun.tablestore.search.documents import Document
from emulator.aliyun.tablestore.search.geometry import Point, distance, geohash
from emulator.aliyun.tablestore.search.groups import Group, by_value, in_order, size_of
from emulator.aliyun.tablestore.search.queries import compiled
from emulator.aliyun.tablestore.search.scope import DEPTH, Scope, check_count

pb = messages.search
Fill = Callable[[Group], None]
# Unproven most-ranges: A GroupByRange, GroupByGeoDistance or GroupByFilter may have 2000 parts.
# Why: no page tells how many.
# Ask: Search with a GroupByRange of 2001 ranges: the code and the message.
RANGES = 2000
"""A group by range, distance or filter may have so many parts."""


def grouped(group_bys: Any, documents: Sequence[Document], scope: Scope) -> Any:
    """Return the GroupBysResult for GroupBys, over the documents that a query has matched."""
    _check(group_bys, scope, 1)
    return _grouped(group_bys, documents, scope)


def _check(group_bys: Any, scope: Scope, depth: int) -> None:
    """Refuse wrong groups and wrong aggregations within them, even if no document would be in them."""
    check_count(group_bys.group_bys, "groups")
    if depth > DEPTH and group_bys.group_bys:
        raise invalid(f"groups within groups must not be deeper than {DEPTH}")
    for group_by in group_bys.group_bys:
        kind, make = MAKERS[group_by.type]
        message = messages.read(kind, group_by.body)
        make(message, (), scope, lambda group: None)
        aggregations.aggregated(message.sub_aggs, (), scope)
        _check(message.sub_group_bys, scope, depth + 1)


def _grouped(group_bys: Any, documents: Sequence[Document], scope: Scope) -> Any:
    result = pb.GroupBysResult()
    for group_by in group_bys.group_bys:
        kind, make = MAKERS[group_by.type]
        message = kind.FromString(group_by.body)
        computed = make(message, documents, scope, _filler(message, scope))
        result.group_by_results.add(
            name=group_by.name, type=group_by.type, group_by_result=computed.SerializeToString()
        )
    return result


def _filler(message: Any, scope: Scope) -> Fill:
    """Return what computes the aggregations and the groups within one group."""

    def fill(group: Group) -> None:
        scope.budget.spend()
        if message.sub_aggs.aggs and group.aggregations is None:
            group.aggregations = aggregations.aggregated(message.sub_aggs, group.documents, scope)
        if message.sub_group_bys.group_bys:
            group.groups = _grouped(message.sub_group_bys, group.documents, scope)

    return fill


def _field(message: Any, documents: Sequence[Document], scope: Scope, fill: Fill) -> Any:
    field = scope.field(message.field_name, histograms.KEYED)
    size = size_of(message)
    groups = in_order(by_value(scope.values(field), documents), message, scope)[:size]
    result = pb.GroupByFieldResult()
    for group in groups:
        fill(group)
        group.show(result.group_by_field_result_items.add(key=group.text(), row_count=group.count))
    return result


def _ranges(message: Any) -> list[tuple[float, float]]:
    if not 1 <= len(message.ranges) <= RANGES:
        raise invalid(f"the number of ranges must be in range: [1, {RANGES}]")
    ranges = [
        (part.begin if part.HasField("begin") else -math.inf, part.end if part.HasField("end") else math.inf)
        for part in message.ranges
    ]
    if any(begin >= end for begin, end in ranges):
        raise invalid("the begin of a range must be less than its end")
    return ranges


def _by_range(message: Any, documents: Sequence[Document], scope: Scope, fill: Fill) -> Any:
    field = scope.field(message.field_name, (pb.LONG, pb.DOUBLE))
    result = pb.GroupByRangeResult()
    _measured(result.group_by_range_result_items, _ranges(message), documents, scope.values(field), fill)
    return result


def _by_distance(message: Any, documents: Sequence[Document], scope: Scope, fill: Fill) -> Any:
    read = scope.values(scope.field(message.field_name, (pb.GEO_POINT,)))
    origin = Point(message.origin.lat, message.origin.lon)
    result = pb.GroupByGeoDistanceResult()

    def distances(document: Document) -> list[float]:
        return [distance(origin, place) for place in read(document)]

    _measured(result.group_by_geo_distance_result_items, _ranges(message), documents, distances, fill)
    return result


def _measured(
    items: Any,
    ranges: Sequence[tuple[float, float]],
    documents: Sequence[Document],
    read: Callable[[Document], list[Any]],
    fill: Fill,
) -> None:
    measured = [(document, read(document)) for document in documents]
    for begin, end in ranges:
        group = Group(None, [part for part, values in measured if any(begin <= value < end for value in values)])
        fill(group)
        group.show(items.add(range_from=begin, range_to=end, row_count=group.count))


def _by_filter(message: Any, documents: Sequence[Document], scope: Scope, fill: Fill) -> Any:
    if not 1 <= len(message.filters) <= RANGES:
        raise invalid(f"the number of filters must be in range: [1, {RANGES}]")
    result = pb.GroupByFilterResult()
    for query in message.filters:
        test = compiled(query, scope.schema)
        group = Group(None, [document for document in documents if test(document)])
        fill(group)
        group.show(result.group_by_filter_result_items.add(row_count=group.count))
    return result


def _by_grid(message: Any, documents: Sequence[Document], scope: Scope, fill: Fill) -> Any:
    read = scope.values(scope.field(message.field_name, (pb.GEO_POINT,)))
    letters, size = message.precision, size_of(message)
    found = by_value(lambda document: [geohash(place, letters) for place in read(document)], documents)
    found.sort(key=lambda group: (-group.count, group.value))
    result = pb.GroupByGeoGridResult()
    for group in found[:size]:
        fill(group)
        name, box = group.value
        item = result.group_by_geo_grid_result_items.add(key=name, row_count=group.count)
        item.geo_grid.top_left.lat, item.geo_grid.top_left.lon = box.north, box.west
        item.geo_grid.bottom_right.lat, item.geo_grid.bottom_right.lon = box.south, box.east
        group.show(item)
    return result


MAKERS: dict[int, tuple[Any, Callable[[Any, Sequence[Document], Scope, Fill], Any]]] = {
    pb.GROUP_BY_FIELD: (pb.GroupByField, _field),
    pb.GROUP_BY_RANGE: (pb.GroupByRange, _by_range),
    pb.GROUP_BY_FILTER: (pb.GroupByFilter, _by_filter),
    pb.GROUP_BY_GEO_DISTANCE: (pb.GroupByGeoDistance, _by_distance),
    pb.GROUP_BY_GEO_GRID: (pb.GroupByGeoGrid, _by_grid),
    pb.GROUP_BY_HISTOGRAM: (pb.GroupByHistogram, histograms.by_number),
    pb.GROUP_BY_DATE_HISTOGRAM: (pb.GroupByDateHistogram, histograms.by_date),
    pb.GROUP_BY_COMPOSITE: (pb.GroupByComposite, composite.by_several),
}
