"""Tells what has changed, in the transaction that changes it, and reads it again."""

from __future__ import annotations

import re
import sqlite3

from imagelabels.domain.changes import KEPT_DAYS, Change, CursorTooOld, named
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.sqlite.database import Database
from imagelabels.records import rows

KEPT = KEPT_DAYS * 86_400_000
"""A change is kept for so many milliseconds."""

SELDOM = 1000
"""After so many changes the old ones are removed."""

_CURSOR = re.compile(r"[0-9]{1,18}")


def tell(connection: sqlite3.Connection, image: int, ref: ObjectRef, at: int, removed: bool = False) -> None:
    """Write that a row was written, or removed. Writers wait for each other, so the numbers come in the order in which
    readers see the rows. `image` is the number of the row."""
    told = connection.execute(
        "INSERT INTO changes (at, removed, uri, image) VALUES (?, ?, ?, ?)", (at, removed, rows.octets(ref.uri), image)
    )
    if told.lastrowid is not None and told.lastrowid % SELDOM == 0:
        forget(connection, at - KEPT)


def forget(connection: sqlite3.Connection, before: int) -> None:
    """Remove the lines in front of the first one that is young enough."""
    connection.execute(
        "DELETE FROM changes WHERE number < (SELECT number FROM changes WHERE at >= ? ORDER BY number LIMIT 1)",
        (before,),
    )


class SqliteChanges:
    """This is a port Changes. A cursor is the number of the last change that was told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def since(self, cursor: str | None, limit: int = 100) -> tuple[tuple[Change, ...], str]:
        if cursor is not None and not _CURSOR.fullmatch(cursor):
            raise _no_cursor()
        with self._database.one_moment() as connection:
            newest = last(connection)
            (first,) = connection.execute("SELECT min(number) FROM changes").fetchone()
            oldest = newest if first is None else first - 1
            start = oldest if cursor is None else int(cursor)
            if start > newest:
                raise _no_cursor()
            if start < oldest:
                raise CursorTooOld
            told = connection.execute(
                "SELECT number, at, removed, uri FROM changes WHERE number > ? ORDER BY number LIMIT ?", (start, limit)
            ).fetchall()
        changes = tuple(_change(*line) for line in told)
        return changes, str(told[-1][0] if told else start)

    def end(self) -> str:
        with self._database.reading() as connection:
            return str(last(connection))


def last(connection: sqlite3.Connection) -> int:
    """Return the number of the last change that was ever told."""
    found = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").fetchone()
    return int(found[0]) if found is not None else 0


def _change(number: int, at: int, removed: int, uri: bytes) -> Change:
    with rows.undamaged(f"the change {number}"):
        ref = named(rows.text(uri))
        return Change(ref, rows.image_pk(ref), "removed" if removed else "written", at)


def _no_cursor() -> ValueError:
    return ValueError("this is no cursor of this index: use one as it was given, or start from an export")
