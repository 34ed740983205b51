"""Lists and counts what became of objects, and what is still not done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from imagelabels.domain.budget import Limits
from imagelabels.domain.model import ImageRecord
from imagelabels.domain.outcomes import Reason, State, known_reason
from imagelabels.domain.query import LIMIT, STATES, Query
from imagelabels.domain.tally import DetectorSpending, Group
from imagelabels.ports import Budget, LabelIndex, Unfinished

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


@dataclass(frozen=True, slots=True)
class Chosen:
    """These rows are chosen of those on which work is not done. What is empty chooses all."""

    state: str = ""
    """This is `parked` where a person or the budget stands in the way, and `waiting` for all others: those that the
    platform was to deliver again, finished rows beside which such a reason is noted, and deliveries that died."""
    reason: str = ""
    since: int | None = None
    until: int | None = None
    """Milliseconds since 1970: the row was parked then or later, and before. Rows that do not tell since when they wait
    are chosen too, since none may be left out."""

    def __contains__(self, row: Unfinished) -> bool:
        at = row.parked_at
        return (
            (not self.state or self.state == _stands(row))
            and (not self.reason or self.reason == row.reason)
            and (at is None or self.since is None or self.since <= at)
            and (at is None or self.until is None or at < self.until)
        )


def _stands(row: Unfinished) -> State:
    """Return the state that the reason belongs to, which is not that of the row where it stands beside a finished one.
    The row's own state counts for a reason of a newer version."""
    reason = known_reason(row.reason) if row.reason is not None else None
    is_parked = reason.state is State.PARKED if isinstance(reason, Reason) else row.state == State.PARKED
    return State.PARKED if is_parked else State.WAITING


def unfinished(index: LabelIndex, now: float, bucket: str, prefix: str, chosen: Chosen) -> Iterator[Unfinished]:
    """Yield the rows on which work is not done and that are chosen, in the order of their URIs."""
    after = ""
    while True:
        page = index.unfinished(now, bucket, prefix, after, PAGE)
        yield from (row for row in page if row in chosen)
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


def spending(budget: Budget, limits: Limits, detectors: Iterable[str], now: float) -> list[DetectorSpending]:
    """Tell what was spent on each detector that was ever called, or is held, and how much may be."""
    spent = {name: budget.spending(name, now) for name in detectors}
    return [DetectorSpending(name, one, limits) for name, one in spent.items() if one.total or one.holds]
