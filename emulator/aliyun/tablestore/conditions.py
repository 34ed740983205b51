"""Column conditions of writes and filters of reads: the same messages, the same rules."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from emulator.aliyun.tablestore import messages, plainbuffer
from emulator.aliyun.tablestore.refusal import invalid, not_built
from emulator.aliyun.tablestore.values import Bound, Row, Value

MOST = 10
"""Comparisons in one condition: https://www.alibabacloud.com/help/en/tablestore/developer-reference/configure-conditional-update-by-using-python-sdk."""

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
"""Values by column, the newest first."""


def columns(row: Row | None) -> Columns:
    """Those of the key too; a row that does not exist has none."""
    found: dict[str, list[Value]] = {}
    if row is not None:
        found = {name: [value] for name, value in row.key if not isinstance(value, Bound)}
        for cell in row.cells:
            found.setdefault(cell.name, []).append(cell.value)
    return found


def holds(condition: bytes, of: Columns) -> bool:
    """Whether a serialized Filter is true; Refusal if it is none."""
    try:
        read = messages.read(pb.Filter, condition)
        if _count(read) > MOST:
            raise invalid(f"The number of conditions exceeds the limit {MOST}.")
        return _holds(read, of)
    except (messages.DecodeError, plainbuffer.Malformed) as error:
        raise invalid("The filter cannot be read.") from error


def _count(node: Any) -> int:
    if node.type != pb.FT_COMPOSITE_COLUMN_VALUE:
        return 1
    return sum(_count(one) for one in messages.read(pb.CompositeColumnValueFilter, node.filter).sub_filters)


def _holds(node: Any, of: Columns) -> bool:
    if node.type == pb.FT_SINGLE_COLUMN_VALUE:
        return _compared(messages.read(pb.SingleColumnValueFilter, node.filter), of)
    if node.type != pb.FT_COMPOSITE_COLUMN_VALUE:
        raise not_built("column pagination filters")
    composite = messages.read(pb.CompositeColumnValueFilter, node.filter)
    parts = [_holds(one, of) for one in composite.sub_filters]
    if composite.combinator == pb.LO_NOT:
        if len(parts) != 1:
            raise invalid("NOT takes exactly one condition.")
        return not parts[0]
    if not parts:
        raise invalid("AND and OR take at least one condition.")
    return all(parts) if composite.combinator == pb.LO_AND else any(parts)


def _compared(one: Any, of: Columns) -> bool:
    if one.HasField("value_trans_rule"):
        raise not_built("conditions with a regular expression")
    values = of.get(one.column_name, [])
    if one.comparator in (pb.CT_EXIST, pb.CT_NOT_EXIST):
        return bool(values) is bool(one.comparator == pb.CT_EXIST)
    wanted = plainbuffer.value_of(one.column_value)
    if not values:
        return not one.filter_if_missing
    compare = COMPARE[one.comparator]
    # No source says how values of different types compare; here they differ, and neither is the larger.
    looked_at = values[:1] if one.latest_version_only else values
    return any(compare(value, wanted) if type(value) is type(wanted) else compare is operator.ne for value in looked_at)
