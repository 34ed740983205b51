"""Lists and counts what became of objects, and what is still not done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from imagelabels.domain.model import ImageRecord
from imagelabels.domain.outcomes import State
from imagelabels.domain.query import LIMIT, STATES, Query
from imagelabels.domain.tally import Group
from imagelabels.ports import LabelIndex, Unfinished

PAGE = 200


def listed(index: LabelIndex, query: Query, limit: int) -> Iterator[ImageRecord]:
    """Yield up to `limit` rows that match, page by page."""
    return islice(_records(index, query, limit), limit)


def _records(index: LabelIndex, query: Query, limit: int) -> Iterator[ImageRecord]:
    query = replace(query, limit=min(limit, LIMIT))
    while True:
        page = index.search(query)
        yield from page.records
        if page.next is None:
            return
        query = replace(query, page=page.next)


def unfinished(index: LabelIndex, now: float, bucket: str, prefix: str, reason: str = "") -> Iterator[Unfinished]:
    """Yield the rows on which work is not done, in the order of their URIs; those with the reason, if one is given."""
    after = ""
    while True:
        page = index.unfinished(now, bucket, prefix, after, PAGE)
        yield from (row for row in page if not reason or row.reason == reason)
        if len(page) < PAGE:
            return
        after = page[-1].ref.uri


def counted(index: LabelIndex, query: Query) -> list[Group]:
    """Count the rows that match by state and reason; `query.state` does not matter."""
    groups = []
    for state in STATES:
        counts = index.count(replace(query, state=state))
        groups += [Group(state, reason, rows) for reason, rows in counts.reasons.items()]
        without = counts.total - sum(counts.reasons.values())
        groups += [Group(state, "", without)] if without > 0 and not query.reason else []
    return groups


def counted_by_bucket(index: LabelIndex, now: float) -> Iterator[tuple[str, list[Group]]]:
    """Yield each bucket in which work is not done, with its parked and waiting rows."""
    after = ""
    while rows := index.unfinished(now, after=after, limit=1):
        ref = rows[0].ref
        bucket = f"{ref.store}://{ref.bucket}"
        groups = counted(index, Query(bucket=bucket))
        yield bucket, [group for group in groups if group.state in (State.PARKED, State.WAITING)]
        after = f"{bucket}0"  # This stands behind all URIs of the bucket and before those of the next one.
