"""The search language: what can be asked of the rows, a page of what matched, and counts of it.

This is its reference for who writes an index; docs/search.md tells it to people, tests/contract/judge.py is the same as
a program over a plain list. What is searched are the rows that a delivery finished, and those in state waiting, whose
first delivery could not: they have nothing but a ref and a reason (rows.unfinished). A row that is only locked is not
searched.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, get_args

from imagelabels.domain.model import ImageRecord
from imagelabels.domain.outcomes import State

Order = Literal["newest", "oldest", "confidence", "uri"]
ORDERS: tuple[Order, ...] = get_args(Order)

STATES = (State.LABELLED, State.SKIPPED, State.PARKED, State.WAITING, State.FAILED)
"""The states that a row can be in; docs/operate.md tells what they mean."""

ANY = "any"
"""Asked for as a state: rows in every state."""

LIMIT = 1000
"""Rows per page at most."""

_BUCKET = re.compile(r"file://|[a-z0-9]+://[^/]+")


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a question: the ids that mean it, and how sure a label must at least be to count, 0..1.

    A row has the word if one of its labels counts for one of the ids; a word without ids is had by no row.
    """

    ids: frozenset[str]
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Query:
    """Every condition that is given must hold; ValueError, saying why, for one that no index can answer.

    A label counts by its own id or by one that its answer named above it, with its own confidence. Ids are compared
    whole and in their case; keys by the bytes of rows.octets.
    """

    all_of: tuple[Term, ...] = ()
    any_of: tuple[Term, ...] = ()
    none_of: tuple[Term, ...] = ()
    bucket: str = ""
    """The bucket is written as in a URI, oss://photos, or file:// for local files; empty means every bucket."""
    prefix: str = ""
    """Begins the key; needs a bucket."""
    state: str = "labelled"
    """One of STATES, or ANY. The labels of a row in another state than labelled do not count."""
    reason: str = ""
    """The row's reason, or one of its notes, letter by letter; empty: whatever they are."""
    from_time: int | None = None
    """Milliseconds since the epoch: the object was last modified then or later. A row without a head never was."""
    until_time: int | None = None
    """Milliseconds since the epoch: the object was last modified before."""
    since: int | None = None
    """Milliseconds since the epoch: the row was written then or later."""
    order: Order = "newest"
    """newest, oldest: by the row's updated_at. confidence: that of the surest label that counted for a word of all_of
    or any_of; without them, of the surest label at all; 0 where no label counts. Ties are broken by URI, ascending, by
    its bytes."""
    limit: int = 20
    page: str | None = None
    """The token of an earlier Page of the same query; the limit may be another one. It goes on behind the place where
    that page ended, so rows that come and go in between neither repeat nor hide others."""

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
            raise ValueError("a prefix is of the keys of a bucket: name the bucket too")
        for term in (*self.all_of, *self.any_of, *self.none_of):
            if not 0 <= term.least <= 1:
                raise ValueError(f"the least confidence of a word is {term.least}: it must be 0 to 1")
        for time in (self.from_time, self.until_time, self.since):
            if time is not None and abs(time) >= 2**53:
                raise ValueError(f"the time {time} is no number of milliseconds since 1970")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search; `next` is None at the end."""

    records: tuple[ImageRecord, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows match, and how many of these are found by each label id, and by each category.

    Most first, then by id; without those that are found by none. A row is counted once for an id: for each of its
    labels' ids, and for those that its answer named above them (rows.postings). Rows in other states than labelled have
    no labels: of these the reasons and the notes are counted.
    """

    total: int
    labels: dict[str, int]
    categories: dict[str, int]
    """By the id of the level-1 concept, or of what stands for it, above a row's labels, as the row itself names it
    (rows.categories)."""
    states: dict[str, int] = field(default_factory=dict)
    """How many of the rows are in each state."""
    reasons: dict[str, int] = field(default_factory=dict)
    """How many of the rows that are not labelled have each reason."""
    notes: dict[str, int] = field(default_factory=dict)
    """How many of the rows that are not labelled have each note, such as format_heic."""


def most_first(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def summed(parts: Iterable[Counts]) -> Counts:
    """The counts of rows that were counted in parts, none of them in two."""
    total = 0
    names = ("labels", "categories", "states", "reasons", "notes")
    sums: dict[str, Counter[str]] = {name: Counter() for name in names}
    for part in parts:
        total += part.total
        for name in names:
            sums[name].update(getattr(part, name))
    return Counts(total, **{name: most_first(sums[name]) for name in names})
