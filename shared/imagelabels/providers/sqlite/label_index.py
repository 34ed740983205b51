"""Searches and counts on SQLite, beginning where the fewest rows must be looked at."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from imagelabels.domain.errors import Damaged
from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.query import ANY, STATES, Counts, LeftOut, Page, Query, most_first, summed
from imagelabels.ports import Unfinished
from imagelabels.providers.sqlite import backlog, postings
from imagelabels.providers.sqlite.database import Connection, Database
from imagelabels.providers.sqlite.question import RankedRow, SqliteQuestion
from imagelabels.providers.sqlite.remembered import Remembered
from imagelabels.records import paging, rows
from imagelabels.records.left_out import left_out
from imagelabels.records.paging import PagePosition

FEW = 5000
"""Up to so many candidates are looked up and sorted. If there are more, the ordered index is walked until the page is
full."""

# Texts are read as bytes, since SQLite's own error for one that is not UTF-8 would not tell which row it is in.
_TEXTS = ", ".join(f"CAST({column} AS BLOB)" for column in ("store", "bucket", "key", "version", "reason", "record"))
_ROW = f"SELECT {_TEXTS}, schema FROM images LEFT JOIN records ON image = id WHERE id = ?"


class SqliteLabelIndex:
    """This is a LabelIndex."""

    def __init__(self, database: Database, few: int = FEW, remembered: Remembered | None = None) -> None:
        """`remembered`: a process that asks often looks for rows with it in memory."""
        self._database = database
        self._few = few
        self._remembered = remembered

    def search(self, query: Query) -> Page:
        start = paging.place(query)
        with self._one_moment() as connection:
            found = [row for part in _in_states(query) for row in self._page(connection, part, start)]
            if query.state == ANY:
                found.sort(key=lambda row: (row.rank if query.order == "oldest" else -row.rank, row.uri))
            read = [_record(connection, row) for row in found[: query.limit]]
        records = tuple(row for row in read if isinstance(row, ImageRecord))
        missing = tuple(row for row in read if isinstance(row, LeftOut))
        if len(found) <= query.limit:
            return Page(records, None, missing)
        return Page(records, paging.token(query, _last(found[: query.limit])), missing)

    def count(self, query: Query) -> Counts:
        with self._one_moment() as connection:
            return summed(self._counts(connection, part) for part in _in_states(query))

    def unfinished(
        self,
        now: float,
        bucket: str = "",
        prefix: str = "",
        after: str = "",
        limit: int = 100,
        without: Collection[str] = (),
    ) -> tuple[Unfinished, ...]:
        with self._database.one_moment() as connection:
            return backlog.unfinished(connection, now, bucket, prefix, after, limit, without)

    def _page(self, connection: Connection, query: Query, start: PagePosition | None) -> list[RankedRow]:
        question = SqliteQuestion(connection, query, self._few, self._remembered)
        return question.surest_first(start) if question.is_ranked else question.in_order(start)

    def _counts(self, connection: Connection, query: Query) -> Counts:
        question = SqliteQuestion(connection, query, self._few, self._remembered)
        tallied = question.tally()
        counts = postings.named(connection, *tallied) if tallied else postings.counted(connection, question.facets())
        states = {query.state: counts.total} if counts.total else {}
        if query.state == "labelled" or not counts.total:
            return replace(counts, states=states)
        reasons, notes = most_first(dict(question.reasons())), most_first(dict(question.notes()))
        return replace(counts, states=states, reasons=reasons, notes=notes)

    @contextmanager
    def _one_moment(self) -> Iterator[Connection]:
        """Give a connection that sees one commit; Unavailable names a row that is too damaged to be found."""
        with self._database.one_moment() as connection, rows.undamaged("what rows are found by"):
            try:
                yield connection
            except (sqlite3.OperationalError, ValueError, TypeError, LookupError) as error:
                if isinstance(error, sqlite3.OperationalError) and "user-defined function" not in str(error):
                    raise
                if (uri := postings.damaged(connection)) is not None:
                    raise ValueError(f"{_named(uri)} is found by labels that cannot be read") from error
                raise


def _last(found: list[RankedRow]) -> PagePosition:
    """Return the place of the last row whose URI can be read; Damaged if there is none, and so no way further."""
    for row in reversed(found[1:]):
        with suppress(Damaged), rows.undamaged_row(_named(row.uri)):
            return PagePosition(row.rank, rows.text(row.uri))
    with rows.undamaged_row(_named(found[0].uri)):
        return PagePosition(found[0].rank, rows.text(found[0].uri))


def _in_states(query: Query) -> list[Query]:
    """Split a query into one for each state, since every index of the table begins with the state."""
    return [replace(query, state=state) for state in STATES] if query.state == ANY else [query]


def _named(uri: object) -> str:
    """Return the URI of a row that may be damaged, as a message shows it."""
    return str(uri, "utf-8", "backslashreplace") if isinstance(uri, bytes) else ascii(uri)[:100]


def _record(connection: sqlite3.Connection, found: RankedRow) -> ImageRecord | LeftOut:
    """Read the row; where that cannot be done, return what is known of it."""
    name, ref = _named(found.uri), None
    try:
        with rows.undamaged_row(name):
            store, bucket, key, version, reason, record, schema = connection.execute(_ROW, (found.image,)).fetchone()
            ref = ObjectRef(rows.text(store), rows.text(bucket), rows.text(key), _text(version))
            if record is None:
                return rows.unfinished(ref, _text(reason))
            return rows.read_record(ref, schema, record)
    except Damaged as error:
        return left_out(name, ref, error)


def _text(octets: bytes | None) -> str | None:
    return rows.text(octets) if octets is not None else None
