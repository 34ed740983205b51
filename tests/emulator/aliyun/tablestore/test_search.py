"""Queries: which rows each kind matches, over columns, arrays and nested fields."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tablestore import (
    BoolQuery,
    ColumnReturnType,
    ColumnsToGet,
    ExistsQuery,
    FieldSchema,
    FieldType,
    InnerHits,
    KnnVectorQuery,
    MatchAllQuery,
    MatchQuery,
    NestedQuery,
    PrefixQuery,
    QueryOperator,
    RangeQuery,
    TermQuery,
    TermsQuery,
    WildcardQuery,
)

from emulator.aliyun.tablestore.search.terms import fits
from tests.emulator.aliyun.tablestore.asking import NONE, create, index, keys, put, refused, search

K, L, D, B, T, N = (
    FieldType.KEYWORD,
    FieldType.LONG,
    FieldType.DOUBLE,
    FieldType.BOOLEAN,
    FieldType.TEXT,
    FieldType.NESTED,
)
FIELDS = [
    FieldSchema("pk", K, index=True),
    FieldSchema("key", K, index=True),
    FieldSchema("size", L, index=True),
    FieldSchema("score", D, index=True),
    FieldSchema("ok", B, index=True),
    FieldSchema("text", T, index=True),
    FieldSchema("hidden", K, index=False),
    FieldSchema("ids", K, index=True, is_array=True),
    FieldSchema("sizes", L, index=True, is_array=True),
    FieldSchema(
        "labels",
        N,
        sub_field_schemas=[
            FieldSchema("id", K, index=True),
            FieldSchema("confidence", D, index=True),
            FieldSchema("parents", K, index=True, is_array=True),
        ],
    ),
]


def labels(*pairs: tuple[str, float]) -> str:
    return json.dumps([{"id": label_id, "confidence": confidence} for label_id, confidence in pairs])


ROWS: dict[str, dict[str, Any]] = {
    "a": {
        "key": "photos/cat.jpg",
        "size": 10,
        "score": 0.5,
        "ok": True,
        "text": "A cat on the mat",
        "ids": '["cat", "pet"]',
        "sizes": "[1, 20]",
        "labels": labels(("cat", 0.9), ("dog", 0.2)),
        "unindexed": "x",
        "hidden": "x",
    },
    "b": {
        "key": "photos/狗.jpg",
        "size": 20,
        "score": 1.5,
        "ok": False,
        "text": "一只小狗 2024",
        "ids": '["dog", "pet"]',
        "labels": labels(("dog", 0.8)),
    },
    "c": {"key": "videos/cat.mp4", "size": -5, "labels": "[]", "ids": "[]"},
    "d": {},
}


@pytest.fixture
def indexed(client: Any) -> Any:
    index(client, FIELDS)
    for pk, columns in ROWS.items():
        put(client, pk, **columns)
    return client


def label(label_id: str, least: float) -> Any:
    parts = [TermQuery("labels.id", label_id), RangeQuery("labels.confidence", range_from=least, include_lower=True)]
    return NestedQuery("labels", BoolQuery(must_queries=parts))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (MatchAllQuery(), "abcd"),
        (TermQuery("pk", "a"), "a"),
        (TermQuery("key", "photos/狗.jpg"), "b"),
        (TermQuery("key", "photos"), ""),
        (TermQuery("size", 20), "b"),
        (TermQuery("size", "20"), "b"),
        (TermQuery("score", 0.5), "a"),
        (TermQuery("ok", False), "b"),
        (TermQuery("text", "cat"), "a"),
        (TermQuery("text", "狗"), "b"),
        (TermQuery("text", "on the"), ""),
        (TermQuery("ids", "pet"), "ab"),
        (TermQuery("sizes", 20), "a"),
        (TermsQuery("key", ["photos/cat.jpg", "videos/cat.mp4", "none"]), "ac"),
        (TermsQuery("size", [10, -5, 7]), "ac"),
        (TermsQuery("ids", ["cat", "dog"]), "ab"),
        (RangeQuery("size", 10, 20, include_lower=True, include_upper=True), "ab"),
        (RangeQuery("size", 10, 20, include_lower=False, include_upper=True), "b"),
        (RangeQuery("size", 10, 20, include_lower=True, include_upper=False), "a"),
        (RangeQuery("size", range_to=10, include_upper=False), "c"),
        (RangeQuery("score", range_from=0.5, include_lower=False), "b"),
        (RangeQuery("key", "photos/a", "photos/d", include_lower=True, include_upper=True), "a"),
        (RangeQuery("sizes", 2, 19, include_lower=True, include_upper=True), ""),
        (PrefixQuery("key", "photos/"), "ab"),
        (PrefixQuery("key", "photos/狗"), "b"),
        (PrefixQuery("key", ""), "abc"),
        (MatchQuery("text", "CAT dog"), "a"),
        (MatchQuery("text", "cat dog", operator=QueryOperator.AND), ""),
        (MatchQuery("text", "mat cat", operator=QueryOperator.AND), "a"),
        (MatchQuery("text", "cat mat dog", minimum_should_match=2), "a"),
        (MatchQuery("text", "cat mat dog", minimum_should_match=3), ""),
        (MatchQuery("text", "小猫"), "b"),
        (MatchQuery("text", ""), ""),
        (MatchQuery("key", "photos/cat.jpg"), "a"),
        (ExistsQuery("size"), "abc"),
        (ExistsQuery("ids"), "ab"),
        (BoolQuery(must_queries=[TermQuery("ids", "pet")], must_not_queries=[TermQuery("ids", "dog")]), "a"),
        (BoolQuery(filter_queries=[TermQuery("ids", "pet")], must_queries=[TermQuery("size", 20)]), "b"),
        (BoolQuery(must_not_queries=[ExistsQuery("size")]), "d"),
        (BoolQuery(should_queries=[TermQuery("size", 20), TermQuery("size", 10)]), "ab"),
        (
            BoolQuery(
                should_queries=[TermQuery("ids", "pet"), TermQuery("size", 10), TermQuery("size", 20)],
                minimum_should_match=2,
            ),
            "ab",
        ),
        (BoolQuery(must_queries=[ExistsQuery("size")], should_queries=[TermQuery("size", 20)]), "abc"),
        (
            BoolQuery(
                must_queries=[ExistsQuery("size")], should_queries=[TermQuery("size", 20)], minimum_should_match=1
            ),
            "b",
        ),
        (BoolQuery(), "abcd"),
        (label("dog", 0.0), "ab"),
        (label("dog", 0.8), "b"),
        (label("dog", 0.85), ""),
        (label("cat", 0.9), "a"),
        (BoolQuery(must_not_queries=[label("dog", 0.5)]), "acd"),
        (NestedQuery("labels", BoolQuery(must_not_queries=[TermQuery("labels.id", "dog")])), "a"),
        (NestedQuery("labels", MatchAllQuery()), "ab"),
    ],
)
def test_a_query_finds_these_rows_and_no_others(indexed: Any, query: Any, found: str) -> None:
    answer = search(indexed, query)
    assert sorted(keys(indexed, query)) == list(found)
    assert answer.total_count == len(found)
    assert answer.is_all_succeed


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ({"size": "10"}, ExistsQuery("size")),
        ({"size": 1.0}, ExistsQuery("size")),
        ({"score": 1}, ExistsQuery("score")),
        ({"key": 5}, ExistsQuery("key")),
        ({"key": "k" * 4097}, ExistsQuery("key")),
        ({"ids": "cat"}, ExistsQuery("ids")),
        ({"ids": '["cat", 5]'}, ExistsQuery("ids")),
        ({"ids": '["cat"'}, ExistsQuery("ids")),
        ({"ids": json.dumps(["x"] * 257)}, ExistsQuery("ids")),
        ({"labels": '{"id": "cat"}'}, NestedQuery("labels", MatchAllQuery())),
        ({"labels": '["cat"]'}, NestedQuery("labels", MatchAllQuery())),
        ({"labels": "cat"}, NestedQuery("labels", MatchAllQuery())),
        ({"labels": json.dumps([{"id": "x"}] * 257)}, NestedQuery("labels", MatchAllQuery())),
        ({"labels": '[{"id": 5}]'}, NestedQuery("labels", ExistsQuery("labels.id"))),
        ({"labels": '[{"other": "x"}]'}, NestedQuery("labels", ExistsQuery("labels.id"))),
    ],
)
def test_a_value_of_another_form_is_not_found_but_its_row_is(client: Any, columns: Any, found: Any) -> None:
    index(client, FIELDS)
    put(client, "a", **columns)
    assert keys(client, found) == []
    assert keys(client, MatchAllQuery()) == ["a"]


def test_numbers_without_a_fraction_are_doubles_within_json(client: Any) -> None:
    index(client, FIELDS)
    put(client, "a", labels='[{"id": "cat", "confidence": 1}]')
    assert keys(client, label("cat", 0.9)) == ["a"]


def test_an_array_within_a_nested_field_matches_by_any_of_its_values(client: Any) -> None:
    index(client, FIELDS)
    put(client, "a", labels='[{"id": "cat", "parents": ["animal", "pet"]}, {"id": "car", "parents": ["thing"]}]')

    def both(label_id: str, parent: str) -> Any:
        parts = [TermQuery("labels.id", label_id), TermQuery("labels.parents", parent)]
        return NestedQuery("labels", BoolQuery(must_queries=parts))

    assert keys(client, both("cat", "pet")) == ["a"]
    assert keys(client, both("car", "pet")) == []


def test_a_row_whose_key_is_over_1000_bytes_is_not_found(ots: Any) -> None:
    client = ots.ots()
    create(client)
    index(client, FIELDS)
    put(client, "k" * 1000, size=1)
    put(client, "k" * 1001, size=1)
    assert keys(client, ExistsQuery("size")) == ["k" * 1000]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (TermQuery("none", 1), "field [none] does not exist in the search index"),
        (TermQuery("unindexed", "x"), "field [unindexed] does not exist in the search index"),
        (TermQuery("hidden", "x"), "field [hidden] is not indexed"),
        (TermQuery("size", "many"), "the value for field [size] has the wrong type"),
        (TermQuery("key", 5), "the value for field [key] has the wrong type"),
        (TermQuery("ok", 1), "the value for field [ok] has the wrong type"),
        (TermQuery("labels", "cat"), "field [labels] is nested: query its fields within a NestedQuery"),
        (TermQuery("labels.id", "cat"), "field [labels.id] can be queried within a NestedQuery with path labels only"),
        (NestedQuery("labels", TermQuery("size", 1)), "field [size] can be queried within no NestedQuery only"),
        (NestedQuery("size", MatchAllQuery()), "[size] is not the path of a nested field"),
        (PrefixQuery("size", "1"), "field [size] has no prefixes"),
        (RangeQuery("size"), "a range query needs range_from or range_to"),
        (TermsQuery("size", []), "the number of terms must be in range: [1, 1024]"),
        (TermsQuery("size", list(range(1025))), "the number of terms must be in range: [1, 1024]"),
    ],
)
def test_a_query_that_the_index_cannot_answer_says_why(indexed: Any, query: Any, message: str) -> None:
    assert refused(search, indexed, query) == (400, "OTSParameterInvalid", message)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        (KnnVectorQuery("size", 1, [1.0]), "Search with KNN_VECTOR_QUERY"),
        (NestedQuery("labels", MatchAllQuery(), inner_hits=InnerHits(None, 0, 1, None)), "Search with inner hits"),
        (MatchQuery("text", "a", minimum_should_match="2<75%"), "minimum_should_match 2<75%"),
    ],
)
def test_a_query_that_is_not_built_is_refused_by_name(indexed: Any, query: Any, name: str) -> None:
    message = f"The emulator does not have this operation: {name}"
    assert refused(search, indexed, query)[1:] == ("OTSUnsupportOperation", message)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("photos/*", ["a", "b"]),
        ("*.jpg", ["a", "b"]),
        ("photos/???.jpg", ["a"]),
        ("photos/?.jpg", ["b"]),
        ("*cat*", ["a"]),
        ("photos", []),
        ("*", ["a", "b"]),
        ("**c*t**g", ["a"]),
        ("", []),
    ],
)
def test_a_star_stands_for_any_characters_and_a_question_mark_for_one(
    indexed: Any, pattern: str, found: list[str]
) -> None:
    assert [key for key in keys(indexed, WildcardQuery("key", pattern)) if key in "ab"] == found


def test_a_pattern_of_many_stars_costs_no_more_than_the_product_of_the_lengths() -> None:
    assert not fits("a" * 4096, "*a" * 15 + "*b")


def test_a_wildcard_longer_than_32_characters_and_a_prefix_longer_than_1000_bytes_are_refused(indexed: Any) -> None:
    assert refused(search, indexed, WildcardQuery("key", "*" * 33))[2].endswith("exceeds the limit 32")
    assert refused(search, indexed, PrefixQuery("key", "k" * 1001))[2].endswith("exceeds the limit 1000")


def shown(client: Any, columns: Any) -> dict[str, Any]:
    (row,) = search(client, TermQuery("pk", "a"), columns).rows
    assert row[0] == [("pk", "a")]
    return {name: value for name, value, _ in row[1]}


def test_of_a_row_only_the_columns_asked_for_come(indexed: Any) -> None:
    assert shown(indexed, NONE) == {}
    assert shown(indexed, ColumnsToGet(return_type=ColumnReturnType.ALL)) == ROWS["a"]
    some = ColumnsToGet(["size", "unindexed", "none"], ColumnReturnType.SPECIFIED)
    assert shown(indexed, some) == {"size": 10, "unindexed": "x"}
    from_index = shown(indexed, ColumnsToGet(return_type=ColumnReturnType.ALL_FROM_INDEX))
    assert from_index == {name: value for name, value in ROWS["a"].items() if name != "unindexed"}


def test_a_changed_or_removed_row_is_found_as_it_is_now(indexed: Any) -> None:
    put(indexed, "a", key="new")
    assert keys(indexed, TermQuery("ids", "pet")) == ["b"]
    assert keys(indexed, TermQuery("key", "new")) == ["a"]
    indexed.delete_row("t", [("pk", "b")], None)
    assert keys(indexed, TermQuery("ids", "pet")) == []
