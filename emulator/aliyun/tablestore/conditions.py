"""Column conditions of writes and filters of reads, which have the same messages and the same rules."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from emulator.aliyun.tablestore import messages, plainbuffer
from emulator.aliyun.tablestore.refusal import invalid, not_built
from emulator.aliyun.tablestore.values import Bound, Cell, Row, Value

MOST = 10
"""One condition may have so many comparisons:
https://www.alibabacloud.com/help/doc-detail/145461.htm."""

pb = messages.filters
COMPARE: dict[int, Callable[[Any, Any], bool]] = {
    pb.CT_EQUAL: operator.eq,
    pb.CT_NOT_EQUAL: operator.ne,
    pb.CT_GREATER_THAN: operator.gt,
    pb.CT_GREATER_EQUAL: operator.ge,
    pb.CT_LESS_THAN: operator.lt,
    pb.CT_LESS_EQUAL: operator.le,
}

Columns = Mapping[str, "list[Value]"]
"""The values of each column, the newest first."""


def columns_of(row: Row | None) -> Columns:
    """Return the columns of a row and of its key. A row that does not exist has none."""
    values: dict[str, list[Value]] = {}
    if row is not None:
        values = {name: [value] for name, value in row.key if not isinstance(value, Bound)}
        for cell in row.cells:
            values.setdefault(cell.name, []).append(cell.value)
    return values


def paged(condition: bytes, cells: list[Cell]) -> list[Cell]:
    """Return the cells of the columns that a ColumnPaginationFilter chooses. Other filters choose all."""
    try:
        read = messages.read(pb.Filter, condition)
        if read.type != pb.FT_COLUMN_PAGINATION:
            return cells
        page = messages.read(pb.ColumnPaginationFilter, read.filter)
    except messages.DecodeError as error:
        raise invalid("The filter cannot be read.") from error
    if page.offset < 0 or page.limit < 1:
        raise invalid("The offset of a column pagination filter must be at least 0, and its limit at least 1.")
    names = list(dict.fromkeys(cell.name for cell in cells))[page.offset : page.offset + page.limit]
    return [cell for cell in cells if cell.name in names]


def holds(condition: bytes, columns: Columns) -> bool:
    """Tell whether a serialized Filter is true. Bytes that are not a Filter are refused."""
    try:
        read = messages.read(pb.Filter, condition)
        if read.type == pb.FT_COLUMN_PAGINATION:
            return True
        if _count(read) > MOST:
            raise invalid(f"The number of conditions exceeds the limit {MOST}.")
        return _holds(read, columns)
    except (messages.DecodeError, plainbuffer.Malformed) as error:
        raise invalid("The filter cannot be read.") from error


def _count(node: Any) -> int:
    if node.type != pb.FT_COMPOSITE_COLUMN_VALUE:
        return 1
    return sum(_count(part) for part in messages.read(pb.CompositeColumnValueFilter, node.filter).sub_filters)


def _holds(node: Any, columns: Columns) -> bool:
    if node.type == pb.FT_SINGLE_COLUMN_VALUE:
        return _compared(messages.read(pb.SingleColumnValueFilter, node.filter), columns)
    if node.type != pb.FT_COMPOSITE_COLUMN_VALUE:
        raise not_built("column pagination filters in other filters")
    composite = messages.read(pb.CompositeColumnValueFilter, node.filter)
    parts = [_holds(part, columns) for part in composite.sub_filters]
    if composite.combinator == pb.LO_NOT:
        if len(parts) != 1:
            raise invalid("NOT takes exactly one condition.")
        return not parts[0]
    if not parts:
        raise invalid("AND and OR take at least one condition.")
    return all(parts) if composite.combinator == pb.LO_AND else any(parts)


def _compared(comparison: Any, columns: Columns) -> bool:
    if comparison.HasField("value_trans_rule"):
        raise not_built("conditions with a regular expression")
    values = columns.get(comparison.column_name, [])
    if comparison.comparator in (pb.CT_EXIST, pb.CT_NOT_EXIST):
        return bool(values) is bool(comparison.comparator == pb.CT_EXIST)
    wanted = plainbuffer.value_of(comparison.column_value)
    if not values:
        return not comparison.filter_if_missing
    compare = COMPARE[comparison.comparator]
    # No source says how values of different types compare. Here they differ, and neither is the larger one.
    compared = values[:1] if comparison.latest_version_only else values
    return any(compare(value, wanted) if type(value) is type(wanted) else compare is operator.ne for value in compared)
