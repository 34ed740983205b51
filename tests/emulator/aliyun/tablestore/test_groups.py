"""Groups of each kind, their order, and what is computed within them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from tablestore import (
    FieldRange,
    FieldSchema,
    FieldType,
    GeoPoint,
    GroupByComposite,
    GroupByDateHistogram,
    GroupByField,
    GroupByFilter,
    GroupByGeoDistance,
    GroupByGeoGrid,
    GroupByHistogram,
    GroupByRange,
    GroupKeySort,
    MatchAllQuery,
    Max,
    Percentiles,
    RowCountSort,
    SortOrder,
    SubAggSort,
    Sum,
    TermQuery,
)
from tablestore.group_by import DateTimeUnit, DateTimeValue, GeoHashPrecision

from emulator.aliyun.tablestore.search import scope
from tests.emulator.aliyun.tablestore.asking import index, put, refused, search

FIELDS = [
    FieldSchema("n", FieldType.LONG, index=True),
    FieldSchema("d", FieldType.DOUBLE, index=True),
    FieldSchema("k", FieldType.KEYWORD, index=True),
    FieldSchema("ks", FieldType.KEYWORD, index=True, is_array=True),
    FieldSchema("at", FieldType.GEOPOINT, index=True),
    FieldSchema("when", FieldType.DATE, index=True, date_formats=["yyyy-MM-dd HH:mm", "epoch_millis"]),
    FieldSchema("text", FieldType.TEXT, index=True),
]
ALL = MatchAllQuery()
UP, DOWN = SortOrder.ASC, SortOrder.DESC
MINUTE = 60_000
DAY = 1440 * MINUTE


@pytest.fixture
def rows(client: Any) -> Any:
    index(client, FIELDS)
    put(client, "a", n=1, d=0.5, k="x", ks='["p", "q"]', at="0.1,0", when="1970-01-01 00:30")
    put(client, "b", n=4, d=1.5, k="x", ks='["p"]', at="0.1,0.1", when="1970-01-01 23:00")
    put(client, "c", n=6, d=-0.5, k="y", at="10,10", when="1970-02-10 00:00")
    put(client, "d", n=16, k="z", when="1971-04-01 00:00")
    put(client, "e")
    return client


def items(client: Any, group: Any, query: Any = ALL) -> list[Any]:
    (found,) = search(client, query, limit=0, group_bys=[group]).group_by_results
    return list(found.items)


def test_ranges_begin_with_their_first_number_and_end_before_their_last(rows: Any) -> None:
    found = items(rows, GroupByRange("n", [(1, 4), (4, 100), (float("-inf"), 5)]))
    assert [(item.range_from, item.range_to, item.row_count) for item in found] == [
        (1, 4, 1),
        (4, 100, 3),
        (float("-inf"), 5, 2),
    ]


def test_each_filter_has_a_group_of_the_rows_that_match_it(rows: Any) -> None:
    found = items(rows, GroupByFilter([TermQuery("k", "x"), ALL, TermQuery("k", "none")]))
    assert [item.row_count for item in found] == [2, 5, 0]


def test_rows_are_grouped_by_their_distance_in_metres(rows: Any) -> None:
    found = items(rows, GroupByGeoDistance("at", GeoPoint(0, 0), [(0, 12_000), (12_000, 20_000), (0, 2_000_000)]))
    assert [item.row_count for item in found] == [1, 1, 3]


def test_rows_are_grouped_by_the_cells_of_a_grid(rows: Any) -> None:
    found = items(rows, GroupByGeoGrid("at", GeoHashPrecision.GHP_156KM_156KM_3))
    assert [(item.key, item.row_count) for item in found] == [("s00", 2), ("s1z", 1)]
    assert found[0].geo_grid.bottom_right.lat <= 0.1 <= found[0].geo_grid.top_left.lat
    assert len(items(rows, GroupByGeoGrid("at", GeoHashPrecision.GHP_156KM_156KM_3, size=1))) == 1


@pytest.mark.parametrize(
    ("group", "found"),
    [
        (GroupByHistogram("n", 5, FieldRange(0, 20)), [(0, 2), (5, 1), (15, 1)]),
        (GroupByHistogram("n", 5, FieldRange(0, 20), min_doc_count=0), [(0, 2), (5, 1), (10, 0), (15, 1), (20, 0)]),
        (GroupByHistogram("n", 5, FieldRange(0, 20), min_doc_count=2), [(0, 2)]),
        (GroupByHistogram("n", 5, FieldRange(0, 20), missing_value=3), [(0, 3), (5, 1), (15, 1)]),
        (GroupByHistogram("n", 5, FieldRange(2, 10)), [(0, 1), (5, 1)]),
        (GroupByHistogram("d", 1.0, FieldRange(-5.0, 5.0)), [(-1.0, 1), (0.0, 1), (1.0, 1)]),
    ],
)
def test_numbers_are_grouped_in_intervals(rows: Any, group: Any, found: list[Any]) -> None:
    assert [(item.key, item.value) for item in items(rows, group)] == found


def every(value: int, unit: Any, **options: Any) -> Any:
    return GroupByDateHistogram("when", DateTimeValue(value, unit), **options)


@pytest.mark.parametrize(
    ("group", "found"),
    [
        (every(1, DateTimeUnit.DAY), [(0, 2), (40 * DAY, 1), (455 * DAY, 1)]),
        (
            every(1, DateTimeUnit.DAY, time_zone="+08:00"),
            [(-480 * MINUTE, 1), (960 * MINUTE, 1), (40 * DAY - 480 * MINUTE, 1), (455 * DAY - 480 * MINUTE, 1)],
        ),
        (
            every(1, DateTimeUnit.DAY, offset=DateTimeValue(1, DateTimeUnit.HOUR)),
            [(-1380 * MINUTE, 1), (60 * MINUTE, 1), (39 * DAY + 60 * MINUTE, 1), (454 * DAY + 60 * MINUTE, 1)],
        ),
        (every(1, DateTimeUnit.WEEK), [(-3 * DAY, 2), (39 * DAY, 1), (452 * DAY, 1)]),
        (every(1, DateTimeUnit.MONTH), [(0, 2), (31 * DAY, 1), (455 * DAY, 1)]),
        (every(1, DateTimeUnit.QUARTER_YEAR), [(0, 3), (455 * DAY, 1)]),
        (every(1, DateTimeUnit.YEAR), [(0, 3), (365 * DAY, 1)]),
        (every(30, DateTimeUnit.MINUTE, field_range=FieldRange(0, DAY)), [(30 * MINUTE, 1), (1380 * MINUTE, 1)]),
        (
            every(12, DateTimeUnit.HOUR, field_range=FieldRange(0, DAY), min_doc_count=0),
            [(0, 1), (720 * MINUTE, 1), (DAY, 0)],
        ),
        (
            every(1, DateTimeUnit.MONTH, group_by_sort=[RowCountSort(UP), GroupKeySort(DOWN)]),
            [(455 * DAY, 1), (31 * DAY, 1), (0, 2)],
        ),
    ],
)
def test_dates_are_grouped_in_intervals_of_the_calendar(rows: Any, group: Any, found: list[Any]) -> None:
    assert [(item.timestamp, item.row_count) for item in items(rows, group)] == found


def composite(client: Any, size: int = 10, token: str | None = None) -> Any:
    sources = [GroupByField("ks", name="ks"), GroupByHistogram("n", 5, FieldRange(0, 20), name="n")]
    group = GroupByComposite(sources, size=size, next_token=token, sub_aggs=[Sum("n", name="s")])
    (found,) = search(client, ALL, limit=0, group_bys=[group]).group_by_results
    return found


def test_a_composite_groups_by_several_fields_and_goes_on_with_its_token(rows: Any) -> None:
    whole = composite(rows)
    shown = [(item.keys, item.row_count, item.sub_aggs[0].value) for item in whole.items]
    assert shown == [
        ([None, None], 1, 0),
        ([None, "5"], 1, 6),
        ([None, "15"], 1, 16),
        (["p", "0"], 2, 5),
        (["q", "0"], 1, 1),
    ]
    assert (whole.source_group_by_names, whole.next_token) == (["ks", "n"], None)
    first = composite(rows, 2)
    second = composite(rows, 3, first.next_token)
    assert [item.keys for item in (*first.items, *second.items)] == [keys for keys, _, _ in shown]
    assert second.next_token is None


def test_groups_are_sorted_by_an_aggregation_within_them(rows: Any) -> None:
    group = GroupByField("k", group_by_sort=[SubAggSort(DOWN, "m")], sub_aggs=[Max("n", name="m")])
    assert [(item.key, item.sub_aggs[0].value) for item in items(rows, group)] == [("z", 16), ("y", 6), ("x", 4)]


def test_a_group_has_its_own_groups_and_aggregations(rows: Any) -> None:
    inner = GroupByRange("n", [(0, 3), (3, 10)], sub_aggs=[Sum("n", name="s")], name="r")
    found = items(rows, GroupByFilter([TermQuery("k", "x")], sub_group_bys=[inner]))
    ranges = found[0].sub_group_bys[0].items
    assert [(item.row_count, item.sub_aggs[0].value) for item in ranges] == [(1, 1), (1, 4)]


@pytest.mark.parametrize(
    ("group", "message"),
    [
        (GroupByField("at"), "field [at] has the type GEO_POINT"),
        (GroupByField("text"), "not enabled for sorting and aggregation"),
        (GroupByRange("k", [(0, 1)]), "field [k] has the type KEYWORD"),
        (GroupByRange("n", [(2, 2)]), "the begin of a range must be less than its end"),
        (GroupByRange("n", []), "the number of ranges must be in range: [1, 2000]"),
        (GroupByFilter([]), "the number of filters must be in range: [1, 2000]"),
        (GroupByHistogram("n", 0, FieldRange(0, 1)), "must be greater than 0"),
        (GroupByHistogram("n", 0.5, FieldRange(0, 1)), "must be an integer"),
        (GroupByHistogram("n", 1, FieldRange(0, 2001)), "exceeds the limit 2000"),
        (GroupByHistogram("n", 1, FieldRange(2, 1)), "must not be greater than its max"),
        (every(1, DateTimeUnit.DAY, time_zone="Shanghai"), "has not the form +08:00"),
        (every(0, DateTimeUnit.DAY), "in range: [1, 2000]"),
        (every(1, DateTimeUnit.DAY, offset=DateTimeValue(1, DateTimeUnit.MONTH)), "a fixed length"),
        (
            GroupByComposite([GroupByField("k", name=str(n)) for n in range(21)]),
            "the number of sources must be in range: [1, 20]",
        ),
        (GroupByComposite([GroupByRange("n", [(0, 1)])], size=1), "a composite with GROUP_BY_RANGE"),
        (GroupByComposite([GroupByField("k")], next_token="x"), "the next token of a composite is invalid"),
        (
            GroupByComposite([GroupByField("k")], next_token=base64.b64encode(b"[" * 30_000).decode()),
            "the next token of a composite is invalid",
        ),
        (GroupByComposite([GroupByField("k")], next_token="WzFd"), "the next token of a composite is invalid"),
        (GroupByField("k", group_by_sort=[SubAggSort(UP, "no")]), "there is no sub aggregation [no]"),
        (
            GroupByField("k", group_by_sort=[SubAggSort(UP, "p")], sub_aggs=[Percentiles("n", [1], name="p")]),
            "there is no sub aggregation [p] with one number",
        ),
        (GroupByField("k", sub_aggs=[Max("k", name="m")]), "field [k] has the type KEYWORD"),
        (GroupByField("k", sub_group_bys=[GroupByField("none")]), "field [none] does not exist"),
    ],
)
def test_a_group_that_cannot_be_says_why(rows: Any, group: Any, message: str) -> None:
    assert message in refused(items, rows, group)[2]


def test_groups_within_groups_are_at_most_five_deep(rows: Any) -> None:
    group = GroupByField("k")
    for _ in range(4):
        group = GroupByField("k", sub_group_bys=[group])
    items(rows, group)
    assert "deeper than 5" in refused(items, rows, GroupByField("k", sub_group_bys=[group]))[2]


def test_an_answer_of_too_many_groups_is_refused_before_it_is_made(rows: Any) -> None:
    inner = GroupByRange("n", [(0, n + 1) for n in range(2000)], name="r")
    outer = GroupByRange("n", [(0, n + 1) for n in range(100)], sub_group_bys=[inner])
    assert refused(items, rows, outer)[2] == f"the answer would have more than {scope.GROUPS} groups"


def test_a_row_in_too_many_groups_of_a_composite_is_refused(rows: Any) -> None:
    put(rows, "f", ks=json.dumps([str(n) for n in range(200)]))
    sources = [GroupByField("ks", name="one"), GroupByField("ks", name="two")]
    assert "more than 1000 groups" in refused(items, rows, GroupByComposite(sources, size=1))[2]


def test_numbers_at_the_ends_of_their_types_have_intervals_too(rows: Any) -> None:
    put(rows, "f", n=-(2**63), d=float("inf"))
    put(rows, "g", d=float("nan"))
    put(rows, "h", when=2**63 - 1)
    sources = [GroupByHistogram("n", 5, FieldRange(0, 1), name="n"), GroupByHistogram("d", 1.0, FieldRange(0.0, 1.0))]
    found = items(rows, GroupByComposite(sources, size=20), TermQuery("n", -(2**63)))
    assert [item.keys for item in found] == [[str(-(2**63)), "inf"]]
    assert len(items(rows, GroupByComposite(sources, size=20))) == 7
    assert [item.row_count for item in items(rows, every(1, DateTimeUnit.YEAR))] == [3, 1]
