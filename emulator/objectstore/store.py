"""Buckets, objects and tags in SQLite, and the bytes of objects in files. All is in one folder and survives a restart.

The process may die at any moment without harm. Nothing is forced to the disk, because that would cost more than the
rest of a request: after a loss of power the newest objects may be missing, but no object is incomplete.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from emulator.objectstore.disk import Disk
from emulator.objectstore.upload_store import UploadStore

BUCKET_NAME = re.compile("[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
"""The widest form of a bucket's name; the dialects have rules of their own."""

COLUMNS = "bucket, key, file, size, etag, crc64, modified, storage_class, headers, tags, kind"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket. `created` is in seconds since the epoch."""

    name: str
    created: float
    storage_class: str
    redundancy: str


@dataclass(frozen=True, slots=True)
class Stored:
    """One object. Its file is never changed: an overwrite writes a new file."""

    bucket: str
    key: str
    file: Path
    size: int
    etag: str
    """The MD5 of an upload in hex, without quotes."""
    crc64: str
    """The CRC-64/XZ of the bytes, as a decimal number."""
    modified: int
    """When the object was written, in seconds since the epoch."""
    storage_class: str
    headers: dict[str, str] = field(default_factory=dict)
    """The headers that are kept with the object, such as its content type and the metadata of users, in lower case."""
    tags: dict[str, str] = field(default_factory=dict)
    kind: str = "Normal"
    """How the object came to be: Normal for one upload, Multipart for parts that were put together."""


class Listed(NamedTuple):
    """A listing shows this of an object. The fields are those of Stored."""

    key: str
    size: int
    etag: str
    modified: int
    storage_class: str
    kind: str = "Normal"


class KeyTaken(Exception):
    """The key has an object, and the writer asked not to overwrite it."""


class NotEmpty(Exception):
    """The bucket still holds objects."""


class ObjectStore:
    """A thread-safe store of buckets and objects. Its `uploads` are those whose parts are not yet put together."""

    def __init__(self, data: Path) -> None:
        self._disk = Disk(data)
        self._lock, self._db, self._files = self._disk.lock, self._disk.db, self._disk.files
        self.uploads = UploadStore(self._disk)
        self._buckets = {row[0]: Bucket(*row) for row in self._db.execute("SELECT * FROM bucket")}

    def close(self) -> None:
        self._disk.close()

    def create_bucket(self, name: str, storage_class: str = "Standard", redundancy: str = "LRS") -> Bucket:
        """Return the bucket of that name, and create it if need be. ValueError for a name that no bucket can have."""
        if not BUCKET_NAME.fullmatch(name):
            raise ValueError(
                f"{name!r} cannot be the name of a bucket: take 3 to 63 lower-case letters, digits and hyphens,"
                " the first and the last not a hyphen"
            )
        with self._lock:
            if name not in self._buckets:
                bucket = Bucket(name, time.time(), storage_class, redundancy)
                self._db.execute(
                    "INSERT INTO bucket VALUES (?, ?, ?, ?)", (name, bucket.created, storage_class, redundancy)
                )
                self._buckets[name] = bucket
            return self._buckets[name]

    def delete_bucket(self, name: str) -> bool:
        """Delete the bucket, and return whether there was one. NotEmpty if it holds objects or parts of them."""
        with self._lock:
            for table in ("object", "upload"):
                if self._db.execute(f"SELECT 1 FROM {table} WHERE bucket = ? LIMIT 1", (name,)).fetchone():
                    raise NotEmpty(name)
            self._db.execute("DELETE FROM bucket WHERE name = ?", (name,))
            return self._buckets.pop(name, None) is not None

    def bucket(self, name: str) -> Bucket | None:
        return self._buckets.get(name)

    def buckets(self) -> list[Bucket]:
        """Return all buckets in the order of their names."""
        with self._lock:
            return sorted(self._buckets.values(), key=lambda bucket: bucket.name)

    def object(self, bucket: str, key: str) -> Stored | None:
        with self._lock:
            row = self._db.execute(
                f"SELECT {COLUMNS} FROM object WHERE bucket = ? AND key = ?", (bucket, key.encode())
            ).fetchone()
        return self._stored(row) if row else None

    def path(self, bucket: str, key: str) -> Path:
        """Return the file with the object's bytes. KeyError if there is no such object."""
        stored = self.object(bucket, key)
        if stored is None:
            raise KeyError(f"{bucket}/{key}")
        return stored.file

    def new_file(self) -> Path:
        """Return the name of a file for an upload. The next start removes every file that no row names."""
        return self._disk.new_file()

    def put(self, new: Stored, overwrite: bool = True, upload: str = "") -> Stored | None:
        """Make `new` the object of its key, and return the object that it replaces. Its file must be complete.

        `upload` is the id of the upload in parts that ends with this object. KeyTaken if there is an object and
        `overwrite` is false; NoSuchUpload if the upload has ended already.
        """
        with self._disk.transaction():
            old = self.object(new.bucket, new.key)
            if old is not None and not overwrite:
                raise KeyTaken(new.key)
            parts = self.uploads.end(new.bucket, new.key, upload) if upload else []
            self._insert(new)
        for file in [*parts, *([old.file] if old is not None else [])]:
            file.unlink(missing_ok=True)
        return old

    def _insert(self, new: Stored) -> None:
        self._db.execute(
            f"INSERT OR REPLACE INTO object ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                new.bucket,
                new.key.encode(),
                new.file.name,
                new.size,
                new.etag,
                new.crc64,
                new.modified,
                new.storage_class,
                json.dumps(new.headers),
                json.dumps(new.tags),
                new.kind,
            ),
        )

    def delete(self, bucket: str, key: str) -> Stored | None:
        """Remove the object, and return it if there was one."""
        with self._lock:
            old = self.object(bucket, key)
            if old is not None:
                self._db.execute("DELETE FROM object WHERE bucket = ? AND key = ?", (bucket, key.encode()))
        if old is not None:
            old.file.unlink(missing_ok=True)
        return old

    def set_tags(self, bucket: str, key: str, tags: dict[str, str]) -> bool:
        """Replace all tags and nothing else. Return False if there is no such object."""
        with self._lock:
            changed = self._db.execute(
                "UPDATE object SET tags = ? WHERE bucket = ? AND key = ?", (json.dumps(tags), bucket, key.encode())
            )
            return changed.rowcount > 0

    def scan(self, bucket: str, prefix: bytes, start: bytes, limit: int) -> list[Listed]:
        """Return at most `limit` objects under `prefix`, from the key `start` on, in the order of their UTF-8 bytes."""
        low, end = max(prefix, start), after(prefix)
        with self._lock:
            rows = self._db.execute(
                "SELECT key, size, etag, modified, storage_class, kind FROM object"
                " WHERE bucket = ? AND key >= ? AND (? IS NULL OR key < ?) ORDER BY key LIMIT ?",
                (bucket, low, end, end, limit),
            ).fetchall()
        return [Listed(key.decode(), *rest) for key, *rest in rows]

    @contextmanager
    def pinned(self, stored: Stored) -> Iterator[Path]:
        """Give the object's bytes a second name, which they keep if the object is overwritten or removed meanwhile."""
        pin = self.new_file()
        os.link(stored.file, pin)
        try:
            yield pin
        finally:
            pin.unlink()

    def _stored(self, row: tuple[str, bytes, str, int, str, str, int, str, str, str, str]) -> Stored:
        bucket, key, file, size, etag, crc64, modified, storage_class, headers, tags, kind = row
        return Stored(
            bucket,
            key.decode(),
            self._files / file,
            size,
            etag,
            crc64,
            modified,
            storage_class,
            json.loads(headers),
            json.loads(tags),
            kind,
        )


def after(prefix: bytes) -> bytes | None:
    """Return the first byte string behind all those that begin with `prefix`, or None if there is no such string."""
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes([stem[-1] + 1]) if stem else None
