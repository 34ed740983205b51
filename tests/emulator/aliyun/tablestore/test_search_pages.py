"""The order of the rows that match, their pages, and their counts by value."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from tablestore import (
    ColumnReturnType,
    ColumnsToGet,
    FieldSchema,
    FieldSort,
    FieldType,
    GeoDistanceSort,
    GroupByField,
    GroupKeySort,
    MatchAllQuery,
    NestedFilter,
    PrimaryKeySort,
    RangeQuery,
    RowCountSort,
    Sort,
    SortMode,
    SortOrder,
    TermQuery,
)

from tests.emulator.aliyun.tablestore.asking import index, keys, put, refused, search

FLAT = [
    FieldSchema("pk", FieldType.KEYWORD, index=True),
    FieldSchema("n", FieldType.LONG, index=True, enable_sort_and_agg=True),
    FieldSchema("s", FieldType.KEYWORD, index=True, enable_sort_and_agg=True),
    FieldSchema("ids", FieldType.KEYWORD, index=True, is_array=True, enable_sort_and_agg=True),
    FieldSchema("ns", FieldType.LONG, index=True, is_array=True, enable_sort_and_agg=True),
    FieldSchema("ok", FieldType.BOOLEAN, index=True, enable_sort_and_agg=True),
    FieldSchema("off", FieldType.LONG, index=True, enable_sort_and_agg=False),
    FieldSchema("text", FieldType.TEXT, index=True),
]
NESTED = FieldSchema(
    "labels",
    FieldType.NESTED,
    sub_field_schemas=[
        FieldSchema("id", FieldType.KEYWORD, index=True, enable_sort_and_agg=True),
        FieldSchema("c", FieldType.DOUBLE, index=True, enable_sort_and_agg=True),
    ],
)
UP, DOWN = SortOrder.ASC, SortOrder.DESC
ALL = MatchAllQuery()


def by(*sorters: Any) -> dict[str, Any]:
    return {"sort": Sort(list(sorters))}


@pytest.fixture
def flat(client: Any) -> Any:
    index(client, FLAT)
    return client


@pytest.fixture
def nested(client: Any) -> Any:
    index(client, [*FLAT, NESTED])
    return client


def test_without_a_sort_rows_come_by_key(flat: Any) -> None:
    for pk in "cab":
        put(flat, pk)
    assert keys(flat, ALL) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("sorters", "order"),
    [
        ([PrimaryKeySort(UP)], "abcdef"),
        ([PrimaryKeySort(DOWN)], "fedcba"),
        ([FieldSort("n", UP)], "cabdef"),
        ([FieldSort("n", DOWN)], "dbacef"),
        ([FieldSort("s", UP)], "badcfe"),
        ([FieldSort("s", DOWN)], "cfadbe"),
        ([FieldSort("s", UP), FieldSort("n", DOWN)], "bdacfe"),
        ([FieldSort("ns", UP)], "bacdef"),
        ([FieldSort("ns", DOWN)], "abcdef"),
        ([FieldSort("ns", UP, SortMode.MAX)], "bacdef"),
        ([FieldSort("ns", DOWN, SortMode.MIN)], "abcdef"),
        ([FieldSort("ns", UP, SortMode.AVG)], "bacdef"),
    ],
)
def test_rows_come_in_the_order_asked_for_and_last_those_without_a_value(
    flat: Any, sorters: list[Any], order: str
) -> None:
    put(flat, "a", n=2, s="x", ns="[3, 9]")
    put(flat, "b", n=5, s="w", ns="[1, 8]")
    put(flat, "c", n=-1, s="狗")
    put(flat, "d", n=7, s="x")
    put(flat, "e")
    put(flat, "f", s="狗")
    assert "".join(keys(flat, ALL, **by(*sorters))) == order


def test_the_confidence_of_one_label_orders_rows(nested: Any) -> None:
    for pk, pairs in {"a": {"dog": 0.2, "cat": 0.9}, "b": {"dog": 0.8}, "c": {"cat": 1.0}}.items():
        put(nested, pk, labels=json.dumps([{"id": label_id, "c": c} for label_id, c in pairs.items()]))
    dog = NestedFilter("labels", TermQuery("labels.id", "dog"))
    assert keys(nested, ALL, **by(FieldSort("labels.c", DOWN, SortMode.MAX, dog))) == ["b", "a", "c"]
    assert keys(nested, ALL, **by(FieldSort("labels.c", UP, SortMode.MAX, dog))) == ["a", "b", "c"]


def pages(client: Any, query: Any, between: Any = None, **options: Any) -> list[list[str]]:
    """Return all pages of two rows. `between` is called before each page but the first."""
    found: list[list[str]] = []
    token = None
    while not found or token:
        if found and between:
            between()
        options = {"next_token": token} if token else options
        answer = search(client, query, limit=2, **options)
        found.append([row[0][0][1] for row in answer.rows])
        token = answer.next_token
    return found


@pytest.mark.parametrize("options", [{}, by(PrimaryKeySort(UP)), by(FieldSort("n", UP))])
def test_tokens_lead_through_all_rows_once(flat: Any, options: Any) -> None:
    for n, pk in enumerate("abcde"):
        put(flat, pk, n=n)
    assert pages(flat, ALL, **options) == [["a", "b"], ["c", "d"], ["e"]]


def test_a_last_page_that_is_full_has_no_token(flat: Any) -> None:
    for pk in "abcd":
        put(flat, pk)
    assert pages(flat, ALL) == [["a", "b"], ["c", "d"]]


def test_pages_stay_in_step_while_rows_are_added_and_removed_before_them(flat: Any) -> None:
    for n, pk in enumerate("bdfhj"):
        put(flat, pk, n=n)
    added = iter(["a", "c", "e"])

    def between() -> None:
        put(flat, next(added), n=-1)
        flat.delete_row("t", [("pk", "b")], None)

    assert pages(flat, ALL, between, **by(FieldSort("n", UP))) == [["b", "d"], ["f", "h"], ["j"]]


def test_rows_without_the_value_and_with_equal_values_have_their_pages_too(flat: Any) -> None:
    for pk in "abcd":
        columns: dict[str, Any] = {"n": 1} if pk in "bd" else {}
        put(flat, pk, **columns)
    assert pages(flat, ALL, **by(FieldSort("n", DOWN))) == [["b", "d"], ["a", "c"]]


def test_an_index_with_nested_fields_gives_tokens_only_for_a_sort(nested: Any) -> None:
    for pk in "abc":
        put(nested, pk)
    assert pages(nested, ALL) == [["a", "b"]]
    assert pages(nested, ALL, **by(PrimaryKeySort(UP))) == [["a", "b"], ["c"]]


def test_offset_and_limit_cut_a_page_out_and_the_total_stays(flat: Any) -> None:
    for pk in "abcd":
        put(flat, pk)
    answer = search(flat, ALL, offset=1, limit=2)
    assert [row[0][0][1] for row in answer.rows] == ["b", "c"]
    assert answer.total_count == 4
    assert search(flat, ALL, limit=0).total_count == 4
    assert search(flat, ALL, limit=1, get_total_count=False).total_count == -1


def test_what_pages_cannot_be_is_refused(flat: Any) -> None:
    for pk in "abc":
        put(flat, pk)
    whole = ColumnsToGet(return_type=ColumnReturnType.ALL)
    token = search(flat, ALL, limit=1).next_token
    assert "[0, 100]" in refused(search, flat, ALL, whole, limit=101)[2]
    assert "[0, 1000]" in refused(search, flat, ALL, limit=1001)[2]
    assert "[0, 100000]" in refused(search, flat, ALL, limit=10, offset=99_991)[2]
    assert "sort must not be set" in refused(search, flat, ALL, next_token=token, **by(PrimaryKeySort(UP)))[2]
    assert "offset must be 0" in refused(search, flat, ALL, next_token=token, offset=1)[2]
    for bad in (b"x", token[:-8], b"e30=", base64.b64encode(b"[" * 30_000)):
        assert refused(search, flat, ALL, next_token=bad)[2] == "the next token is invalid"


@pytest.mark.parametrize(
    ("sorter", "message"),
    [
        (FieldSort("none", UP), "field [none] does not exist in the search index"),
        (FieldSort("off", UP), "field [off] is not enabled for sorting and aggregation"),
        (FieldSort("text", UP), "field [text] is not enabled for sorting and aggregation"),
        (FieldSort("labels.c", UP), "sorting by field [labels.c] needs a nested_filter with path labels"),
        (GeoDistanceSort("n", ["1,1"], UP), "field [n] has the wrong type for this sorter"),
        (GeoDistanceSort("n", [], UP), "sorting by distance needs points"),
    ],
)
def test_an_order_that_the_index_does_not_have_says_why(nested: Any, sorter: Any, message: str) -> None:
    assert refused(search, nested, ALL, **by(sorter))[2] == message


def groups(client: Any, group: Any, query: Any = ALL) -> list[tuple[str, int]]:
    (found,) = search(client, query, limit=0, group_bys=[group]).group_by_results
    assert found.name == "g"
    return [(item.key, item.row_count) for item in found.items]


def test_values_are_counted_the_most_frequent_first(flat: Any) -> None:
    for n, ids in enumerate((["cat", "pet"], ["dog", "pet"], ["dog", "pet", "pet"], ["car"], [])):
        put(flat, f"a{n}", n=n, ok=n > 2, ids=json.dumps(ids))
    counted = GroupByField("ids", name="g")
    assert groups(flat, counted) == [("pet", 3), ("dog", 2), ("car", 1), ("cat", 1)]
    assert groups(flat, counted, RangeQuery("n", range_to=1, include_upper=True)) == [
        ("pet", 2),
        ("cat", 1),
        ("dog", 1),
    ]
    assert groups(flat, GroupByField("ids", size=2, name="g")) == [("pet", 3), ("dog", 2)]
    rarest = GroupByField("ids", name="g", group_by_sort=[RowCountSort(UP), GroupKeySort(DOWN)])
    assert groups(flat, rarest) == [("cat", 1), ("car", 1), ("dog", 2), ("pet", 3)]
    assert groups(flat, GroupByField("ok", name="g")) == [("false", 3), ("true", 2)]
    assert groups(flat, GroupByField("n", size=2, name="g", group_by_sort=[GroupKeySort(DOWN)])) == [("4", 1), ("3", 1)]


def test_a_row_counts_once_for_a_label_that_it_has_twice(nested: Any) -> None:
    put(nested, "a", labels='[{"id": "cat", "c": 0.9}, {"id": "cat", "c": 0.5}, {"id": "pet", "c": 0.5}]')
    put(nested, "b", labels='[{"id": "cat", "c": 0.1}]')
    assert groups(nested, GroupByField("labels.id", name="g")) == [("cat", 2), ("pet", 1)]


def test_groups_within_groups_count_their_own_rows(flat: Any) -> None:
    for n, (s, ok) in enumerate((("x", True), ("x", False), ("x", True), ("y", True))):
        put(flat, f"a{n}", s=s, ok=ok)
    within = GroupByField("s", name="g", sub_group_bys=[GroupByField("ok", name="inner")])
    (found,) = search(flat, ALL, limit=0, group_bys=[within]).group_by_results
    inner = {item.key: [(one.key, one.row_count) for one in item.sub_group_bys[0].items] for item in found.items}
    assert inner == {"x": [("true", 2), ("false", 1)], "y": [("true", 1)]}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"group_bys": [GroupByField("off", name="g")]}, "field [off] is not enabled for sorting and aggregation"),
        ({"group_bys": [GroupByField("n", size=2001, name="g")]}, "the size of a group by must be in range: [1, 2000]"),
        (
            {"group_bys": [GroupByField("n", name=str(n)) for n in range(6)]},
            "the number of groups exceeds the limit 5",
        ),
        ({"group_bys": [GroupByField("n", name="g")] * 2}, "the names of groups must differ"),
    ],
)
def test_counts_that_are_not_to_be_had_say_why(flat: Any, options: Any, message: str) -> None:
    assert refused(search, flat, ALL, **options)[2].endswith(message)
