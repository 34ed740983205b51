"""Queries, which become tests of one document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.aliyun.tablestore import messages
from emulator.aliyun.tablestore.refusal import invalid, not_built
from emulator.aliyun.tablestore.search import geo, matching, terms
from emulator.aliyun.tablestore.search.documents import Document
from emulator.aliyun.tablestore.search.schema import Schema
from emulator.aliyun.tablestore.search.terms import CLAUSES, Test

pb = messages.search


def compiled(query: Any, schema: Schema, path: str = "") -> Test:
    """Return the test for a Query. Kinds of queries that are not built are refused.

    The query is below the nested field `path`, which is empty for the row itself.
    """
    make = MAKERS.get(query.type)
    if make is None:
        raise not_built(f"Search with {pb.QueryType.Name(query.type)}")
    message, build = make
    return build(messages.read(message, query.query), schema, path)


def read(query: Any) -> Any:
    """Return the message of its own kind that is within a Query."""
    return messages.read(MAKERS[query.type][0], query.query)


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
    minimum = matching.minimum(query, len(optional))
    needed = minimum if minimum is not None else int(bool(optional) and not required)
    if not optional:
        needed = 0

    def test(document: Document) -> bool:
        if not all(matches(document) for matches in required) or any(matches(document) for matches in refused):
            return False
        return needed == 0 or sum(matches(document) for matches in optional) >= needed

    return test


def _constant(query: Any, schema: Schema, path: str) -> Test:
    return compiled(query.filter, schema, path)


def _function(query: Any, schema: Schema, path: str) -> Test:
    factor = schema.searched(query.field_value_factor.field_name, path)
    if factor.kind not in (pb.LONG, pb.DOUBLE):
        raise invalid(f"field [{factor.name}] is not a number, which field_value_factor needs")
    return compiled(query.query, schema, path)


def _best(query: Any, schema: Schema, path: str) -> Test:
    parts = [compiled(part, schema, path) for part in query.queries]
    if not 1 <= len(parts) <= CLAUSES:
        raise invalid(f"the number of queries must be in range: [1, {CLAUSES}]")
    return lambda document: any(part(document) for part in parts)


MAKERS: dict[int, tuple[Any, Callable[[Any, Schema, str], Test]]] = {
    pb.MATCH_ALL_QUERY: (pb.MatchAllQuery, terms.everything),
    pb.TERM_QUERY: (pb.TermQuery, terms.term),
    pb.TERMS_QUERY: (pb.TermsQuery, terms.terms),
    pb.RANGE_QUERY: (pb.RangeQuery, terms.within),
    pb.PREFIX_QUERY: (pb.PrefixQuery, terms.prefix),
    pb.WILDCARD_QUERY: (pb.WildcardQuery, terms.wildcard),
    pb.EXISTS_QUERY: (pb.ExistsQuery, terms.exists),
    pb.MATCH_QUERY: (pb.MatchQuery, matching.match),
    pb.MATCH_PHRASE_QUERY: (pb.MatchPhraseQuery, matching.phrase),
    pb.GEO_DISTANCE_QUERY: (pb.GeoDistanceQuery, geo.circle),
    pb.GEO_BOUNDING_BOX_QUERY: (pb.GeoBoundingBoxQuery, geo.box),
    pb.GEO_POLYGON_QUERY: (pb.GeoPolygonQuery, geo.polygon),
    pb.NESTED_QUERY: (pb.NestedQuery, _nested),
    pb.BOOL_QUERY: (pb.BoolQuery, _bool),
    pb.CONST_SCORE_QUERY: (pb.ConstScoreQuery, _constant),
    pb.FUNCTION_SCORE_QUERY: (pb.FunctionScoreQuery, _function),
    pb.DIS_MAX_QUERY: (pb.DisMaxQuery, _best),
}
