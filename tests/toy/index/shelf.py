"""Rows in a dictionary, and search over them by the written specification of the search language."""

from __future__ import annotations

from functools import cache

from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.query import Counts, Page, Query
from imagelabels.records import paging, rows
from tests.contract import judge
from tests.fakes import FakeLedger


@cache
def shelf(name: str) -> FakeLedger:
    """What was put on a shelf stays there while the process lives."""
    return FakeLedger()


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

    def _rows(self) -> list[ImageRecord]:
        found: list[ImageRecord] = []
        for uri, row in self._ledger.rows.items():
            if row.record is not None:
                found.append(row.record)
            elif row.waiting is not None:
                store, _, rest = uri.partition("://")
                bucket, _, key = rest.partition("/")
                found.append(rows.unfinished(ObjectRef(store, bucket, key), row.waiting))
        return found
