"""Rows in a dictionary, and search over them by the written specification of the search language."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.query import Counts, Page, Query
from imagelabels.ports import MARGIN, Unfinished
from imagelabels.ports.webhooks import Webhooks
from imagelabels.records import paging, rows
from tests.contract import judge
from tests.fakes import FakeLedger
from tests.fakes_albums import FakeAlbums, FakeTokens
from tests.fakes_webhooks import fake_webhooks


@cache
def shelf(name: str) -> FakeLedger:
    """What was put on a shelf stays there while the process lives."""
    return FakeLedger()


@cache
def albums(name: str) -> FakeAlbums:
    return FakeAlbums()


@cache
def tokens(name: str) -> FakeTokens:
    return FakeTokens()


@cache
def webhooks(name: str) -> Webhooks:
    return fake_webhooks()


class ShelfIndex:
    """Fits LabelIndex."""

    def __init__(self, ledger: FakeLedger) -> None:
        self._ledger = ledger

    def search(self, query: Query) -> Page:
        end = paging.place(query)
        matching = judge.matches(self._rows(), query)
        if end is not None:
            rank = -end.rank if query.order in ("newest", "confidence") else end.rank
            matching = judge.behind(matching, query, (rank, end.uri.encode("utf-8", "surrogatepass")))
        shown, more = tuple(matching[: query.limit]), len(matching) > query.limit
        if not more:
            return Page(shown, None)
        last = judge.place(shown[-1], query)
        return Page(shown, paging.token(query, paging.PagePosition(abs(last[0]), shown[-1].ref.uri)))

    def count(self, query: Query) -> Counts:
        return judge.counts(self._rows(), query)

    def unfinished(
        self,
        now: float,
        bucket: str = "",
        prefix: str = "",
        after: str = "",
        limit: int = 100,
        without: Collection[str] = (),
    ) -> tuple[Unfinished, ...]:
        found = []
        for uri, row in sorted(self._ledger.there.items(), key=lambda item: rows.octets(item[0])):
            state = row.record.state.value if row.record is not None else "waiting" if row.waiting else None
            reason = row.waiting or (row.record.reason if row.record is not None else None)
            is_dead = row.lock is not None and row.until + MARGIN < now
            begins = not bucket or uri.startswith(f"{bucket}/{prefix}")
            behind = rows.octets(uri) > rows.octets(after)
            if (
                begins
                and behind
                and reason not in without
                and (state in ("parked", "waiting") or row.waiting is not None or is_dead)
            ):
                lock_until = row.until if row.lock is not None else None
                is_parked = row.record is not None and state == "parked" and row.waiting is None
                parked_at = row.record.updated_at if row.record is not None and is_parked else None
                found.append(Unfinished(_ref(uri), state, reason, lock_until, parked_at))
        return tuple(found[:limit])

    def _rows(self) -> list[ImageRecord]:
        found: list[ImageRecord] = []
        for uri, row in self._ledger.there.items():
            if row.record is not None:
                found.append(row.record)
            elif row.waiting is not None:
                found.append(rows.unfinished(_ref(uri), row.waiting))
        return found


def _ref(uri: str) -> ObjectRef:
    store, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    return ObjectRef(store, bucket, key)
