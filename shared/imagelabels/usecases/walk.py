"""The lists of objects that commands walk: those that a store has below a prefix, and those that there is a row of."""

from __future__ import annotations

import heapq
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from imagelabels.domain.listing import Listed
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.query import LIMIT, STATES, Query
from imagelabels.ports import LabelIndex, ObjectStore
from imagelabels.records import rows
from imagelabels.records.paging import PagePosition, token
from imagelabels.usecases.walking import Source


@dataclass(frozen=True, slots=True)
class Place:
    """What begins like this: a bucket of a store, and the beginning of a key."""

    store: str
    bucket: str
    prefix: str

    @property
    def uri(self) -> str:
        return f"{self.bucket_uri}/{self.prefix}"

    @property
    def bucket_uri(self) -> str:
        return f"{self.store}://{self.bucket}"


@dataclass(frozen=True, slots=True)
class Share:
    """One of several parts of the objects. A key is always in the same part, so each part has a walk of its own."""

    part: int
    parts: int

    def __str__(self) -> str:
        return f"{self.part}/{self.parts}"

    def of(self, source: Source) -> Source:
        """Return the source of this part's objects alone."""
        return lambda after: (one for one in source(after) if self._has(one[1].ref.key))

    def _has(self, key: str) -> bool:
        return zlib.crc32(rows.octets(key)) % self.parts == self.part


MOST_PARTS = 10_000


def share(text: str) -> Share:
    """Read I/N, of which I counts from 0; ValueError for anything else."""
    read = re.fullmatch("([0-9]{1,5})/([0-9]{1,5})", text, re.ASCII)
    if read is None or not int(read[1]) < int(read[2]) <= MOST_PARTS:
        raise ValueError(f"{text!r} is not I/N with I from 0 to N-1 and N up to {MOST_PARTS}, such as 0/20")
    return Share(int(read[1]), int(read[2]))


def everything(objects: ObjectStore, index: LabelIndex, place: Place, after: str = "") -> Iterator[ObjectRef]:
    """Yield each object and each row behind the key `after` once, in the order of the keys, without a version. Rows may
    change or go meanwhile."""
    listed = (found.ref for found in objects.list(place.bucket, place.prefix, after))
    last = None
    for ref in heapq.merge(listed, recorded(index, place, after), key=_octets):
        if ref.key != last:
            last = ref.key
            yield ObjectRef(place.store, place.bucket, ref.key)


def listed(objects: ObjectStore, place: Place) -> Source:
    """Return a walk's source: what the store lists."""

    def source(after: str) -> Iterator[tuple[str, Listed]]:
        return ((found.ref.key, found) for found in objects.list(place.bucket, place.prefix, after))

    return source


def everything_there(objects: ObjectStore, index: LabelIndex, place: Place) -> Source:
    """Return a walk's source: what the store lists and what there are rows of."""
    return lambda after: ((ref.key, Listed(ref, "", 0)) for ref in everything(objects, index, place, after))


def without(source: Source, uris: frozenset[str]) -> Source:
    """Return a walk's source: the objects of another one but those with these URIs."""
    return lambda after: (entry for entry in source(after) if entry[1].ref.uri not in uris)


def all_recorded(index: LabelIndex, place: Place) -> Source:
    """Return a walk's source: what there are rows of."""
    return lambda after: ((ref.key, Listed(ref, "", 0)) for ref in recorded(index, place, after))


def recorded(index: LabelIndex, place: Place, after: str = "") -> Iterator[ObjectRef]:
    """Yield the objects behind the key `after` that a finished row or a waiting one is about, in the order of their
    keys. The index may lag."""
    streams = [_recorded(index, place, state, after) for state in STATES]
    return heapq.merge(*streams, key=_octets)


def _recorded(index: LabelIndex, place: Place, state: str, after: str) -> Iterator[ObjectRef]:
    query = Query(bucket=f"{place.store}://{place.bucket}", prefix=place.prefix, state=state, order="uri", limit=LIMIT)
    if after:
        behind = ObjectRef(place.store, place.bucket, after)
        query = replace(query, page=token(query, PagePosition(0, behind.uri)))
    while True:
        page = index.search(query)
        damaged = [row.ref for row in page.left_out if row.ref is not None]
        yield from sorted([*(record.ref for record in page.records), *damaged], key=_octets)
        if page.next is None:
            return
        query = replace(query, page=page.next)


def _octets(ref: ObjectRef) -> bytes:
    return rows.octets(ref.key)
