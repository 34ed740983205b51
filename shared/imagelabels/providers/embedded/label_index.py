"""Search and counting on SQLite, begun where the fewest rows must be looked at."""

from __future__ import annotations

import sqlite3

from imagelabels.domain import paging, rows
from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.query import Counts, Page, Query
from imagelabels.providers.embedded import postings
from imagelabels.providers.embedded.database import Database
from imagelabels.providers.embedded.question import Question

FEW = 5000
"""So many candidates are looked up and sorted; of more, the ordered index is walked until the page is full."""

_ROW = (
    "SELECT store, bucket, key, version, schema, reason, record"
    " FROM images LEFT JOIN records ON image = id WHERE id = ?"
)


class SqliteLabelIndex:
    """Implements ports.LabelIndex."""

    def __init__(self, database: Database, few: int = FEW) -> None:
        self._database = database
        self._few = few

    def search(self, query: Query) -> Page:
        start = paging.place(query)
        with self._database.one_moment() as connection:
            question = Question(connection, query, self._few)
            found = question.surest_first(start) if question.is_ranked else question.in_order(start)
            records = tuple(_record(connection, row.image) for row in found[: query.limit])
        if len(found) <= query.limit:
            return Page(records, None)
        last = found[query.limit - 1]
        return Page(records, paging.token(query, paging.Place(last.rank, rows.text(last.uri))))

    def count(self, query: Query) -> Counts:
        with self._database.one_moment() as connection:
            return postings.counted(connection, Question(connection, query, self._few).facets())


def _record(connection: sqlite3.Connection, image: int) -> ImageRecord:
    store, bucket, key, version, schema, reason, record = connection.execute(_ROW, (image,)).fetchone()
    ref = ObjectRef(store, bucket, rows.text(key), version)
    if record is None:
        return rows.unfinished(ref, reason)
    return rows.read_record(ref, schema, record)
