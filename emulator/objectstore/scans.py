"""Reads the rows of a bucket in the order of their keys, for listings and for statistics.

Each read begins at its first row and ends with its last, so it costs the same in a bucket of any size. Only `stat`
reads all rows of a bucket.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from emulator.objectstore.disk import Disk
from emulator.objectstore.stored import Listed, ListedVersion

COLUMNS = "key, version, sequence, marker, size, etag, modified, storage_class, kind"


@dataclass(frozen=True, slots=True)
class ClassStat:
    """What a bucket holds in one storage class, all versions counted."""

    storage_class: str
    objects: int
    size: int
    billed: int
    """The size if each object counts with a least size."""


@dataclass(frozen=True, slots=True)
class BucketStat:
    classes: Sequence[ClassStat]
    markers: int
    uploads: int
    parts: int
    parts_size: int
    modified: int
    """When the bucket last got an object or a delete marker, in seconds since the epoch; 0 for an empty bucket."""


class Scans:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def objects(self, bucket: str, prefix: bytes, start: bytes, limit: int) -> list[Listed]:
        """Return at most `limit` objects under `prefix`, from the key `start` on, in the order of their UTF-8 bytes."""
        under, bounds = _under(max(prefix, start), after(prefix))
        with self._disk.lock:
            rows = self._disk.db.execute(
                "SELECT key, size, etag, modified, storage_class, kind FROM object"
                f" WHERE bucket = ? AND {under} ORDER BY key LIMIT ?",
                (bucket, *bounds, limit),
            ).fetchall()
        return [Listed(key.decode(), *rest) for key, *rest in rows]

    def versions(self, bucket: str, prefix: bytes, start: bytes, below: int | None, limit: int) -> list[ListedVersion]:
        """Return at most `limit` versions and delete markers under `prefix`, by key and for each key the newest first.

        They begin with those of the key `start` whose number is below `below`, or with all of them if it is None.
        """
        low, end, rows = max(prefix, start), after(prefix), []
        with self._disk.lock:
            if below is not None and low == start and (end is None or start < end):
                rows = self._of_key(bucket, start, below, limit)
                low = start + b"\x00"
            if len(rows) < limit:
                rows += self._from(bucket, low, end, limit - len(rows))
        return [ListedVersion(key.decode(), version, n, bool(marker), *rest) for key, version, n, marker, *rest in rows]

    def _of_key(self, bucket: str, key: bytes, below: int, limit: int) -> list[Sequence[Any]]:
        """Return the rows of one key. The newest version alone is in the table of objects, so it comes first."""
        where, which = "WHERE bucket = ? AND key = ? AND sequence < ?", (bucket, key, below)
        rows: list[Sequence[Any]] = self._disk.db.execute(f"SELECT {COLUMNS} FROM object {where}", which).fetchall()
        order = "ORDER BY sequence DESC LIMIT ?"
        rows += self._disk.db.execute(f"SELECT {COLUMNS} FROM older {where} {order}", (*which, limit)).fetchall()
        return rows[:limit]

    def _from(self, bucket: str, low: bytes, end: bytes | None, limit: int) -> list[Sequence[Any]]:
        """Merge the rows of both tables. SQLite would sort all rows of the bucket for the same answer."""
        under, bounds = _under(low, end)
        where, which = f"WHERE bucket = ? AND {under}", (bucket, *bounds, limit)
        tables = (("object", "ORDER BY key"), ("older", "ORDER BY key, sequence DESC"))
        found: list[list[Sequence[Any]]] = [
            self._disk.db.execute(f"SELECT {COLUMNS} FROM {table} {where} {order} LIMIT ?", which).fetchall()
            for table, order in tables
        ]
        return list(heapq.merge(*found, key=lambda row: (row[0], -row[2])))[:limit]

    def stat(self, bucket: str, least: int) -> BucketStat:
        """Count what the bucket holds. For `billed` an object counts with `least` bytes if it has fewer.

        This takes seconds for a million objects, so it has a connection of its own and holds up no other request.
        """
        columns = "storage_class, marker, size, modified"
        both = f"SELECT {columns} FROM object WHERE bucket = ? UNION ALL SELECT {columns} FROM older WHERE bucket = ?"
        with closing(self._disk.reader()) as db:
            groups = db.execute(
                "SELECT storage_class, marker, count(*), total(size), total(max(size, ?)), max(modified)"
                f" FROM ({both}) GROUP BY storage_class, marker",
                (least, bucket, bucket),
            ).fetchall()
            (uploads,) = db.execute("SELECT count(*) FROM upload WHERE bucket = ?", (bucket,)).fetchone()
            parts, parts_size = db.execute(
                "SELECT count(*), total(size) FROM part WHERE upload IN (SELECT id FROM upload WHERE bucket = ?)",
                (bucket,),
            ).fetchone()
        classes = [ClassStat(row[0], row[2], int(row[3]), int(row[4])) for row in groups if not row[1]]
        markers = sum(row[2] for row in groups if row[1])
        return BucketStat(classes, markers, uploads, parts, int(parts_size), max((row[5] for row in groups), default=0))


def _under(low: bytes, end: bytes | None) -> tuple[str, tuple[bytes, ...]]:
    """Return the condition that a key is in a range, and its values.

    The end is a condition only if there is one: with `end IS NULL OR key < end` SQLite would read all keys behind it.
    """
    return ("key >= ?", (low,)) if end is None else ("key >= ? AND key < ?", (low, end))


def after(prefix: bytes) -> bytes | None:
    """Return the first byte string behind all those that begin with `prefix`, or None if there is no such string."""
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes([stem[-1] + 1]) if stem else None
