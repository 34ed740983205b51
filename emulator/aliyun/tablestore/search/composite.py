"""Groups by several fields at once, one page at a time.

https://www.alibabacloud.com/help/en/tablestore/developer-reference/groupbycomposite (unchecked)
"""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable, Sequence
from typing import Any

from emulator.aliyun.tablestore import messages
from emulator.aliyun.tablestore.refusal import invalid, not_built
from emulator.aliyun.tablestore.search.documents import Document
from emulator.aliyun.tablestore.search.groups import Group, by_value, shown, size_of
from emulator.aliyun.tablestore.search.histograms import KEYED, date_bucket, number_bucket
from emulator.aliyun.tablestore.search.scope import Scope

pb = messages.search
# Unproven most-sources: One GroupByComposite may have 20 sources.
# Why: no page that could be read tells how many.
# Ask: Search with a GroupByComposite of 21 sources: the code and the message.
SOURCES = 20
"""One composite may have so many sources."""
# Unproven most-groups-of-row: A row may be in 1000 groups of a GroupByComposite.
# Why: no page tells a number.
# Ask: Search with a GroupByComposite over two arrays of 40 values in one row: the number of groups, or the code.
PRODUCT = 1000
"""A row may be in so many groups. Values of several arrays multiply."""


def by_several(message: Any, documents: Sequence[Document], scope: Scope, fill: Callable[[Group], None]) -> Any:
    sources = message.sources.group_bys
    if not 1 <= len(sources) <= SOURCES:
        raise invalid(f"the number of sources must be in range: [1, {SOURCES}]")
    readers = [_reader(source, scope) for source in sources]

    def combined(document: Document) -> list[tuple[Any, ...]]:
        values = [dict.fromkeys(read(document)) or {None: None} for read in readers]
        if _product(values) > PRODUCT:
            raise invalid(f"a row is in more than {PRODUCT} groups")
        return list(itertools.product(*values))

    groups = sorted(by_value(combined, documents), key=lambda group: _place(group.value))
    if message.next_token:
        groups = _behind(groups, _place(_read(message.next_token, len(sources))))
    size = size_of(message)
    result = pb.GroupByCompositeResult(source_group_by_names=[source.name for source in sources])
    for group in groups[:size]:
        fill(group)
        item = result.group_by_composite_result_items.add(
            keys=["" if value is None else shown(value) for value in group.value],
            is_null_keys=[value is None for value in group.value],
            row_count=group.count,
        )
        group.show(item)
    if len(groups) > size:
        result.next_token = base64.b64encode(json.dumps(groups[size - 1].value).encode()).decode()
    return result


def _reader(source: Any, scope: Scope) -> Callable[[Document], list[Any]]:
    """Return what reads the values of one source."""
    if source.type == pb.GROUP_BY_FIELD:
        message = messages.read(pb.GroupByField, source.body)
        return scope.values(scope.field(message.field_name, KEYED))
    if source.type == pb.GROUP_BY_HISTOGRAM:
        message = messages.read(pb.GroupByHistogram, source.body)
        field = scope.field(message.field_name, (pb.LONG, pb.DOUBLE))
        bucket, missing = number_bucket(message, field), message.missing_value
    elif source.type == pb.GROUP_BY_DATE_HISTOGRAM:
        message = messages.read(pb.GroupByDateHistogram, source.body)
        field = scope.field(message.field_name, (pb.DATE,))
        bucket, missing = date_bucket(message), message.missing
    else:
        raise not_built(f"a composite with {pb.GroupByType.Name(source.type)}")
    read = scope.values(field, missing)
    return lambda document: [bucket(value) for value in read(document)]


# Unproven place-of-missing-value: A missing value comes before all others in a GroupByComposite.
# Why: no page tells its place.
# Ask: Search with a GroupByComposite over rows of which one lacks the field: the place of its group.
def _place(values: Sequence[Any]) -> tuple[Any, ...]:
    """Return the place of a group among the others. A missing value comes first."""
    return tuple((value is not None, value if value is not None else 0) for value in values)


def _behind(groups: list[Group], place: tuple[Any, ...]) -> list[Group]:
    try:
        return [group for group in groups if _place(group.value) > place]
    except TypeError:
        raise invalid("the next token of a composite is invalid") from None


def _product(values: Sequence[Any]) -> int:
    product = 1
    for part in values:
        product *= len(part)
    return product


def _read(token: str, sources: int) -> list[Any]:
    try:
        values = json.loads(base64.b64decode(token, validate=True))
    except (ValueError, RecursionError):
        raise invalid("the next token of a composite is invalid") from None
    if not isinstance(values, list) or len(values) != sources:
        raise invalid("the next token of a composite is invalid")
    return values
