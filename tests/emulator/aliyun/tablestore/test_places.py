"""Points: the queries for circles, boxes and polygons, and the order by distance."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tablestore import (
    FieldSchema,
    FieldType,
    GeoBoundingBoxQuery,
    GeoDistanceQuery,
    GeoDistanceSort,
    GeoDistanceType,
    GeoPolygonQuery,
    MatchAllQuery,
    NestedFilter,
    NestedQuery,
    Sort,
    SortMode,
    SortOrder,
    TermQuery,
)

from emulator.aliyun.tablestore.search.geometry import Point, distance, geohash, point
from tests.emulator.aliyun.tablestore.asking import index, keys, put, refused, search

PLACES = {"beijing": "39.90,116.40", "hangzhou": "30.27,120.15", "shanghai": "31.23,121.47", "suva": "-18.14,178.44"}
PLANE = GeoDistanceType.PLANE
POINT = FieldSchema("at", FieldType.GEOPOINT, index=True)
NESTED = FieldSchema(
    "stops",
    FieldType.NESTED,
    sub_field_schemas=[
        FieldSchema("name", FieldType.KEYWORD, index=True),
        FieldSchema("at", FieldType.GEOPOINT, index=True),
    ],
)


@pytest.fixture
def places(client: Any) -> Any:
    index(client, [POINT, NESTED, FieldSchema("n", FieldType.LONG, index=True)])
    for pk, at in PLACES.items():
        put(client, pk, at=at, n=1, stops=json.dumps([{"name": pk, "at": at}, {"name": "end", "at": "0,0"}]))
    put(client, "nowhere", at="91,0")
    return client


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (GeoDistanceQuery("at", PLACES["hangzhou"], 170_000), ["hangzhou", "shanghai"]),
        (GeoDistanceQuery("at", PLACES["hangzhou"], 150_000), ["hangzhou"]),
        (GeoBoundingBoxQuery("at", "32,119", "30,122"), ["hangzhou", "shanghai"]),
        (GeoBoundingBoxQuery("at", "0,170", "-20,-170"), ["suva"]),
        (GeoPolygonQuery("at", ["29,119", "32,119", "32,121", "29,121"]), ["hangzhou"]),
        (NestedQuery("stops", GeoDistanceQuery("stops.at", "39.9,116.4", 1000)), ["beijing"]),
    ],
)
def test_rows_are_found_by_where_their_points_are(places: Any, query: Any, found: list[str]) -> None:
    assert keys(places, query) == found


@pytest.mark.parametrize(
    ("order", "options", "first"),
    [
        (SortOrder.ASC, {}, ["beijing", "shanghai", "hangzhou", "suva", "nowhere"]),
        (
            SortOrder.DESC,
            {"geo_distance_type": GeoDistanceType.PLANE},
            ["suva", "hangzhou", "shanghai", "beijing", "nowhere"],
        ),
    ],
)
def test_rows_come_by_their_distance_and_last_those_without_a_point(
    places: Any, order: Any, options: Any, first: list[str]
) -> None:
    sort = Sort([GeoDistanceSort("at", [PLACES["beijing"]], order, **options)])
    assert keys(places, MatchAllQuery(), sort=sort) == first


def test_nested_points_order_rows_through_a_filter(places: Any) -> None:
    filtered = NestedFilter("stops", TermQuery("stops.name", "shanghai"))
    sort = Sort([GeoDistanceSort("stops.at", ["0,0"], SortOrder.ASC, SortMode.MIN, nested_filter=filtered)])
    assert keys(places, MatchAllQuery(), sort=sort)[0] == "shanghai"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (GeoDistanceQuery("at", "200,0", 1), "[200,0] is not a point"),
        (GeoDistanceQuery("at", "1,1", -1), "the distance must be greater than 0"),
        (GeoDistanceQuery("n", "1,1", 1), "field [n] is not of type GEO_POINT"),
        (GeoBoundingBoxQuery("at", "1,1", "2,2"), "top_left must be above bottom_right"),
        (GeoPolygonQuery("at", ["1,1", "2,2"]), "at least 3 points"),
        (GeoPolygonQuery("at", ["1,1"] * 1025), "exceeds the limit 1024"),
        (TermQuery("at", "1,1"), "the value for field [at] has the wrong type"),
    ],
)
def test_a_place_that_cannot_be_says_why(places: Any, query: Any, message: str) -> None:
    status, code, said = refused(search, places, query)
    assert (status, code) == (400, "OTSParameterInvalid")
    assert message in said


def test_a_quarter_of_the_equator_is_ten_thousand_kilometres() -> None:
    assert distance(Point(0, 0), Point(0, 90)) == pytest.approx(10_007_557, rel=1e-5)


def test_a_geohash_names_the_box_that_has_the_point() -> None:
    name, box = geohash(Point(57.64911, 10.40744), 11)
    assert name == "u4pruydqqvj"
    assert box.south <= 57.64911 <= box.north
    assert box.west <= 10.40744 <= box.east


@pytest.mark.parametrize("text", ["1", "1,2,3", "a,b", "90.1,0", "0,180.1", "nan,0", 5, None])
def test_what_is_no_point_is_none(text: object) -> None:
    assert point(text) is None
