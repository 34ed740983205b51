"""The order of hits, and tokens that continue behind a hit even if rows have been added before it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import cmp_to_key
from typing import Any, NamedTuple

from emulator.aliyun.tablestore import messages
from emulator.aliyun.tablestore.refusal import invalid, not_built
from emulator.aliyun.tablestore.search.documents import Document
from emulator.aliyun.tablestore.search.geo import places
from emulator.aliyun.tablestore.search.geometry import distance, flat_distance
from emulator.aliyun.tablestore.search.queries import compiled
from emulator.aliyun.tablestore.search.schema import Schema
from emulator.aliyun.tablestore.search.scoring import Score

pb = messages.search


class Place(NamedTuple):
    """The place of a hit in the order: the value for each sorter, and the ordered key, which decides a tie."""

    values: tuple[Any, ...]
    key: bytes


class Order:
    """The order of a Sort, in which keys decide a tie. Rows without a value come last in either direction."""

    def __init__(self, sort: Any, schema: Schema, score: Score | None = None) -> None:
        """Make the order of a Sort. Without a `score` it cannot sort by score."""
        self.sort = sort
        self._readers = [_reader(sorter, schema, score) for sorter in sort.sorter]
        self._down = [_message(sorter).order == pb.SORT_ORDER_DESC for sorter in sort.sorter]

    def place(self, document: Document, key: bytes) -> Place:
        return Place(tuple(read(document, key) for read in self._readers), key)

    def compare(self, left: Place, right: Place) -> int:
        for mine, theirs, down in zip(left.values, right.values, self._down, strict=True):
            if mine == theirs:
                continue
            if mine is None or theirs is None:
                return 1 if mine is None else -1
            return -1 if (mine < theirs) != down else 1
        return (left.key > right.key) - (left.key < right.key)

    @property
    def by(self) -> Callable[[Place], Any]:
        return cmp_to_key(self.compare)

    def token(self, place: Place) -> bytes:
        values = [value.hex() if isinstance(value, bytes) else value for value in place.values]
        fields = {"sort": self.sort.SerializeToString().hex(), "values": values, "key": place.key.hex()}
        return base64.b64encode(json.dumps(fields).encode())


def resumed(token: bytes, schema: Schema, score: Score) -> tuple[Order, Place]:
    """Return the order for which a token was made, and the place of the last hit before it."""
    try:
        fields = json.loads(base64.b64decode(token, validate=True))
        order = Order(messages.read(pb.Sort, bytes.fromhex(fields["sort"])), schema, score)
        kinds = [sorter.HasField("pk_sort") or sorter.HasField("doc_sort") for sorter in order.sort.sorter]
        values = zip(fields["values"], kinds, strict=True)
        place = Place(
            tuple(bytes.fromhex(value) if key else value for value, key in values), bytes.fromhex(fields["key"])
        )
    except (ValueError, KeyError, TypeError, RecursionError, messages.DecodeError) as error:
        raise invalid("the next token is invalid") from error
    return order, place


def _message(sorter: Any) -> Any:
    fields = sorter.ListFields()
    if len(fields) != 1:
        raise invalid("a sorter must have exactly one kind")
    return fields[0][1]


def _reader(sorter: Any, schema: Schema, score: Score | None) -> Callable[[Document, bytes], Any]:
    message = _message(sorter)
    if sorter.HasField("pk_sort") or sorter.HasField("doc_sort"):
        # Unproven order-of-documents: The order of documents within an index, DocSort, is that of their
        #   primary keys.
        # Why: the page says that it is the order in which they are stored, and not which that is.
        # Ask: Search with DocSort for all of three rows that were written in the order c, a, b: the order of
        #   the answer.
        return lambda document, key: key
    if sorter.HasField("score_sort"):
        if score is None:
            raise invalid("an index cannot be sorted by score")
        return lambda document, key: score(document)
    values = _distances(message, schema) if sorter.HasField("geo_distance_sort") else _values(message, schema)
    return _chosen(message, values)


def _chosen(field: Any, values: Callable[[Document], list[Any]]) -> Callable[[Document, bytes], Any]:
    """Return a function that chooses one of several values as the mode of a sorter tells."""
    down = field.order == pb.SORT_ORDER_DESC
    mode = field.mode if field.HasField("mode") else pb.SORT_MODE_MAX if down else pb.SORT_MODE_MIN

    def read(document: Document, key: bytes) -> Any:
        held = values(document)
        if not held:
            return None
        if mode == pb.SORT_MODE_AVG:
            if isinstance(held[0], str):
                raise invalid(f"field [{field.field_name}] has no average")
            return sum(held) / len(held)
        return max(held) if mode == pb.SORT_MODE_MAX else min(held)

    return read


def _distances(sorter: Any, schema: Schema) -> Callable[[Document], list[Any]]:
    origins = places(sorter.points)
    if not origins:
        raise invalid("sorting by distance needs points")
    measure = flat_distance if sorter.distance_type == pb.GEO_DISTANCE_PLANE else distance
    held = _held(sorter, schema, pb.GEO_POINT)
    return lambda document: [measure(origin, place) for place in held(document) for origin in origins]


def _values(field: Any, schema: Schema) -> Callable[[Document], list[Any]]:
    return _held(field, schema, None)


def _held(field: Any, schema: Schema, kind: int | None) -> Callable[[Document], list[Any]]:
    """Return what reads the values of a sorter's field, which is a GEO_POINT if `kind` says so and else is not."""
    name, path = field.field_name, schema.path(field.field_name)
    if (schema.sorted(name, path).kind == pb.GEO_POINT) != (kind == pb.GEO_POINT):
        raise invalid(f"field [{name}] has the wrong type for this sorter")
    if not path:
        return lambda document: document.values.get(name, [])
    if "." in path:
        raise not_built("Search sorted by a field of a nested field in a nested field")
    if not field.HasField("nested_filter") or field.nested_filter.path != path:
        raise invalid(f"sorting by field [{name}] needs a nested_filter with path {path}")
    test = compiled(field.nested_filter.filter, schema, path)
    return lambda document: [
        value for child in document.nested.get(path, ()) if test(child) for value in child.values.get(name, ())
    ]
