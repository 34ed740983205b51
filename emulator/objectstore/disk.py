"""The folder of a store: a database for what is known of the objects, and a file for the bytes of each."""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emulator.objectstore.stored import APPENDABLE

_OBJECT = """
    bucket TEXT NOT NULL, key BLOB NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
    crc64 TEXT NOT NULL, modified INTEGER NOT NULL, storage_class TEXT NOT NULL, headers TEXT NOT NULL,
    tags TEXT NOT NULL, kind TEXT NOT NULL DEFAULT 'Normal', version TEXT NOT NULL DEFAULT 'null',
    sequence INTEGER NOT NULL DEFAULT 0, marker INTEGER NOT NULL DEFAULT 0
"""
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS bucket (
    name TEXT PRIMARY KEY, created REAL NOT NULL, storage_class TEXT NOT NULL, redundancy TEXT NOT NULL,
    versioning TEXT NOT NULL DEFAULT '', acl TEXT NOT NULL DEFAULT 'private'
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS object ({_OBJECT}, PRIMARY KEY (bucket, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS older ({_OBJECT}, PRIMARY KEY (bucket, key, sequence DESC)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload (
    bucket TEXT NOT NULL, key BLOB NOT NULL, id TEXT NOT NULL, initiated REAL NOT NULL, storage_class TEXT NOT NULL,
    headers TEXT NOT NULL, tags TEXT NOT NULL, PRIMARY KEY (bucket, key, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS part (
    upload TEXT NOT NULL, number INTEGER NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
    crc64 TEXT NOT NULL, modified INTEGER NOT NULL, PRIMARY KEY (upload, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS restore (
    file TEXT PRIMARY KEY, bucket TEXT NOT NULL, key BLOB NOT NULL, version TEXT NOT NULL, ready REAL NOT NULL,
    until REAL NOT NULL, told INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS access (file TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS setting (
    bucket TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (bucket, name, id)
);
CREATE INDEX IF NOT EXISTS untold ON restore (ready) WHERE told = 0;
"""
"""`object` has the current version of each key, so that reads and listings look there alone. `older` has the other
versions, and all delete markers: a key whose newest version is a marker has no row in `object`."""
ADDED = {
    "bucket": {"versioning": "TEXT NOT NULL DEFAULT ''", "acl": "TEXT NOT NULL DEFAULT 'private'"},
    "object": {
        "kind": "TEXT NOT NULL DEFAULT 'Normal'",
        "version": "TEXT NOT NULL DEFAULT 'null'",
        "sequence": "INTEGER NOT NULL DEFAULT 0",
        "marker": "INTEGER NOT NULL DEFAULT 0",
    },
}
"""The columns that a folder written by an earlier version lacks, by table."""


class Disk:
    """The process may die at any moment without harm: a row is written after its bytes, and bytes are unlinked after
    their row is gone. `lock` guards the database."""

    def __init__(self, data: Path) -> None:
        self.files = data / "objects"
        self.files.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self._database = data / "store.sqlite"
        self.db = sqlite3.connect(self._database, isolation_level=None, check_same_thread=False)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.executescript(SCHEMA)
        self.closed = False
        self.lost: list[tuple[str, bytes]] = []
        """The buckets and keys of objects whose bytes were gone at the start."""
        self._add_columns()
        self._sweep()

    def close(self) -> None:
        with self.lock:
            self.closed = True
            self.db.close()

    def reader(self) -> sqlite3.Connection:
        """Return another connection to the database, for a long read that needs no lock."""
        return sqlite3.connect(self._database)

    def new_file(self) -> Path:
        """Return the name of a file for an upload. The next start removes every file that no row names."""
        return self.files / secrets.token_hex(16)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all that the block writes, or nothing if it raises."""
        with self.lock:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
            except BaseException:
                self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT")

    def _add_columns(self) -> None:
        for table, columns in ADDED.items():
            present = {row[1] for row in self.db.execute(f"PRAGMA table_info({table})")}
            for name, kind in columns.items():
                if name not in present:
                    self.db.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")

    def _sweep(self) -> None:
        """Remove what a crash has left: files without a row, and rows whose file is missing or incomplete.

        A crash amid an append leaves bytes behind the end of the object, which are cut off.
        """
        sizes = {file.name: file.stat().st_size for file in self.files.iterdir()}
        kept: set[str] = set()
        appendable = f"kind = '{APPENDABLE}'"
        tables = (("object", appendable, ""), ("older", appendable, " WHERE NOT marker"), ("part", "0", ""))
        for table, grows, where in tables:
            for name, size, longer in self.db.execute(f"SELECT file, size, {grows} FROM {table}{where}").fetchall():
                if longer and sizes.get(name, 0) > size:
                    os.truncate(self.files / name, size)
                    sizes[name] = size
                if sizes.get(name) == size:
                    kept.add(name)
                    continue
                if table == "object":
                    self.lost += self.db.execute("SELECT bucket, key FROM object WHERE file = ?", (name,)).fetchall()
                self.db.execute(f"DELETE FROM {table} WHERE file = ?", (name,))
        for name in sizes.keys() - kept:
            (self.files / name).unlink()
