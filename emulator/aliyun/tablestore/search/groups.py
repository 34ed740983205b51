"""One group of documents, and the order of groups."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from emulator.aliyun.tablestore import messages
from emulator.aliyun.tablestore.refusal import invalid
from emulator.aliyun.tablestore.search import aggregations
from emulator.aliyun.tablestore.search.documents import Document
from emulator.aliyun.tablestore.search.scope import Scope

pb = messages.search
SIZE, MOST = 10, 2000
"""An answer has so many groups by default, and so many at most:
https://www.alibabacloud.com/help/en/tablestore/developer-reference/groupbyfield."""


@dataclass(slots=True)
class Group:
    """`value` is what the documents of a group share."""

    value: Any
    documents: list[Document]
    aggregations: Any = None
    groups: Any = None

    @property
    def count(self) -> int:
        return len(self.documents)

    def text(self) -> str:
        return shown(self.value)

    def show(self, item: Any) -> None:
        """Put the results within the group into an item of an answer."""
        if self.aggregations is not None:
            item.sub_aggs_result.CopyFrom(self.aggregations)
        if self.groups is not None:
            item.sub_group_bys_result.CopyFrom(self.groups)


def shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def size_of(message: Any) -> int:
    size: int = message.size if message.HasField("size") else SIZE
    if not 1 <= size <= MOST:
        raise invalid(f"the size of a group by must be in range: [1, {MOST}]")
    return size


def by_value(read: Callable[[Document], Iterable[Hashable]], documents: Sequence[Document]) -> list[Group]:
    """Return one group for each value.

    A row counts once for each of its values, even if several of its nested documents have that value. No source says so
    for nested fields.
    """
    found: dict[Any, list[Document]] = {}
    for document in documents:
        for value in dict.fromkeys(read(document)):
            found.setdefault(value, []).append(document)
    return [Group(value, members) for value, members in found.items()]


def in_order(groups: list[Group], message: Any, scope: Scope, largest_first: bool = True) -> list[Group]:
    """Sort groups as the message tells, or the largest first, or else by their values. Values decide a tie."""
    groups.sort(key=lambda group: group.value)
    if not message.sort.sorters and largest_first:
        groups.sort(key=lambda group: -group.count)
    for sorter in reversed(message.sort.sorters):
        fields = sorter.ListFields()
        if len(fields) != 1:
            raise invalid("a sorter of groups must have exactly one kind")
        groups.sort(key=_key(sorter, groups, message, scope), reverse=fields[0][1].order == pb.SORT_ORDER_DESC)
    return groups


def _key(sorter: Any, groups: list[Group], message: Any, scope: Scope) -> Callable[[Group], Any]:
    if sorter.HasField("group_key_sort"):
        return lambda group: group.value
    if sorter.HasField("row_count_sort"):
        return lambda group: group.count
    name = sorter.sub_agg_sort.sub_agg_name
    aggregations.sort_value(aggregations.aggregated(message.sub_aggs, (), scope), name)
    for group in groups:
        if group.aggregations is None:
            group.aggregations = aggregations.aggregated(message.sub_aggs, group.documents, scope)
    return lambda group: aggregations.sort_value(group.aggregations, name)
