"""Every object below a prefix that there is, or that there is a row of; and work on many at once."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from typing import TypeVar

from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.query import LIMIT, STATES, Query
from imagelabels.ports import LabelIndex, ObjectStore
from imagelabels.records import rows

R = TypeVar("R")

AHEAD = 32
"""Objects that are looked for before the first of them is done."""


@dataclass(frozen=True, slots=True)
class Place:
    """What begins like this: a bucket of a store, and the beginning of a key."""

    store: str
    bucket: str
    prefix: str

    @property
    def uri(self) -> str:
        return f"{self.store}://{self.bucket}/{self.prefix}"


def everything(objects: ObjectStore, index: LabelIndex, place: Place) -> Iterator[ObjectRef]:
    """In the order of the keys, each once, without a version. Rows may change or go meanwhile."""
    listed = (listed.ref for listed in objects.list(place.bucket, place.prefix))
    last = None
    for ref in heapq.merge(listed, recorded(index, place), key=_octets):
        if ref.key != last:
            last = ref.key
            yield ObjectRef(place.store, place.bucket, ref.key)


def each(
    act: Callable[[ObjectRef], R], refs: Iterable[ObjectRef], executor: Executor
) -> Iterator[tuple[ObjectRef, R | LabelingError]]:
    """What `act` gave or raised for each, in their order. Other errors are bugs and come out as they are."""

    def tried(ref: ObjectRef) -> R | LabelingError:
        try:
            return act(ref)
        except LabelingError as error:
            return error

    under_way: deque[tuple[ObjectRef, Future[R | LabelingError]]] = deque()
    try:
        for ref in refs:
            under_way.append((ref, executor.submit(tried, ref)))
            if len(under_way) >= AHEAD:
                first, future = under_way.popleft()
                yield first, future.result()
        while under_way:
            first, future = under_way.popleft()
            yield first, future.result()
    finally:
        for _, future in under_way:
            future.cancel()


def recorded(index: LabelIndex, place: Place) -> Iterator[ObjectRef]:
    """The objects that a finished row or a waiting one is about, in the order of their keys. The index may lag."""
    streams = [_recorded(index, place, state) for state in STATES]
    return heapq.merge(*streams, key=_octets)


def _recorded(index: LabelIndex, place: Place, state: str) -> Iterator[ObjectRef]:
    query = Query(bucket=f"{place.store}://{place.bucket}", prefix=place.prefix, state=state, order="uri", limit=LIMIT)
    while True:
        page = index.search(query)
        yield from (record.ref for record in page.records)
        if page.next is None:
            return
        query = replace(query, page=page.next)


def _octets(ref: ObjectRef) -> bytes:
    return rows.octets(ref.key)
