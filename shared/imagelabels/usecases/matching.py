"""Tells of one row whether it matches a query, as an index would that has just seen the row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from imagelabels.domain.model import ImageRecord
from imagelabels.domain.query import ANY, Query, Term
from imagelabels.records.rows import modified, postings


def is_match(row: ImageRecord, query: Query) -> bool:
    """Return whether the row meets every condition. Order, limit and page play no part."""
    return _is_about(row, query) and _is_of_time(row, query) and _shows(postings(row), query)


def digest(query: Query) -> str:
    """Return a text that differs for queries that may match different rows."""
    groups = [
        [[sorted(term.ids), term.least] for term in terms] for terms in (query.all_of, query.any_of, query.none_of)
    ]
    rest = [query.bucket, query.prefix, query.state, query.reason, query.from_time, query.until_time, query.since]
    return hashlib.sha256(json.dumps([groups, rest]).encode()).hexdigest()[:32]


def _is_about(row: ImageRecord, query: Query) -> bool:
    return (
        query.state in (row.state, ANY)
        and (not query.reason or query.reason in (row.reason, *row.notes))
        and (not query.bucket or row.ref.uri.startswith(f"{query.bucket}/{query.prefix}"))
    )


def _is_of_time(row: ImageRecord, query: Query) -> bool:
    at = modified(row)
    return (
        (query.from_time is None or (at is not None and at >= query.from_time))
        and (query.until_time is None or (at is not None and at < query.until_time))
        and (query.since is None or row.updated_at >= query.since)
    )


def _shows(sure: Mapping[str, float], query: Query) -> bool:
    return (
        all(_meets(sure, term) for term in query.all_of)
        and (not query.any_of or _any(sure, query.any_of))
        and not _any(sure, query.none_of)
    )


def _any(sure: Mapping[str, float], terms: Iterable[Term]) -> bool:
    return any(_meets(sure, term) for term in terms)


def _meets(sure: Mapping[str, float], term: Term) -> bool:
    """Return whether a label counts for the word. Ids without a label have a confidence that is never enough."""
    return any(sure.get(name, -1.0) >= term.least for name in term.ids)
