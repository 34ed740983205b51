"""Grouping: how many rows have each value of a field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emulator.aliyun.tablestore import messages
from emulator.aliyun.tablestore.refusal import invalid, not_built
from emulator.aliyun.tablestore.search.documents import Document
from emulator.aliyun.tablestore.search.schema import Schema

pb = messages.search
SIZE, MOST = 10, 2000
"""An answer has so many groups by default, and so many at most:
https://www.alibabacloud.com/help/en/tablestore/developer-reference/groupbyfield."""


def grouped(group_bys: Any, documents: Sequence[Document], schema: Schema) -> Any:
    """Return the GroupBysResult for GroupBys, over the documents that a query has matched."""
    result = pb.GroupBysResult()
    for group_by in group_bys.group_bys:
        if group_by.type != pb.GROUP_BY_FIELD:
            raise not_built(f"Search with {pb.GroupByType.Name(group_by.type)}")
        field = messages.read(pb.GroupByField, group_by.body)
        group_result = result.group_by_results.add(name=group_by.name, type=group_by.type)
        group_result.group_by_result = _by_field(field, documents, schema).SerializeToString()
    return result


def _by_field(group_by: Any, documents: Sequence[Document], schema: Schema) -> Any:
    if group_by.sub_aggs.aggs:
        raise not_built("Search with aggregations in groups")
    size = group_by.size if group_by.HasField("size") else SIZE
    if not 1 <= size <= MOST:
        raise invalid(f"the size of a group by must be in range: [1, {MOST}]")
    name, path = group_by.field_name, schema.path(group_by.field_name)
    schema.sorted(name, path)
    groups: dict[Any, list[Document]] = {}
    for document in documents:
        # A row counts once for each of its values, even if several of its nested documents have that value. No source
        # says so for nested fields.
        for value in dict.fromkeys(_values(document, name, path)):
            groups.setdefault(value, []).append(document)
    ordered = _ordered(list(groups.items()), group_by.sort)
    result = pb.GroupByFieldResult()
    for value, members in ordered[:size]:
        item = result.group_by_field_result_items.add(key=_shown(value), row_count=len(members))
        if group_by.sub_group_bys.group_bys:
            item.sub_group_bys_result.CopyFrom(grouped(group_by.sub_group_bys, members, schema))
    return result


def _values(document: Document, name: str, path: str) -> list[Any]:
    if not path:
        return list(document.values.get(name, ()))
    above = path.rpartition(".")[0]
    parents = [document] if not above else _below(document, above)
    return [
        value for parent in parents for child in parent.nested.get(path, ()) for value in child.values.get(name, ())
    ]


def _below(document: Document, path: str) -> list[Document]:
    above = path.rpartition(".")[0]
    parents = _below(document, above) if above else [document]
    return [child for parent in parents for child in parent.nested.get(path, ())]


def _ordered(groups: list[tuple[Any, list[Document]]], sort: Any) -> list[tuple[Any, list[Document]]]:
    groups.sort(key=lambda group: group[0])
    if not sort.sorters:
        groups.sort(key=lambda group: -len(group[1]))
    for sorter in reversed(sort.sorters):
        if sorter.HasField("sub_agg_sort"):
            raise not_built("Search with groups sorted by an aggregation")
        by_key = sorter.HasField("group_key_sort")
        down = (sorter.group_key_sort if by_key else sorter.row_count_sort).order == pb.SORT_ORDER_DESC
        groups.sort(key=lambda group: group[0] if by_key else len(group[1]), reverse=down)
    return groups


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
