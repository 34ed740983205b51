"""Buckets, objects and tags in SQLite, and the bytes of objects in files. All is in one folder and survives a restart.

The process may die at any moment without harm. Nothing is forced to the disk, because that would cost more than the
rest of a request: after a loss of power the newest objects may be missing, but no object is incomplete.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from emulator.objectstore.access_store import AccessStore
from emulator.objectstore.append_store import AppendStore
from emulator.objectstore.disk import Disk
from emulator.objectstore.restore_store import RestoreStore
from emulator.objectstore.scans import BucketStat, Scans
from emulator.objectstore.setting_store import SettingStore
from emulator.objectstore.stored import (
    BUCKET_COLUMNS,
    COLUMNS,
    NULL,
    Bucket,
    Listed,
    ListedVersion,
    Stored,
    of_row,
    row_of,
)
from emulator.objectstore.upload_store import UploadStore

BUCKET_NAME = re.compile("[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
"""The widest form of a bucket's name; the dialects have rules of their own."""


class KeyTaken(Exception):
    """The key has an object, and the writer asked not to overwrite it."""


class NotEmpty(Exception):
    """The bucket still holds objects, versions of them, or parts."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What a deletion did. A request that removes nothing has neither."""

    old: Stored | None = None
    """The version that was removed, or that a delete marker now hides."""
    marker: Stored | None = None
    """The delete marker that the deletion made."""


class ObjectStore:
    """A thread-safe store of buckets and objects. Its `uploads` are those whose parts are not yet put together."""

    def __init__(self, data: Path) -> None:
        self._disk = Disk(data)
        self._lock, self._db, self._files = self._disk.lock, self._disk.db, self._disk.files
        self.uploads = UploadStore(self._disk)
        self.restores = RestoreStore(self._disk)
        self.appends = AppendStore(self._disk)
        self.settings = SettingStore(self._disk)
        self.accesses = AccessStore(self._disk)
        self._scans = Scans(self._disk)
        self._buckets = {row[0]: Bucket(*row) for row in self._db.execute(f"SELECT {BUCKET_COLUMNS} FROM bucket")}
        with self._disk.transaction():
            for bucket, key in self._disk.lost:
                self._promote(bucket, key.decode())

    def close(self) -> None:
        self._disk.close()

    def create_bucket(
        self, name: str, storage_class: str = "Standard", redundancy: str = "LRS", acl: str = "private"
    ) -> Bucket:
        """Return the bucket of that name, and create it if need be. ValueError for a name that no bucket can have."""
        if not BUCKET_NAME.fullmatch(name):
            raise ValueError(
                f"{name!r} cannot be the name of a bucket: take 3 to 63 lower-case letters, digits and hyphens,"
                " the first and the last not a hyphen"
            )
        with self._lock:
            if name not in self._buckets:
                bucket = Bucket(name, time.time(), storage_class, redundancy, acl=acl)
                self._db.execute(
                    "INSERT INTO bucket (name, created, storage_class, redundancy, acl) VALUES (?, ?, ?, ?, ?)",
                    (name, bucket.created, storage_class, redundancy, acl),
                )
                self._buckets[name] = bucket
            return self._buckets[name]

    def set_versioning(self, name: str, state: str) -> None:
        """Let the bucket keep versions (Enabled), or keep those that it has and no new ones (Suspended)."""
        with self._lock:
            self._db.execute("UPDATE bucket SET versioning = ? WHERE name = ?", (state, name))
            self._buckets[name] = replace(self._buckets[name], versioning=state)

    def set_bucket_acl(self, name: str, acl: str) -> None:
        with self._lock:
            self._db.execute("UPDATE bucket SET acl = ? WHERE name = ?", (acl, name))
            self._buckets[name] = replace(self._buckets[name], acl=acl)

    def delete_bucket(self, name: str) -> bool:
        """Delete the bucket, and return whether there was one. NotEmpty if it holds anything."""
        with self._disk.transaction():
            for table in ("object", "older", "upload"):
                if self._db.execute(f"SELECT 1 FROM {table} WHERE bucket = ? LIMIT 1", (name,)).fetchone():
                    raise NotEmpty(name)
            self._db.execute("DELETE FROM setting WHERE bucket = ?", (name,))
            self._db.execute("DELETE FROM bucket WHERE name = ?", (name,))
        return self._buckets.pop(name, None) is not None

    def bucket(self, name: str) -> Bucket | None:
        return self._buckets.get(name)

    def buckets(self) -> list[Bucket]:
        """Return all buckets in the order of their names."""
        with self._lock:
            return sorted(self._buckets.values(), key=lambda bucket: bucket.name)

    def object(self, bucket: str, key: str) -> Stored | None:
        """Return the current version of the object. There is none if a delete marker is the newest."""
        with self._lock:
            row = self._db.execute(
                f"SELECT {COLUMNS} FROM object WHERE bucket = ? AND key = ?", (bucket, key.encode())
            ).fetchone()
        return of_row(self._files, row) if row else None

    def version(self, bucket: str, key: str, version: str = "") -> Stored | None:
        """Return this version, or without an id the newest one. Either may be a delete marker.

        The database cannot be asked for an id that is not UTF-8, and no version has one.
        """
        if not version.isascii():
            return None
        with self._lock:
            current = self.object(bucket, key)
            if current is not None and version in ("", current.version):
                return current
            row = self._db.execute(
                f"SELECT {COLUMNS} FROM older WHERE bucket = ? AND key = ? AND ? IN ('', version) LIMIT 1",
                (bucket, key.encode(), version),
            ).fetchone()
        return of_row(self._files, row) if row else None

    def path(self, bucket: str, key: str) -> Path:
        """Return the file with the object's bytes. KeyError if there is no such object."""
        stored = self.object(bucket, key)
        if stored is None:
            raise KeyError(f"{bucket}/{key}")
        return stored.file

    def new_file(self) -> Path:
        """Return the name of a file for an upload. The next start removes every file that no row names."""
        return self._disk.new_file()

    def put(self, new: Stored, overwrite: bool = True, upload: str = "") -> tuple[Stored, Stored | None]:
        """Make `new` the object of its key. Return it with the id of its version, and the object that was current.

        The file of `new` must be complete. `upload` is the id of the upload in parts that ends with this object.
        KeyTaken if there is an object and `overwrite` is false; NoSuchUpload if the upload has ended already.
        """
        with self._disk.transaction():
            old = self.object(new.bucket, new.key)
            if old is not None and not overwrite:
                raise KeyTaken(new.key)
            gone = list(self.uploads.end(new.bucket, new.key, upload)) if upload else []
            new, replaced = self._make_room(new, old)
            self._insert("object", new)
        _unlink([*gone, *replaced])
        return new, old

    def delete(self, bucket: str, key: str, version: str = "", at: float = 0.0) -> Removal:
        """Remove this version for good, or without an id what the bucket's versioning says.

        That is the object itself, or a delete marker of the moment `at` is put above it.
        """
        with self._disk.transaction():
            old = self.version(bucket, key, version) if version else self.object(bucket, key)
            state = self._buckets[bucket].versioning if bucket in self._buckets else ""
            if version or not state:
                marker, gone = None, self._remove(old) if old is not None else []
            else:
                new = Stored(bucket, key, self._files / "", 0, "", "", int(at), "", marker=True)
                marker, gone = self._make_room(new, old)
                self._db.execute("DELETE FROM object WHERE bucket = ? AND key = ?", (bucket, key.encode()))
                self._insert("older", marker)
        _unlink(gone)
        return Removal(old, marker)

    def _make_room(self, new: Stored, old: Stored | None) -> tuple[Stored, list[Path]]:
        """Return `new` with the id and number of its version, and the files that are to be unlinked.

        The `old` object becomes an older version, unless the bucket keeps no versions and its id is the same.
        """
        state = self._buckets[new.bucket].versioning if new.bucket in self._buckets else ""
        if not state:
            return replace(new, version=NULL, sequence=0), [old.file] if old is not None else []
        newest = self.version(new.bucket, new.key)
        sequence = newest.sequence + 1 if newest is not None else 1
        if old is not None:
            self._insert("older", old)
        if state == "Enabled":
            return replace(new, version=secrets.token_hex(16).upper(), sequence=sequence), []
        return replace(new, version=NULL, sequence=sequence), self._drop_older(new.bucket, new.key, NULL)

    def _remove(self, old: Stored) -> list[Path]:
        """Remove one version for good, and return its files. The newest version that is left becomes current."""
        where, which = "WHERE bucket = ? AND key = ?", (old.bucket, old.key.encode())
        current = self._db.execute(f"DELETE FROM object {where} AND version = ?", (*which, old.version)).rowcount
        files = [old.file] if current else self._drop_older(old.bucket, old.key, old.version)
        self._promote(old.bucket, old.key)
        return files

    def _promote(self, bucket: str, key: str) -> None:
        """Make the newest version the object of its key, unless there is an object or a delete marker above."""
        newest = self.version(bucket, key)
        if newest is None or newest.marker or self.object(bucket, key) is not None:
            return
        where, which = "WHERE bucket = ? AND key = ? AND sequence = ?", (bucket, key.encode(), newest.sequence)
        self._db.execute(f"DELETE FROM older {where}", which)
        self._insert("object", newest)

    def _drop_older(self, bucket: str, key: str, version: str) -> list[Path]:
        where, which = "WHERE bucket = ? AND key = ? AND version = ?", (bucket, key.encode(), version)
        names = self._db.execute(f"SELECT file FROM older {where} AND NOT marker", which).fetchall()
        self._db.execute(f"DELETE FROM older {where}", which)
        return [self._files / name for (name,) in names]

    def _insert(self, table: str, stored: Stored) -> None:
        marks = ", ".join("?" * (COLUMNS.count(",") + 1))
        self._db.execute(f"INSERT OR REPLACE INTO {table} ({COLUMNS}) VALUES ({marks})", row_of(stored))

    def set_tags(self, bucket: str, key: str, tags: dict[str, str], version: str = "") -> bool:
        """Replace all tags and nothing else, of this version or of the current one. Return False if it is not there."""
        return self._update("tags", json.dumps(tags), bucket, key, version)

    def set_headers(self, bucket: str, key: str, headers: dict[str, str], version: str = "") -> bool:
        """Replace the headers that are kept with this version or the current one. Return False if it is not there."""
        return self._update("headers", json.dumps(headers), bucket, key, version)

    # Unproven restored-and-moved: A restored version that a rule moves to a colder storage class is not restored there.
    # Why: no page says what becomes of its restoring.
    # Ask: restore an object of the class Archive, let a rule move it to ColdArchive, and HEAD it: x-oss-restore.
    def set_storage_class(self, stored: Stored, storage_class: str) -> None:
        """Move this version to another storage class. It is no longer restored if it was."""
        self.restores.remove(stored)
        self._update("storage_class", storage_class, stored.bucket, stored.key, stored.version)

    def _update(self, column: str, value: str, bucket: str, key: str, version: str) -> bool:
        if not version.isascii():
            return False
        where = "WHERE bucket = ? AND key = ? AND ? IN ('', version) AND NOT marker"
        values = value, bucket, key.encode(), version
        with self._lock:
            for table in ("object", "older") if version else ("object",):
                if self._db.execute(f"UPDATE {table} SET {column} = ? {where}", values).rowcount > 0:
                    return True
        return False

    def scan(self, bucket: str, prefix: bytes, start: bytes, limit: int) -> list[Listed]:
        """See Scans.objects."""
        return self._scans.objects(bucket, prefix, start, limit)

    def scan_versions(
        self, bucket: str, prefix: bytes, start: bytes, below: int | None, limit: int
    ) -> list[ListedVersion]:
        """See Scans.versions."""
        return self._scans.versions(bucket, prefix, start, below, limit)

    def stat(self, bucket: str, least: int) -> BucketStat:
        """See Scans.stat."""
        return self._scans.stat(bucket, least)

    @contextmanager
    def pinned(self, stored: Stored) -> Iterator[Path]:
        """Give the object's bytes a second name, which they keep if the object is overwritten or removed meanwhile."""
        pin = self.new_file()
        os.link(stored.file, pin)
        try:
            yield pin
        finally:
            pin.unlink()


def _unlink(files: Iterable[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
