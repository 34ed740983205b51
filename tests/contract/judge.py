"""The judge implements the search language over a plain list, as its specification.

domain/query.py describes the language in words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from imagelabels.domain.model import ImageRecord, Label
from imagelabels.domain.query import ANY, Counts, Query, Term

Place = tuple[float, bytes]
"""The place of a row in an order. Places ascend from the first row to the last."""


def matches(rows: Iterable[ImageRecord], query: Query) -> list[ImageRecord]:
    """Return the rows that match, in the order of the query. Limit and page are ignored."""
    return sorted((row for row in rows if _is_match(row, query)), key=lambda row: place(row, query))


def behind(rows: Iterable[ImageRecord], query: Query, end: Place) -> list[ImageRecord]:
    """Return all rows that follow a page which ended at this place."""
    return [row for row in matches(rows, query) if place(row, query) > end]


def place(row: ImageRecord, query: Query) -> Place:
    ranks = {
        "newest": -row.updated_at,
        "oldest": row.updated_at,
        "confidence": -_highest_confidence(row, query),
        "uri": 0,
    }
    return ranks[query.order], row.ref.uri.encode("utf-8", "surrogatepass")


def counts(rows: Iterable[ImageRecord], query: Query) -> Counts:
    matching = matches(rows, query)
    labels = Counter(label_id for row in matching for label_id in _all_ids(row))
    categories = Counter(category for row in matching for category in _categories(row))
    states = Counter(str(row.state) for row in matching)
    others = [row for row in matching if row.state != "labelled"]
    reasons = Counter(str(row.reason) for row in others if row.reason is not None)
    notes = Counter(str(note) for row in others for note in set(row.notes))
    return Counts(len(matching), *map(_sorted, (labels, categories, states, reasons, notes)))


def _labels(row: ImageRecord) -> tuple[Label, ...]:
    return row.labels if row.state == "labelled" else ()


def _ids(row: ImageRecord, label: Label) -> tuple[str, ...]:
    """Return the ids that the label counts for: its own, and those that its answer named above it, nearest first."""
    return (label.id, *row.ancestors.get(label.id, ()))


def _all_ids(row: ImageRecord) -> set[str]:
    return {label_id for label in _labels(row) for label_id in _ids(row, label)}


def _is_match(row: ImageRecord, query: Query) -> bool:
    modified = row.head.last_modified * 1000 if row.head is not None else None
    return (
        query.state in (row.state, ANY)
        and (not query.reason or query.reason in (row.reason, *row.notes))
        and (not query.bucket or row.ref.uri.startswith(f"{query.bucket}/{query.prefix}"))
        and (query.from_time is None or (modified is not None and modified >= query.from_time))
        and (query.until_time is None or (modified is not None and modified < query.until_time))
        and (query.since is None or row.updated_at >= query.since)
        and all(_confidences(row, term) for term in query.all_of)
        and (not query.any_of or any(_confidences(row, term) for term in query.any_of))
        and not any(_confidences(row, term) for term in query.none_of)
    )


def _confidences(row: ImageRecord, term: Term) -> list[float]:
    """Return the confidences of the labels that count for the word; none means that the row does not match it."""
    sure = (label for label in _labels(row) if label.confidence >= term.least)
    return [label.confidence for label in sure if not term.ids.isdisjoint(_ids(row, label))]


def _highest_confidence(row: ImageRecord, query: Query) -> float:
    terms = (*query.all_of, *query.any_of)
    counting = [confidence for term in terms for confidence in _confidences(row, term)]
    return max(counting if terms else [label.confidence for label in _labels(row)], default=0)


def _categories(row: ImageRecord) -> set[str]:
    """Return the categories: each label of level 1, or else the widest id that its answer named above it, if any."""
    above = ((label.id,) if label.level == 1 else _ids(row, label)[1:] for label in _labels(row))
    return {ids[-1] for ids in above if ids}


def _sorted(counted: Counter[str]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))
