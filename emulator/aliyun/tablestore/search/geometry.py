"""Points on the globe: distances, boxes, polygons and geohashes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

# Unproven radius-of-earth: Distances are those on a sphere with the earth's mean radius, 6,371,008.7714 m.
# Why: the vendor's pages do not name their radius.
# Ask: Search with GeoDistanceQuery around 0,0 for a row at 0,1 and distances of 111,190 to 111,200 m: the least that
#   matches.
RADIUS = 6_371_008.7714
"""The mean radius of the earth in metres."""
STEPS = 1 << 32
"""A coordinate is held in so many steps over its whole range, rounded down. The vendor's own tests count on it that a
point on the lower edge of a box may lie outside (search_index_test, test_queries)."""
LETTERS = "0123456789bcdefghjkmnpqrstuvwxyz"


class Point(NamedTuple):
    latitude: float
    longitude: float


class Box(NamedTuple):
    south: float
    west: float
    north: float
    east: float


def point(text: object) -> Point | None:
    """Return the point that a text as "30.2,119.0" means, latitude first, or None."""
    if not isinstance(text, str) or text.count(",") != 1:
        return None
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return Point(latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def distance(left: Point, right: Point) -> float:
    """Return the distance along the globe in metres."""
    there, here = math.radians(left.latitude), math.radians(right.latitude)
    across = math.sin((here - there) / 2) ** 2
    along = math.sin(math.radians(right.longitude - left.longitude) / 2) ** 2
    return 2 * RADIUS * math.asin(min(1.0, math.sqrt(across + math.cos(there) * math.cos(here) * along)))


def flat_distance(left: Point, right: Point) -> float:
    """Return the distance in metres on a flat map, which is faster and less exact."""
    up = math.radians(right.latitude - left.latitude)
    along = math.radians(right.longitude - left.longitude) * math.cos(
        math.radians((left.latitude + right.latitude) / 2)
    )
    return RADIUS * math.hypot(up, along)


def within_box(place: Point, top_left: Point, bottom_right: Point) -> bool:
    latitude, longitude = _down(place.latitude, 180), _down(place.longitude, 360)
    if not _up(bottom_right.latitude, 180) <= latitude <= _down(top_left.latitude, 180):
        return False
    west, east = _up(top_left.longitude, 360), _down(bottom_right.longitude, 360)
    return west <= longitude <= east if west <= east else longitude >= west or longitude <= east


def within_polygon(place: Point, corners: Sequence[Point]) -> bool:
    """Tell whether a ray from the point, as it is held, crosses the polygon's edges an odd number of times."""
    place = Point(_down(place.latitude, 180) * 180 / STEPS, _down(place.longitude, 360) * 360 / STEPS)
    inside = False
    for here, there in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (here.latitude > place.latitude) != (there.latitude > place.latitude):
            share = (place.latitude - here.latitude) / (there.latitude - here.latitude)
            if place.longitude < here.longitude + share * (there.longitude - here.longitude):
                inside = not inside
    return inside


def geohash(place: Point, letters: int) -> tuple[str, Box]:
    """Return the geohash of so many letters that has the point, and the box that it names."""
    south, north, west, east = -90.0, 90.0, -180.0, 180.0
    name, bits, along = "", 0, True
    for bit in range(letters * 5):
        if along:
            middle = (west + east) / 2
            upper = place.longitude >= middle
            west, east = (middle, east) if upper else (west, middle)
        else:
            middle = (south + north) / 2
            upper = place.latitude >= middle
            south, north = (middle, north) if upper else (south, middle)
        along, bits = not along, bits * 2 + upper
        if bit % 5 == 4:
            name, bits = name + LETTERS[bits], 0
    return name, Box(south, west, north, east)


def _down(degrees: float, whole: int) -> int:
    return math.floor(degrees * STEPS / whole)


def _up(degrees: float, whole: int) -> int:
    return math.ceil(degrees * STEPS / whole)
