"""Queries, which become tests of one document. Relevance is not computed: a row matches or it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.aliyun.tablestore import messages, plainbuffer
from emulator.aliyun.tablestore.refusal import invalid, not_built
from emulator.aliyun.tablestore.search.documents import Document, words
from emulator.aliyun.tablestore.search.schema import Field, Schema
from emulator.aliyun.tablestore.values import Value

pb = messages.search
Test = Callable[[Document], bool]
CLAUSES = 1024
"""A query may have so many clauses or terms: https://www.alibabacloud.com/help/en/tablestore/limits-on-search-index."""


def compiled(query: Any, schema: Schema, path: str = "") -> Test:
    """Return the test for a Query. Kinds of queries that are not built are refused.

    The query is below the nested field `path`, which is empty for the row itself.
    """
    make = MAKERS.get(query.type)
    if make is None:
        raise not_built(f"Search with {pb.QueryType.Name(query.type)}")
    message, build = make
    return build(messages.read(message, query.query), schema, path)


def literal(variant: bytes, field: Field) -> Value:
    """Return a value with which a field is compared. The vendor's own tests send numbers and booleans as text too."""
    value = plainbuffer.value_of(variant)
    if field.kind in (pb.KEYWORD, pb.TEXT):
        if isinstance(value, str):
            return value
    elif field.kind == pb.BOOLEAN:
        if isinstance(value, bool) or value in ("true", "false"):
            return value in (True, "true")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    elif isinstance(value, str):
        try:
            return int(value) if field.kind == pb.LONG else float(value)
        except ValueError:
            pass
    raise invalid(f"the value for field [{field.name}] has the wrong type")


def _all(query: Any, schema: Schema, path: str) -> Test:
    return lambda document: True


def _term(query: Any, schema: Schema, path: str) -> Test:
    field = schema.searched(query.field_name, path)
    return _one_of(field, [literal(query.term, field)])


def _terms(query: Any, schema: Schema, path: str) -> Test:
    if not 1 <= len(query.terms) <= CLAUSES:
        raise invalid(f"the number of terms must be in range: [1, {CLAUSES}]")
    field = schema.searched(query.field_name, path)
    return _one_of(field, [literal(term, field) for term in query.terms])


def _one_of(field: Field, wanted: list[Value]) -> Test:
    name, any_of = field.name, frozenset(wanted)
    return lambda document: not any_of.isdisjoint(document.values.get(name, ()))


def _range(query: Any, schema: Schema, path: str) -> Test:
    field = schema.searched(query.field_name, path)
    name = field.name
    low: Any = literal(query.range_from, field) if query.HasField("range_from") else None
    high: Any = literal(query.range_to, field) if query.HasField("range_to") else None
    if low is None and high is None:
        raise invalid("a range query needs range_from or range_to")
    with_low, with_high = query.include_lower, query.include_upper

    def within(value: Any) -> bool:
        if low is not None and not (value > low or (with_low and value == low)):
            return False
        return high is None or bool(value < high or (with_high and value == high))

    return lambda document: any(within(value) for value in document.values.get(name, ()))


def _prefix(query: Any, schema: Schema, path: str) -> Test:
    field, prefix = schema.searched(query.field_name, path), query.prefix
    if field.kind not in (pb.KEYWORD, pb.TEXT):
        raise invalid(f"field [{field.name}] has no prefixes")
    name = field.name
    return lambda document: any(str(value).startswith(prefix) for value in document.values.get(name, ()))


def _match(query: Any, schema: Schema, path: str) -> Test:
    field = schema.searched(query.field_name, path)
    if field.kind != pb.TEXT:
        variant = plainbuffer.variant(query.text)
        return _one_of(field, [literal(variant, field)])
    name, wanted = field.name, words(query.text)
    needed = len(wanted) if query.operator == pb.AND else max(1, _minimum(query) or 1)
    return lambda document: (
        bool(wanted) and sum(word in document.values.get(name, ()) for word in wanted) >= min(needed, len(wanted))
    )


def _exists(query: Any, schema: Schema, path: str) -> Test:
    name = schema.searched(query.field_name, path).name
    return lambda document: name in document.values


def _nested(query: Any, schema: Schema, path: str) -> Test:
    if query.HasField("inner_hits"):
        raise not_built("Search with inner hits")
    name = schema.nested(query.path, path).name
    test = compiled(query.query, schema, name)
    return lambda document: any(test(child) for child in document.nested.get(name, ()))


def _bool(query: Any, schema: Schema, path: str) -> Test:
    required = [compiled(part, schema, path) for part in (*query.must_queries, *query.filter_queries)]
    refused = [compiled(part, schema, path) for part in query.must_not_queries]
    optional = [compiled(part, schema, path) for part in query.should_queries]
    if len(required) + len(refused) + len(optional) > CLAUSES:
        raise invalid(f"the number of clauses exceeds the limit {CLAUSES}")
    minimum = _minimum(query)
    needed = minimum if minimum is not None else int(bool(optional) and not required)
    if not optional:
        needed = 0

    def test(document: Document) -> bool:
        if not all(matches(document) for matches in required) or any(matches(document) for matches in refused):
            return False
        return needed == 0 or sum(matches(document) for matches in optional) >= needed

    return test


def _minimum(query: Any) -> int | None:
    if query.new_minimum_should_match and not query.new_minimum_should_match.isdigit():
        raise not_built(f"minimum_should_match {query.new_minimum_should_match}")
    if query.new_minimum_should_match:
        return int(query.new_minimum_should_match)
    return int(query.minimum_should_match) if query.HasField("minimum_should_match") else None


MAKERS: dict[int, tuple[Any, Callable[[Any, Schema, str], Test]]] = {
    pb.MATCH_ALL_QUERY: (pb.MatchAllQuery, _all),
    pb.TERM_QUERY: (pb.TermQuery, _term),
    pb.TERMS_QUERY: (pb.TermsQuery, _terms),
    pb.RANGE_QUERY: (pb.RangeQuery, _range),
    pb.PREFIX_QUERY: (pb.PrefixQuery, _prefix),
    pb.MATCH_QUERY: (pb.MatchQuery, _match),
    pb.EXISTS_QUERY: (pb.ExistsQuery, _exists),
    pb.NESTED_QUERY: (pb.NestedQuery, _nested),
    pb.BOOL_QUERY: (pb.BoolQuery, _bool),
}
