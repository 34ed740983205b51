"""Counts what a backfill will do with each object, and which requests that takes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from enum import Enum


class Way(str, Enum):
    """The ways in which a backfill brings an object to its end. Each object goes exactly one of them."""

    DONE = "done"
    """The row is finished for this content and this policy, so nothing is done and nothing is asked."""
    REPLAN = "replan"
    """The labels are chosen anew from the kept answer, because the policy changed."""
    KEPT = "kept"
    """An answer for this content is kept, so no detector is asked."""
    DUPLICATE = "duplicate"
    """Another object of the same walk has this content, so its answer is used."""
    CALL = "call"
    """The detector is asked."""
    REFUSED = "refused"
    """The file's first bytes tell that the detector is not to be asked."""
    NO_CALL = "no_call"
    """Policy, name, size or HEAD tell that the detector is not to be asked."""
    UNSEEN = "unseen"
    """The object could not be looked at, so nobody knows whether the detector will be asked."""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Requests:
    """So many requests of each kind something takes."""

    store_reads: int = 0
    tag_writes: int = 0
    lists: int = 0
    """So many pages of a bucket's list are read."""
    index_writes: int = 0
    """So many rows are written."""
    index_reads: int = 0

    def plus(self, other: Requests) -> Requests:
        return Requests(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def times(self, number: int) -> Requests:
        return Requests(*(getattr(self, one.name) * number for one in fields(self)))


REQUESTS = {
    # HEAD three times and the tags; a row's lock, the claim, the budget, the answer, the row, its history, the line of
    # changes, the proof.
    Way.CALL: Requests(store_reads=6, index_writes=8, index_reads=7),
    Way.REFUSED: Requests(store_reads=5, index_writes=7, index_reads=6),
    Way.DUPLICATE: Requests(store_reads=4, index_writes=5, index_reads=6),
    Way.KEPT: Requests(store_reads=4, index_writes=5, index_reads=6),
    Way.REPLAN: Requests(store_reads=4, index_writes=5, index_reads=6),
    Way.NO_CALL: Requests(store_reads=4, index_writes=4, index_reads=3),
    Way.UNSEEN: Requests(store_reads=6, index_writes=8, index_reads=7),
}
"""What one object takes, without the write of its tags. docs/architecture.md lists the calls of an ordinary picture."""

LIST_PAGE = 1000
"""Both stores list at most so many objects at once."""
ROWS_PAGE = 100
"""Tablestore reads at most so many rows at once: https://www.alibabacloud.com/help/en/tablestore/batchgetrow"""


@dataclass(slots=True)
class Tally:
    """What was found out about the objects so far. Tallies of parts can be added up."""

    ways: Counter[Way] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    """For each object that gets no labels, the reason."""
    formats: Counter[str] = field(default_factory=Counter)
    """For each object in a format that the detector does not read, the format."""
    unseen: Counter[str] = field(default_factory=Counter)
    """For each object that could not be looked at, the reason."""
    unsure_calls: int = 0
    """So many of the calls are perhaps not needed, because another delivery asks about the same content now, or because
    nobody looked at the object."""
    called_bytes: int = 0
    """The sizes of the pictures that the detector is asked about."""
    tags: int = 0
    """So many tags of ours will stand on objects of which this is known exactly."""
    planned_tags: int = 0
    """Objects whose labels are known, but not the tags that they have now, will have at most so many."""
    unasked_tags: int = 0
    """Objects whose labels nobody knows yet will have at most so many."""
    tag_writes: int = 0
    """So many objects get their tags written, at most."""
    unasked: int = 0
    """So many objects will have labels that nobody knows yet."""
    labelled_rows: int = 0
    """So many rows of labelled pictures were seen on the way."""
    labelled_tags: int = 0
    """So many tags do these rows name."""
    requests: Counter[str] = field(default_factory=Counter)
    """The requests that were made to find all this out, by what they asked for."""

    @property
    def objects(self) -> int:
        return self.ways.total()

    @property
    def tags_at_most(self) -> int:
        """Return how many tags there will be at most on objects of which this is not known exactly."""
        return self.planned_tags + self.unasked_tags

    def add(self, other: Tally) -> None:
        """Add what another tally counted."""
        for name in _COUNTED:
            if theirs := getattr(other, name):
                mine = getattr(self, name)
                if isinstance(mine, Counter):
                    mine.update(theirs)
                else:
                    setattr(self, name, mine + theirs)

    @property
    def backfill_requests(self) -> Requests:
        """Return the requests that the backfill will make, about: retries and waiting are not counted."""
        total = Requests(tag_writes=self.tag_writes, lists=-(-self.objects // LIST_PAGE), index_reads=self.objects)
        for way, each in REQUESTS.items():
            total = total.plus(each.times(self.ways[way]))
        return total


_COUNTED = tuple(one.name for one in fields(Tally))
