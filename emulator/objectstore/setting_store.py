"""Keeps the documents that configure a bucket, such as its rules for CORS, by bucket, kind and id."""

from __future__ import annotations

from emulator.objectstore.disk import Disk


class SettingStore:
    """Documents by bucket, subresource and id. The id is empty where a bucket has one document of the kind."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def put(self, bucket: str, name: str, document_id: str, document: str) -> None:
        with self._disk.lock:
            self._disk.db.execute(
                "INSERT INTO setting (bucket, name, id, document) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (bucket, name, id) DO UPDATE SET document = excluded.document",
                (bucket, name, document_id, document),
            )

    def get(self, bucket: str, name: str, document_id: str = "") -> str | None:
        where = "bucket = ? AND name = ? AND id = ?"
        with self._disk.lock:
            row = self._disk.db.execute(
                f"SELECT document FROM setting WHERE {where}", (bucket, name, document_id)
            ).fetchone()
        return str(row[0]) if row else None

    def page(self, bucket: str, name: str, after: int, limit: int) -> list[tuple[int, str]]:
        """Return the documents of this kind behind the row `after`, the oldest first, each with its row."""
        with self._disk.lock:
            return self._disk.db.execute(
                "SELECT rowid, document FROM setting"
                " WHERE bucket = ? AND name = ? AND rowid > ? ORDER BY rowid LIMIT ?",
                (bucket, name, after, limit),
            ).fetchall()

    def named(self, bucket: str, name: str, prefix: str, marker: str, limit: int) -> list[tuple[str, str]]:
        """Return the documents of this kind with their ids, in the order of the ids, from behind `marker` on."""
        with self._disk.lock:
            return self._disk.db.execute(
                "SELECT id, document FROM setting WHERE bucket = ? AND name = ? AND id > ? AND substr(id, 1, ?) = ?"
                " ORDER BY id LIMIT ?",
                (bucket, name, marker, len(prefix), prefix, limit),
            ).fetchall()

    def count(self, bucket: str, name: str) -> int:
        with self._disk.lock:
            row = self._disk.db.execute(
                "SELECT count(*) FROM setting WHERE bucket = ? AND name = ?", (bucket, name)
            ).fetchone()
        return int(row[0])

    def remove(self, bucket: str, name: str, document_id: str = "") -> None:
        with self._disk.lock:
            self._disk.db.execute(
                "DELETE FROM setting WHERE bucket = ? AND name = ? AND id = ?", (bucket, name, document_id)
            )
