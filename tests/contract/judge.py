"""The judge: the search language over a plain list, its written specification. domain/query.py says it in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from imagelabels.domain.model import ImageRecord, Label
from imagelabels.domain.query import ANY, Counts, Query, Term

Place = tuple[float, bytes]
"""Where a row stands in an order: places ascend from the first row to the last."""


def matches(rows: Iterable[ImageRecord], query: Query) -> list[ImageRecord]:
    """The rows that match, in the order asked for; limit and page are not looked at."""
    return sorted((row for row in rows if _is_match(row, query)), key=lambda row: place(row, query))


def behind(rows: Iterable[ImageRecord], query: Query, end: Place) -> list[ImageRecord]:
    """What the page after one that ended at that place begins with, and all that follows."""
    return [row for row in matches(rows, query) if place(row, query) > end]


def place(row: ImageRecord, query: Query) -> Place:
    ranks = {"newest": -row.updated_at, "oldest": row.updated_at, "confidence": -_surest(row, query), "uri": 0}
    return ranks[query.order], row.ref.uri.encode("utf-8", "surrogatepass")


def counts(rows: Iterable[ImageRecord], query: Query) -> Counts:
    found = matches(rows, query)
    labels = Counter(id for row in found for id in {id for label in _labels(row) for id in _ids(row, label)})
    categories = Counter(id for row in found for id in _categories(row))
    states = Counter(str(row.state) for row in found)
    others = [row for row in found if row.state != "labelled"]
    reasons = Counter(str(row.reason) for row in others if row.reason is not None)
    notes = Counter(str(note) for row in others for note in set(row.notes))
    return Counts(len(found), *map(_sorted, (labels, categories, states, reasons, notes)))


def _labels(row: ImageRecord) -> tuple[Label, ...]:
    return row.labels if row.state == "labelled" else ()


def _ids(row: ImageRecord, label: Label) -> tuple[str, ...]:
    """What the label counts for: its own id, and those that its answer named above it, nearest first."""
    return (label.id, *row.ancestors.get(label.id, ()))


def _is_match(row: ImageRecord, query: Query) -> bool:
    modified = row.head.last_modified * 1000 if row.head is not None else None
    return (
        query.state in (row.state, ANY)
        and (not query.reason or query.reason in (row.reason, *row.notes))
        and (not query.bucket or row.ref.uri.startswith(f"{query.bucket}/{query.prefix}"))
        and (query.from_time is None or (modified is not None and modified >= query.from_time))
        and (query.until_time is None or (modified is not None and modified < query.until_time))
        and (query.since is None or row.updated_at >= query.since)
        and all(_has(row, term) for term in query.all_of)
        and (not query.any_of or any(_has(row, term) for term in query.any_of))
        and not any(_has(row, term) for term in query.none_of)
    )


def _has(row: ImageRecord, term: Term) -> list[float]:
    """How sure the labels are that count for the word; empty: the row does not have it."""
    sure = (label for label in _labels(row) if label.confidence >= term.least)
    return [label.confidence for label in sure if not term.ids.isdisjoint(_ids(row, label))]


def _surest(row: ImageRecord, query: Query) -> float:
    asked = (*query.all_of, *query.any_of)
    counting = [sure for term in asked for sure in _has(row, term)]
    return max(counting if asked else [label.confidence for label in _labels(row)], default=0)


def _categories(row: ImageRecord) -> set[str]:
    """Of each label itself where it is of level 1, else the widest that its answer named above it, if any."""
    above = ((label.id,) if label.level == 1 else _ids(row, label)[1:] for label in _labels(row))
    return {ids[-1] for ids in above if ids}


def _sorted(counted: Counter[str]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))
