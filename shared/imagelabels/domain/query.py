"""The search language: a query, a page of the rows that match it, and their counts.

This module is the reference for authors of an index. docs/search.md explains the language to users, and
tests/contract/judge.py implements it over a plain list. A search covers two kinds of rows: those that a delivery has
finished, and those in the state waiting, whose first delivery could not finish. The latter have only a ref and a reason
(rows.unfinished). A search does not cover rows that are only locked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, get_args

from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.outcomes import State

Order = Literal["newest", "oldest", "confidence", "uri"]
ORDERS: tuple[Order, ...] = get_args(Order)

STATES = (State.LABELLED, State.SKIPPED, State.PARKED, State.WAITING, State.FAILED)
"""The states that a row can have. docs/operate.md explains them."""

ANY = "any"
"""A query with this state matches rows in every state."""

LIMIT = 1000
"""A page has at most this many rows."""

_BUCKET = re.compile(r"file://|[a-z0-9]+://[^/]+")


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a query: the ids that it means, and the least confidence, 0..1, of a label that counts for it.

    A row matches the word if one of its labels counts for one of the ids. No row matches a word without ids.
    """

    ids: frozenset[str]
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Query:
    """A row matches if it meets every condition. A query that no index can answer raises ValueError with the reason.

    A label counts for its own id and for the ids above it that its answer named, with its own confidence. Ids must be
    equal, also in upper and lower case. Keys are compared by their bytes (rows.octets).
    """

    all_of: tuple[Term, ...] = ()
    any_of: tuple[Term, ...] = ()
    none_of: tuple[Term, ...] = ()
    bucket: str = ""
    """The bucket is written as in a URI, oss://photos, or file:// for local files; empty means every bucket."""
    prefix: str = ""
    """The key begins with this text. A prefix needs a bucket."""
    state: str = "labelled"
    """One of STATES, or ANY. Only rows in the state labelled have labels that count."""
    reason: str = ""
    """The row has exactly this reason or note. An empty text matches every row."""
    from_time: int | None = None
    """Milliseconds since 1970: the object was last modified at this time or later. A row without a head has no such
    time and does not match."""
    until_time: int | None = None
    """Milliseconds since 1970: the object was last modified before this time."""
    since: int | None = None
    """Milliseconds since 1970: the row was written at this time or later."""
    order: Order = "newest"
    """newest and oldest sort by the row's updated_at. confidence sorts by the highest confidence among the labels that
    count for a word of all_of or any_of, or among all labels if there are no such words; it is 0 if no label counts.
    Rows that are equal are sorted by the bytes of their URIs, ascending."""
    limit: int = 20
    page: str | None = None
    """The page token of an earlier Page of the same query, though the limit may differ. The new page continues behind
    the place where the earlier one ended. So if rows are added or removed in between, no other row is repeated or left
    out."""

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= LIMIT:
            raise ValueError(f"limit is {self.limit}: it must be 1 to {LIMIT}")
        if self.order not in ORDERS:
            raise ValueError(f"order is {self.order!r}: it must be one of {', '.join(ORDERS)}")
        if self.state not in (*STATES, ANY):
            raise ValueError(f"state is {self.state!r}: it must be one of {', '.join((*STATES, ANY))}")
        if self.bucket and not _BUCKET.fullmatch(self.bucket):
            raise ValueError(f"bucket is {self.bucket!r}: write it as in a URI, oss://photos")
        if self.prefix and not self.bucket:
            raise ValueError("a prefix belongs to the keys of a bucket: name the bucket too")
        for term in (*self.all_of, *self.any_of, *self.none_of):
            if not 0 <= term.least <= 1:
                raise ValueError(f"the least confidence of a word is {term.least}: it must be 0 to 1")
        for time in (self.from_time, self.until_time, self.since):
            if time is not None and abs(time) >= 2**53:
                raise ValueError(f"the time {time} is not a number of milliseconds since 1970")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that matches, but that cannot be read."""

    uri: str
    """The URI or the primary key of the row, as far as it can be read."""
    ref: ObjectRef | None
    """The object that it is about, where the row tells."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search. `next` is the page token of the following page; it is None on the last page. A page may
    have fewer records than were asked for, and none, although another one follows: some rows cannot be read."""

    records: tuple[ImageRecord, ...]
    next: str | None
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """The number of rows that match, and for each label id and each category the number of rows that have it.

    The highest count comes first; equal counts are sorted by id. Ids with no row are left out. A row counts once for
    each id of its labels, and once for each id that its answer named above them (rows.postings). Rows in another state
    than labelled have no labels; their reasons and notes are counted instead.
    """

    total: int
    labels: dict[str, int]
    categories: dict[str, int]
    """The counts by category. A category is the level-1 concept, or the id in its place, that the row itself names
    above
    its labels (rows.categories)."""
    states: dict[str, int] = field(default_factory=dict)
    """The number of rows in each state."""
    reasons: dict[str, int] = field(default_factory=dict)
    """The number of rows with each reason, among those that are not labelled."""
    notes: dict[str, int] = field(default_factory=dict)
    """The number of rows with each note, such as format_heic, among those that are not labelled."""


def most_first(counts: dict[str, int]) -> dict[str, int]:
    """Return the counts with the highest first; equal counts are sorted by id."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def summed(parts: Iterable[Counts]) -> Counts:
    """Add up the counts of parts that have no row in common."""
    parts = tuple(parts)
    if len(parts) == 1:
        return parts[0]
    total = 0
    names = ("labels", "categories", "states", "reasons", "notes")
    sums: dict[str, Counter[str]] = {name: Counter() for name in names}
    for part in parts:
        total += part.total
        for name in names:
            sums[name].update(getattr(part, name))
    return Counts(total, **{name: most_first(sums[name]) for name in names})
