"""Queries for points within a circle, a box or a polygon."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from emulator.aliyun.tablestore import messages
from emulator.aliyun.tablestore.refusal import invalid
from emulator.aliyun.tablestore.search.documents import Document
from emulator.aliyun.tablestore.search.geometry import Point, distance, point, within_box, within_polygon
from emulator.aliyun.tablestore.search.schema import Schema
from emulator.aliyun.tablestore.search.terms import CLAUSES, Test

pb = messages.search


def circle(query: Any, schema: Schema, path: str) -> Test:
    center, metres = place(query.center_point), query.distance
    if not metres > 0:
        raise invalid("the distance must be greater than 0")
    return _any(query, schema, path, lambda found: distance(found, center) <= metres)


def box(query: Any, schema: Schema, path: str) -> Test:
    top_left, bottom_right = place(query.top_left), place(query.bottom_right)
    if top_left.latitude < bottom_right.latitude:
        raise invalid("top_left must be above bottom_right")
    return _any(query, schema, path, lambda found: within_box(found, top_left, bottom_right))


def polygon(query: Any, schema: Schema, path: str) -> Test:
    corners = places(query.points)
    if len(corners) < 3:
        raise invalid("a polygon must have at least 3 points")
    return _any(query, schema, path, lambda found: within_polygon(found, corners))


def place(text: str) -> Point:
    """Return the point that a client sends as a text, or refuse it."""
    read = point(text)
    if read is None:
        raise invalid(f"[{text}] is not a point like 30.2,119.0: the latitude, then the longitude")
    return read


def places(texts: Sequence[str]) -> list[Point]:
    if len(texts) > CLAUSES:
        raise invalid(f"the number of points exceeds the limit {CLAUSES}")
    return [place(text) for text in texts]


def _any(query: Any, schema: Schema, path: str, holds: Callable[[Point], bool]) -> Test:
    field = schema.searched(query.field_name, path)
    if field.kind != pb.GEO_POINT:
        raise invalid(f"field [{field.name}] is not of type GEO_POINT")
    name = field.name

    def test(document: Document) -> bool:
        return any(holds(found) for found in document.values.get(name, ()))

    return test
