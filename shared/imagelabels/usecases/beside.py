"""Finds the pictures before and behind a picture in the answer of a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from imagelabels.domain.albums import Question
from imagelabels.domain.model import ImageRecord
from imagelabels.domain.query import LIMIT, Order, Query
from imagelabels.records.paging import PagePosition
from imagelabels.usecases import scopes
from imagelabels.usecases.gallery import Gallery, queried

MOST_EQUAL = 50
"""No more pictures of the same moment than so many are looked through."""

_LAST = "\U0010ffff"
"""No URI comes behind this text."""


def beside(
    gallery: Gallery, asked: Question, within: Sequence[str], order: Order, record: ImageRecord
) -> tuple[ImageRecord | None, ImageRecord | None]:
    """Return the picture before and the picture behind.

    The index only goes forward. For times the opposite order tells what comes before. For the other orders it is told
    for the first thousand pictures only.
    """
    query = replace(queried(gallery.words, asked), order=order, limit=MOST_EQUAL)
    behind = scopes.behind(gallery.index, replace(query, limit=1), within, scopes.position(query, record))
    before = _before_in_time if order in ("newest", "oldest") else _before_in_the_first
    return before(gallery, query, within, record), behind[0] if behind else None


def _before_in_time(gallery: Gallery, query: Query, within: Sequence[str], record: ImageRecord) -> ImageRecord | None:
    same_moment = scopes.behind(gallery.index, query, within, PagePosition(record.updated_at, ""))
    ahead = list(takewhile(lambda row: row.ref.uri != record.ref.uri, same_moment))
    if ahead and len(ahead) < len(same_moment):
        return ahead[-1]
    opposite: Order = "oldest" if query.order == "newest" else "newest"
    rows = scopes.behind(gallery.index, replace(query, order=opposite), within, PagePosition(record.updated_at, _LAST))
    nearest = [row for row in rows if row.updated_at == rows[0].updated_at]
    return nearest[-1] if nearest else None


def _before_in_the_first(
    gallery: Gallery, query: Query, within: Sequence[str], record: ImageRecord
) -> ImageRecord | None:
    rows = scopes.search(gallery.index, replace(query, limit=LIMIT), within).records
    ahead = list(takewhile(lambda row: row.ref.uri != record.ref.uri, rows))
    return ahead[-1] if ahead and len(ahead) < len(rows) else None
