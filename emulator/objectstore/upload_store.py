"""Keeps the uploads whose parts have not been put together, and their parts."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from emulator.objectstore.disk import Disk


class NoSuchUpload(Exception):
    """There is no such upload: it never began, or it was completed or aborted."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload in parts that has begun. `initiated` is in seconds since the epoch."""

    bucket: str
    key: str
    id: str
    initiated: float
    storage_class: str
    headers: dict[str, str]
    """The headers that are kept with the object that will be made."""
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """One part. Its file is never changed: another upload of the same number writes a new file."""

    number: int
    file: Path
    size: int
    etag: str
    """The MD5 of the part as the vendor writes it, without quotes."""
    crc64: str
    modified: int
    """When the part was written, in seconds since the epoch."""


class UploadStore:
    """A thread-safe store of uploads and parts, in the folder of the objects."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def begin(
        self, bucket: str, key: str, at: float, storage_class: str, headers: dict[str, str], tags: dict[str, str]
    ) -> Upload:
        new = Upload(bucket, key, secrets.token_hex(16).upper(), at, storage_class, headers, tags)
        with self._disk.lock:
            self._disk.db.execute(
                "INSERT INTO upload VALUES (?, ?, ?, ?, ?, ?, ?)",
                (bucket, key.encode(), new.id, at, storage_class, json.dumps(headers), json.dumps(tags)),
            )
        return new

    def find(self, bucket: str, key: str, upload: str) -> Upload:
        """Return the upload; NoSuchUpload if there is none with this id for this key."""
        with self._disk.lock:
            row = self._disk.db.execute(
                "SELECT * FROM upload WHERE bucket = ? AND key = ? AND id = ?", (bucket, key.encode(), upload)
            ).fetchone()
        if row is None:
            raise NoSuchUpload(upload)
        return _upload(row)

    def put_part(self, upload: Upload, new: Part) -> None:
        """Make `new` the part of its number. NoSuchUpload if the upload ended while the part came in."""
        with self._disk.transaction() as db:
            self.find(upload.bucket, upload.key, upload.id)
            row = db.execute(
                "SELECT file FROM part WHERE upload = ? AND number = ?", (upload.id, new.number)
            ).fetchone()
            db.execute(
                "INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?, ?, ?, ?)",
                (upload.id, new.number, new.file.name, new.size, new.etag, new.crc64, new.modified),
            )
        if row is not None:
            (self._disk.files / row[0]).unlink(missing_ok=True)

    def parts(self, upload: Upload, behind: int = 0, limit: int = -1) -> list[Part]:
        """Return at most `limit` parts whose numbers are above `behind`, in the order of their numbers."""
        with self._disk.lock:
            rows = self._disk.db.execute(
                "SELECT number, file, size, etag, crc64, modified FROM part WHERE upload = ? AND number > ?"
                " ORDER BY number LIMIT ?",
                (upload.id, behind, limit),
            ).fetchall()
        return [Part(number, self._disk.files / file, *rest) for number, file, *rest in rows]

    def scan(self, bucket: str, start: bytes, behind: str, limit: int) -> list[Upload]:
        """Return at most `limit` uploads by key and id: those of the key `start` whose id is above `behind`, and those
        of later keys."""
        with self._disk.lock:
            rows = self._disk.db.execute(
                "SELECT * FROM upload WHERE bucket = ? AND (key, id) > (?, ?) ORDER BY key, id LIMIT ?",
                (bucket, start, behind, limit),
            ).fetchall()
        return [_upload(row) for row in rows]

    def abort(self, bucket: str, key: str, upload: str) -> None:
        """Remove the upload with its parts. NoSuchUpload if there is none."""
        with self._disk.transaction():
            files = self.end(bucket, key, upload)
        for file in files:
            file.unlink(missing_ok=True)

    def end(self, bucket: str, key: str, upload: str) -> Iterable[Path]:
        """Remove the rows of the upload, and return the files of its parts, which are to be unlinked afterwards.

        The caller has begun a transaction. NoSuchUpload if there is none.
        """
        db = self._disk.db
        ended = db.execute("DELETE FROM upload WHERE bucket = ? AND key = ? AND id = ?", (bucket, key.encode(), upload))
        if ended.rowcount == 0:
            raise NoSuchUpload(upload)
        files = [self._disk.files / name for (name,) in db.execute("SELECT file FROM part WHERE upload = ?", (upload,))]
        db.execute("DELETE FROM part WHERE upload = ?", (upload,))
        return files


def _upload(row: tuple[str, bytes, str, float, str, str, str]) -> Upload:
    bucket, key, upload, initiated, storage_class, headers, tags = row
    return Upload(bucket, key.decode(), upload, initiated, storage_class, json.loads(headers), json.loads(tags))
