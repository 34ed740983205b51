"""Aggregations over the rows that match, and the values of which they are made."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from tablestore import (
    Avg,
    ColumnReturnType,
    ColumnsToGet,
    Count,
    DistinctCount,
    FieldSchema,
    FieldSort,
    FieldType,
    MatchAllQuery,
    Max,
    Min,
    Percentiles,
    PrimaryKeySort,
    RangeQuery,
    ScoreSort,
    Sort,
    SortOrder,
    Sum,
    TermQuery,
    TopRows,
)

from tests.emulator.aliyun.tablestore.asking import NONE, index, put, refused, search

NESTED = FieldSchema("labels", FieldType.NESTED, sub_field_schemas=[FieldSchema("c", FieldType.LONG, index=True)])
FIELDS = [
    FieldSchema("n", FieldType.LONG, index=True),
    FieldSchema("d", FieldType.DOUBLE, index=True),
    FieldSchema("k", FieldType.KEYWORD, index=True),
    FieldSchema("ok", FieldType.BOOLEAN, index=True),
    FieldSchema("at", FieldType.GEOPOINT, index=True),
    FieldSchema("ns", FieldType.LONG, index=True, is_array=True),
    FieldSchema("text", FieldType.TEXT, index=True),
    FieldSchema("day", FieldType.DATE, index=True, date_formats=["yyyy-MM-dd"]),
    FieldSchema("off", FieldType.LONG, index=True, enable_sort_and_agg=False),
    NESTED,
]
ALL = MatchAllQuery()
DAY = 86_400_000


@pytest.fixture
def rows(client: Any) -> Any:
    """Five rows with the numbers 1 to 5, and one without any column."""
    index(client, FIELDS)
    for n in range(1, 6):
        put(
            client,
            f"row{n}",
            n=n,
            d=n / 2,
            k="odd" if n % 2 else "even",
            ok=n > 4,
            at="1,1" if n % 2 else "2,2",
            ns=json.dumps([n, n]),
            text="a b",
            day=f"1970-01-0{n}",
            labels=json.dumps([{"c": n}, {"c": -n}]),
        )
    put(client, "row6")
    return client


def values(client: Any, *aggregations: Any, query: Any = ALL, columns: Any = NONE) -> list[Any]:
    return [result.value for result in search(client, query, columns, limit=0, aggs=list(aggregations)).agg_results]


@pytest.mark.parametrize(
    ("aggregation", "value"),
    [
        (Max("n"), 5),
        (Min("n"), 1),
        (Sum("n"), 15),
        (Avg("n"), 3),
        (Avg("d"), 1.5),
        (Max("n", missing_value=99), 99),
        (Min("n", missing_value=-7), -7),
        (Sum("n", missing_value=5), 20),
        (Avg("n", missing_value=9), 4),
        (Sum("ns"), 30),
        (Min("labels.c"), -5),
        (Sum("labels.c"), 0),
        (Max("day"), 4 * DAY),
        (Count("n"), 5),
        (Count("ns"), 10),
        (Count("labels.c"), 10),
        (Count("at"), 5),
        (DistinctCount("k"), 2),
        (DistinctCount("k", missing_value="none"), 3),
        (DistinctCount("ok"), 2),
        (DistinctCount("at"), 2),
        (DistinctCount("labels.c"), 10),
    ],
)
def test_an_aggregation_has_one_value_for_all_rows_that_match(rows: Any, aggregation: Any, value: Any) -> None:
    assert values(rows, aggregation) == [value]


def test_only_rows_that_match_are_aggregated_and_none_has_no_number(rows: Any) -> None:
    assert values(rows, Sum("n", name="s"), Max("n", name="m"), query=RangeQuery("n", 2, 4, include_upper=True)) == [
        9,
        4,
    ]
    none = values(rows, *(kind("n", name=kind.__name__) for kind in (Sum, Count, Avg)), query=TermQuery("n", 77))
    assert none[:2] == [0, 0]
    assert math.isnan(none[2])


@pytest.mark.parametrize(
    ("field", "percentiles", "found"),
    [
        ("n", [50, 0, 100], [(0, 1), (50, 3), (100, 5)]),
        ("n", [90], [(90, 4)]),
        ("d", [90], [(90, 2.3)]),
        ("day", [50], [(50, 2 * DAY)]),
    ],
)
def test_a_percentile_lies_between_the_two_nearest_numbers(
    rows: Any, field: str, percentiles: list[float], found: list[Any]
) -> None:
    (items,) = values(rows, Percentiles(field, percentiles))
    assert [(item.key, pytest.approx(item.value)) for item in items] == found


def test_the_top_rows_come_in_their_own_order_with_the_columns_of_the_search(rows: Any) -> None:
    (top,) = values(rows, TopRows(2, Sort([FieldSort("n", SortOrder.DESC)])))
    assert top == [([("pk", "row5")], []), ([("pk", "row4")], [])]
    columns = ColumnsToGet(["n"], ColumnReturnType.SPECIFIED)
    (top,) = values(rows, TopRows(1, Sort([PrimaryKeySort()])), columns=columns)
    assert [cell[:2] for cell in top[0][1]] == [("n", 1)]
    (top,) = values(rows, TopRows(1, Sort([ScoreSort()])))
    assert len(top) == 1


@pytest.mark.parametrize(
    ("aggregation", "message"),
    [
        (Max("k"), "field [k] has the type KEYWORD"),
        (Sum("ok"), "field [ok] has the type BOOLEAN"),
        (Avg("at"), "field [at] has the type GEO_POINT"),
        (Min("text"), "field [text] is not enabled for sorting and aggregation"),
        (Count("text"), "field [text] is not enabled for sorting and aggregation"),
        (Max("off"), "field [off] is not enabled for sorting and aggregation"),
        (Max("none"), "field [none] does not exist"),
        (Percentiles("n", [101]), "percentiles must be in range: [0, 100]"),
        (Percentiles("n", []), "percentiles must be in range: [0, 100]"),
        (TopRows(101, Sort([PrimaryKeySort()])), "in range: [1, 100]"),
        (TopRows(0, Sort([PrimaryKeySort()])), "in range: [1, 100]"),
        (Sum("n", missing_value="many"), "the value for field [n] has the wrong type"),
    ],
)
def test_an_aggregation_that_cannot_be_says_why(rows: Any, aggregation: Any, message: str) -> None:
    status, code, said = refused(values, rows, aggregation)
    assert (status, code) == (400, "OTSParameterInvalid")
    assert message in said


def test_one_search_has_five_aggregations_at_most_and_each_has_its_own_name(rows: Any) -> None:
    assert refused(values, rows, *(Sum("n", name=str(n)) for n in range(6)))[2].endswith("exceeds the limit 5")
    assert refused(values, rows, Sum("n", name="a"), Max("n", name="a"))[2] == "the names of aggregations must differ"


def test_numbers_that_are_not_finite_have_a_sum(rows: Any) -> None:
    put(rows, "f", d=float("inf"))
    assert values(rows, Sum("d")) == [math.inf]
    put(rows, "g", d=float("-inf"))
    (total,) = values(rows, Sum("d"))
    assert math.isnan(total)
