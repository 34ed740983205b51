"""Brings an index file of layout 1 to layout 2, part by part: it goes on where it was cut off."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from imagelabels.domain.model import ObjectRef
from imagelabels.providers.sqlite import postings
from imagelabels.providers.sqlite.database import Database
from imagelabels.providers.sqlite.tables import ADD_FAILURES, IMAGES, LATER, LAYOUT, MOVING, SEARCHED
from imagelabels.records import rows

PART = 500
"""A transaction has so many rows."""

_SAME = "id, pk, schema, uri, store, bucket, key, version, state, reason, waiting, lock, lock_until, lock_event"


def migrate(path: Path, part: int = PART) -> int:
    """Migrate; return how many rows were written, 0 for an index that is up to date. From the first part to the last
    the index is refused to everybody else: older versions see the new layout, this one the rows that are still to
    come."""
    database = Database(path, create=False, oldest=1)
    try:
        with database.writing() as connection:
            if connection.execute("PRAGMA user_version").fetchone() == (LAYOUT - 1,):
                _make_room(connection)
        written = 0
        while (moved := _move(database, part)) is not None:
            written += moved
        return written
    finally:
        database.close()


def _make_room(connection: sqlite3.Connection) -> None:
    for index in ("images_newest", "images_confidence", "images_uri"):
        connection.execute(f"DROP INDEX {index}")
    connection.execute("DROP TABLE labels")
    connection.execute(f"ALTER TABLE images RENAME TO {MOVING}")
    for statement in (IMAGES, *SEARCHED, *LATER.values(), ADD_FAILURES):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {LAYOUT}")


def _move(database: Database, part: int) -> int | None:
    """Move the next rows; None if there were none, and the old table is gone."""
    with database.writing() as connection:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (MOVING,)).fetchone() is None:
            return None
        # Rows keep their numbers and are moved by them, so the last one tells how far we are.
        some = connection.execute(
            f"SELECT id, store, bucket, key, version, schema, record FROM {MOVING}"
            " WHERE id > (SELECT coalesce(max(id), 0) FROM images) ORDER BY id LIMIT ?",
            (part,),
        ).fetchall()
        if not some:
            connection.execute(f"DROP TABLE {MOVING}")
            return None
        connection.execute(
            f"INSERT INTO images ({_SAME}, updated_at, confidence)"
            f" SELECT {_SAME}, iif(state = 'waiting', coalesce(updated_at, 0), updated_at), coalesce(confidence, 0)"
            f" FROM {MOVING} WHERE id BETWEEN ? AND ?",
            (some[0][0], some[-1][0]),
        )
        for image, store, bucket, key, version, schema, stored in some:
            if stored is not None:
                record = rows.read_record(ObjectRef(store, bucket, rows.text(key), version), schema, stored)
                connection.execute("UPDATE images SET modified = ? WHERE id = ?", (rows.modified(record), image))
                postings.write(connection, image, record, rows.postings(record), stored)
        return len(some)
