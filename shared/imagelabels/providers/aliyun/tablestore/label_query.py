"""Translates a query into the form that Tablestore's search index takes.

Labels are nested rows, one per id: a condition on an id and its confidence can only be met by one of them together.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import tablestore as ots

from imagelabels.domain.query import ANY, STATES, Query, Term
from imagelabels.providers.aliyun.tablestore.tables import sendable, word
from imagelabels.records.paging import PagePosition

TERMS = 1024
"""A terms query takes at most so many values."""

PREFIX_BYTES = 1000
"""A prefix query takes at most so many bytes, fewer than a key may have:
https://www.alibabacloud.com/help/en/tablestore/limits-on-search-index."""

LABELS, ID, CONFIDENCE = "labels", "labels.id", "labels.confidence"


class TablestoreQuestion:
    """It asks the search index what a query wants, page by page."""

    def __init__(self, query: Query) -> None:
        self._order, self._rank = query.order, _RANKS.get(query.order, "")
        self._conditions = [ots.TermsQuery("state", list(STATES) if query.state == ANY else [query.state])]
        if query.reason:
            reason = sendable(query.reason)
            self._conditions.append(any_of([ots.TermQuery("reason", reason), ots.TermQuery("notes", reason)]))
        self._without = [_nested(_meant(term)) for term in query.none_of if term.ids]
        self.none = any(not term.ids for term in query.all_of)
        """No row can match."""
        self._conditions += [_nested(_meant(term)) for term in query.all_of if term.ids]
        if query.any_of:
            wanted = [term for term in query.any_of if term.ids]
            self.none = self.none or not wanted
            if wanted:
                self._conditions.append(_nested(any_of([_meant(term) for term in wanted])))
        if query.bucket:
            self._conditions.append(ots.TermQuery("bucket", query.bucket))
        if query.prefix:
            self._conditions.append(begins(sendable(query.prefix)))
        if query.from_time is not None or query.until_time is not None:
            self._conditions.append(ots.RangeQuery("last_modified", query.from_time, query.until_time))
        if query.since is not None:
            self._conditions.append(ots.RangeQuery("updated_at", query.since))
        ranked = [term for term in (*query.all_of, *query.any_of) if term.ids]
        self.ranked: tuple[Term, ...] = tuple(ranked) if query.order == "confidence" else ()
        """Return the words whose labels give the order; without any, a column of the row does."""
        self._by = any_of([_meant(term) for term in self.ranked]) if self.ranked else None

    def matching(self, after: PagePosition | None = None) -> Any:
        """Match every row that the query wants; only those behind `place` if one is given."""
        conditions = [*self._conditions, *([self._behind(after)] if after is not None else [])]
        return ots.BoolQuery(filter_queries=conditions, must_not_queries=self._without)

    def sort(self) -> Any:
        by_uri = ots.FieldSort("uri", ots.SortOrder.ASC)
        if self._by is not None:
            only = ots.NestedFilter(LABELS, self._by)
            surest = ots.FieldSort(CONFIDENCE, ots.SortOrder.DESC, ots.SortMode.MAX, only)
            return ots.Sort([surest, by_uri])
        if not self._rank:
            return ots.Sort([by_uri])
        order = ots.SortOrder.ASC if self._order == "oldest" else ots.SortOrder.DESC
        return ots.Sort([ots.FieldSort(self._rank, order), by_uri])

    def _behind(self, place: PagePosition) -> Any:
        later = ots.RangeQuery("uri", sendable(place.uri), include_lower=False)
        if self._by is not None:
            as_sure, surer = (_nested(_all([self._by, _surer(place.rank, equal)])) for equal in (True, False))
            less = ots.BoolQuery(must_not_queries=[as_sure])
            return any_of([less, ots.BoolQuery(filter_queries=[as_sure, later], must_not_queries=[surer])])
        if not self._rank:
            return later
        rank: Any = float(place.rank) if self._rank == "confidence" else int(place.rank)
        if self._order == "oldest":
            beyond = ots.RangeQuery(self._rank, rank, include_lower=False)
        else:
            beyond = ots.RangeQuery(self._rank, None, rank)
        return any_of([beyond, _all([ots.TermQuery(self._rank, rank), later])])


_RANKS = {"newest": "updated_at", "oldest": "updated_at", "confidence": "confidence"}


def _meant(term: Term) -> Any:
    """Require a nested row that counts for the word."""
    ids = iter(sorted({word(label_id) for label_id in term.ids}))
    named = any_of([ots.TermsQuery(ID, part) for part in iter(lambda: list(islice(ids, TERMS)), [])])
    return _all([named, _surer(term.least)]) if term.least > 0 else named


def _surer(least: float, equal: bool = True) -> Any:
    return ots.RangeQuery(CONFIDENCE, float(least), include_lower=equal)


def begins(prefix: str) -> Any:
    """Match keys that begin with the prefix."""
    if len(prefix.encode()) <= PREFIX_BYTES:
        return ots.PrefixQuery("key", prefix)
    # No key continues a prefix of this length by 64 characters, so none lies behind the last of these.
    last = prefix + "\U0010ffff" * 64
    return ots.RangeQuery("key", prefix, last, include_lower=True, include_upper=True)


def _nested(query: Any) -> Any:
    return ots.NestedQuery(LABELS, query)


def any_of(queries: Iterable[Any]) -> Any:
    """Match what at least one of the queries matches."""
    queries = list(queries)
    return queries[0] if len(queries) == 1 else ots.BoolQuery(should_queries=queries, minimum_should_match=1)


def _all(queries: Iterable[Any]) -> Any:
    return ots.BoolQuery(filter_queries=list(queries))
