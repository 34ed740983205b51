"""Groups of numbers and dates in intervals of the same length."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from emulator.aliyun.tablestore import messages, plainbuffer
from emulator.aliyun.tablestore.refusal import invalid
from emulator.aliyun.tablestore.search import dates, terms
from emulator.aliyun.tablestore.search.documents import Document
from emulator.aliyun.tablestore.search.groups import MOST, Group, by_value, in_order
from emulator.aliyun.tablestore.search.schema import Field
from emulator.aliyun.tablestore.search.scope import Scope, number

pb = messages.search
KEYED = (pb.LONG, pb.DOUBLE, pb.BOOLEAN, pb.KEYWORD, pb.DATE)
LENGTHS = {
    pb.MILLISECOND: 1,
    pb.SECOND: 1000,
    pb.MINUTE: 60_000,
    pb.HOUR: 3_600_000,
    pb.DAY: 86_400_000,
    pb.WEEK: 7 * 86_400_000,
}
MONTHS = {pb.MONTH: 1, pb.QUARTER_YEAR: 3, pb.YEAR: 12}
LEAST = -(1 << 63)
"""The least integer that a column can hold. An interval cannot begin below it."""
# Unproven first-day-of-week: A GroupByDateHistogram by weeks begins them on Monday.
# Why: no page tells the day.
# Ask: Search with a GroupByDateHistogram of one week over a row of Sunday 2024-01-07: the timestamp of its group.
MONDAY = 4 * 86_400_000
"""The first Monday after the epoch. Weeks begin on Monday."""
Bucket = Callable[[Any], Any]


def by_number(message: Any, documents: Sequence[Document], scope: Scope, fill: Callable[[Group], None]) -> Any:
    field = scope.field(message.field_name, (pb.LONG, pb.DOUBLE))
    result = pb.GroupByHistogramResult()
    for group in _intervals(message, field, documents, scope, number_bucket(message, field), message.missing_value):
        fill(group)
        item = result.group_by_histogra_items.add(key=plainbuffer.variant(group.value), value=group.count)
        group.show(item)
    return result


def by_date(message: Any, documents: Sequence[Document], scope: Scope, fill: Callable[[Group], None]) -> Any:
    field = scope.field(message.field_name, (pb.DATE,))
    result = pb.GroupByDateHistogramResult()
    for group in _intervals(message, field, documents, scope, date_bucket(message), message.missing):
        fill(group)
        group.show(result.group_by_date_histogram_items.add(timestamp=group.value, row_count=group.count))
    return result


def number_bucket(message: Any, field: Field) -> Bucket:
    """Return the function that gives the begin of the interval in which a number lies."""
    interval = number(message.interval, "interval")
    if not interval > 0:
        raise invalid("the interval of a histogram must be greater than 0")
    if field.kind == pb.LONG:
        if not isinstance(interval, int):
            raise invalid(f"the interval of field [{field.name}] must be an integer")
        return lambda value: max(value // interval * interval, LEAST)

    def begin(value: float) -> float:
        steps = value / interval
        return math.floor(steps) * float(interval) if math.isfinite(steps) else value

    return begin


def date_bucket(message: Any) -> Bucket:
    """Return the function that gives the begin of the interval in which a moment lies, in milliseconds."""
    count, unit = message.interval.value, message.interval.unit
    if not 1 <= count <= MOST:
        raise invalid(f"the interval of a date histogram must be in range: [1, {MOST}]")
    shift = _shift(message)
    if unit in MONTHS:
        months = count * MONTHS[unit]
        return lambda value: _month(value + shift, months) - shift
    length = LENGTHS[unit] * count
    begin = MONDAY if unit == pb.WEEK else 0
    return lambda value: (value + shift - begin) // length * length + begin - shift


def _shift(message: Any) -> int:
    """Return by how many milliseconds the intervals are earlier than those of UTC."""
    try:
        shift = dates.offset(message.time_zone or "Z")
    except ValueError:
        raise invalid(f"the time zone {message.time_zone} has not the form +08:00") from None
    if message.HasField("offset"):
        if message.offset.unit not in LENGTHS:
            raise invalid("the offset of a date histogram must be of a unit with a fixed length")
        shift -= message.offset.value * LENGTHS[message.offset.unit]
    return shift


def _month(value: int, months: int) -> int:
    try:
        day = dates.EPOCH + timedelta(milliseconds=value)
    except OverflowError:
        raise invalid("a date is outside of the years 1 to 9999") from None
    index = (day.year * 12 + day.month - 1) // months * months
    first = datetime(max(index // 12, 1), index % 12 + 1, 1, tzinfo=timezone.utc)
    return (first - dates.EPOCH) // timedelta(milliseconds=1)


def _intervals(
    message: Any, field: Field, documents: Sequence[Document], scope: Scope, bucket: Bucket, missing: bytes
) -> list[Group]:
    """Return the groups in order. Those with too few rows are left out, and so are values outside of field_range.

    The default order, by value, and the default of min_doc_count, 1, are those of the vendor's own tests.
    """
    low, high = _limits(message, field)
    read = scope.values(field, missing)

    def buckets(document: Document) -> list[Any]:
        return [bucket(value) for value in read(document) if low <= value <= high]

    groups = by_value(buckets, documents)
    fewest = message.min_doc_count if message.HasField("min_doc_count") else 1
    if math.isfinite(low) and math.isfinite(high):
        _check_count(low, high, bucket, message)
        if fewest <= 0:
            groups += _empty({group.value for group in groups}, low, high, bucket, message)
    return in_order([group for group in groups if group.count >= fewest], message, scope, largest_first=False)[:MOST]


def _limits(message: Any, field: Field) -> tuple[float, float]:
    span = message.field_range
    low: Any = terms.literal(span.min, field) if span.HasField("min") else -math.inf
    high: Any = terms.literal(span.max, field) if span.HasField("max") else math.inf
    if low > high:
        raise invalid("the min of field_range must not be greater than its max")
    return low, high


def _step(message: Any) -> float:
    """Return the least length of an interval."""
    if message.DESCRIPTOR.name == "GroupByHistogram":
        return number(message.interval, "interval")
    count, unit = message.interval.value, message.interval.unit
    return float(LENGTHS[unit] * count if unit in LENGTHS else 28 * LENGTHS[pb.DAY] * MONTHS[unit] * count)


def _check_count(low: float, high: float, bucket: Bucket, message: Any) -> None:
    if (high - low) / _step(message) > MOST:
        # https://www.alibabacloud.com/help/en/tablestore/developer-reference/groupbyhistogram
        raise invalid(f"(field_range.max - field_range.min) / interval exceeds the limit {MOST}")


def _empty(known: set[Any], low: float, high: float, bucket: Bucket, message: Any) -> list[Group]:
    """Return a group without rows for each interval that has none. There are at most about 2,000 intervals."""
    step = _step(message)
    begins = {bucket(type(low)(low + step * index)) for index in range(int((high - low) / step) + 1)}
    return [Group(begin, []) for begin in sorted(begins - known)]
