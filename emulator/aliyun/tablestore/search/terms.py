"""Queries that compare the values of one field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from emulator.aliyun.tablestore import messages, plainbuffer
from emulator.aliyun.tablestore.refusal import invalid, not_built
from emulator.aliyun.tablestore.search import dates
from emulator.aliyun.tablestore.search.documents import Document
from emulator.aliyun.tablestore.search.schema import Field, Schema
from emulator.aliyun.tablestore.values import Value

pb = messages.search
Test = Callable[[Document], bool]
CLAUSES = 1024
"""A query may have so many clauses or terms: https://www.alibabacloud.com/help/en/tablestore/limits-on-search-index."""
WILDCARD, PREFIX_BYTES = 32, 1000
"""A wildcard query may have so many characters, and a prefix so many bytes:
https://www.alibabacloud.com/help/en/tablestore/limits-on-search-index."""


def literal(variant: bytes, field: Field) -> Value:
    """Return a value with which a field is compared. The vendor's own tests send numbers and booleans as text too."""
    value = plainbuffer.value_of(variant)
    read: Value | None = None
    if field.kind in (pb.KEYWORD, pb.TEXT):
        read = value if isinstance(value, str) else None
    elif field.kind == pb.BOOLEAN:
        read = value in (True, "true") if isinstance(value, bool) or value in ("true", "false") else None
    elif field.kind == pb.DATE:
        read = dates.milliseconds(value, field.definition.date_formats)
    elif field.kind in (pb.LONG, pb.DOUBLE):
        read = _number(value, field)
    if read is None:
        raise invalid(f"the value for field [{field.name}] has the wrong type")
    return read


def _number(value: Value, field: Field) -> Value | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if not isinstance(value, str):
        return None
    try:
        return int(value) if field.kind == pb.LONG else float(value)
    except ValueError:
        return None


def everything(query: Any, schema: Schema, path: str) -> Test:
    return lambda document: True


def term(query: Any, schema: Schema, path: str) -> Test:
    field = schema.searched(query.field_name, path)
    return one_of(field, [literal(query.term, field)])


def terms(query: Any, schema: Schema, path: str) -> Test:
    if not 1 <= len(query.terms) <= CLAUSES:
        raise invalid(f"the number of terms must be in range: [1, {CLAUSES}]")
    field = schema.searched(query.field_name, path)
    return one_of(field, [literal(term, field) for term in query.terms])


def one_of(field: Field, wanted: Sequence[Value]) -> Test:
    name, any_of = field.name, frozenset(wanted)
    if field.kind == pb.TEXT and field.analyzer.fuzzy is not None:
        has = field.analyzer.has
        return lambda document: any(has(document.values.get(name, ()), str(word)) for word in any_of)
    return lambda document: not any_of.isdisjoint(document.values.get(name, ()))


def within(query: Any, schema: Schema, path: str) -> Test:
    field = schema.searched(query.field_name, path)
    name = field.name
    low: Any = literal(query.range_from, field) if query.HasField("range_from") else None
    high: Any = literal(query.range_to, field) if query.HasField("range_to") else None
    if low is None and high is None:
        raise invalid("a range query needs range_from or range_to")
    with_low, with_high = query.include_lower, query.include_upper

    def holds(value: Any) -> bool:
        if low is not None and not (value > low or (with_low and value == low)):
            return False
        return high is None or bool(value < high or (with_high and value == high))

    return lambda document: any(holds(value) for value in document.values.get(name, ()))


def prefix(query: Any, schema: Schema, path: str) -> Test:
    name, wanted = _text(query, schema, path).name, query.prefix
    if len(wanted.encode()) > PREFIX_BYTES:
        raise invalid(f"the length of a prefix exceeds the limit {PREFIX_BYTES}")
    return lambda document: any(value.startswith(wanted) for value in document.values.get(name, ()))


def wildcard(query: Any, schema: Schema, path: str) -> Test:
    name, pattern = _text(query, schema, path).name, query.value
    if len(pattern) > WILDCARD:
        raise invalid(f"the length of a wildcard query exceeds the limit {WILDCARD}")
    return lambda document: any(fits(value, pattern) for value in document.values.get(name, ()))


def fits(text: str, pattern: str) -> bool:
    """Tell whether a text fits a pattern, in which * stands for any characters and ? for one.

    The time is at most the product of the two lengths, whatever the pattern is.
    """
    at, spot, star, mark = 0, 0, -1, 0
    while at < len(text):
        if spot < len(pattern) and pattern[spot] == "*":
            star, mark, spot = spot, at, spot + 1
        elif spot < len(pattern) and pattern[spot] in ("?", text[at]):
            at, spot = at + 1, spot + 1
        elif star >= 0:
            mark += 1
            at, spot = mark, star + 1
        else:
            return False
    return pattern[spot:].strip("*") == ""


def exists(query: Any, schema: Schema, path: str) -> Test:
    name = schema.searched(query.field_name, path).name
    return lambda document: name in document.values


def _text(query: Any, schema: Schema, path: str) -> Field:
    field = schema.searched(query.field_name, path)
    if field.kind not in (pb.KEYWORD, pb.TEXT):
        raise invalid(f"field [{field.name}] has no prefixes")
    if field.kind == pb.TEXT and field.analyzer.fuzzy is not None:
        raise not_built(f"prefix and wildcard queries on {field.name}, which has the analyzer fuzzy")
    return field
