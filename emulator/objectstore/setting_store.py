"""Keeps the documents that configure a bucket, such as its rules for CORS. They change nothing in the answers."""

from __future__ import annotations

from emulator.objectstore.disk import Disk


class SettingStore:
    """Documents by bucket, subresource and id. The id is empty where a bucket has one document of the kind."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def put(self, bucket: str, name: str, number: str, document: str) -> None:
        with self._disk.lock:
            self._disk.db.execute(
                "INSERT OR REPLACE INTO setting (bucket, name, id, document) VALUES (?, ?, ?, ?)",
                (bucket, name, number, document),
            )

    def get(self, bucket: str, name: str, number: str = "") -> str | None:
        where = "bucket = ? AND name = ? AND id = ?"
        with self._disk.lock:
            row = self._disk.db.execute(
                f"SELECT document FROM setting WHERE {where}", (bucket, name, number)
            ).fetchone()
        return str(row[0]) if row else None

    def all(self, bucket: str, name: str) -> list[str]:
        """Return all documents of this kind in the order of their ids."""
        with self._disk.lock:
            rows = self._disk.db.execute(
                "SELECT document FROM setting WHERE bucket = ? AND name = ? ORDER BY id", (bucket, name)
            ).fetchall()
        return [str(row[0]) for row in rows]

    def remove(self, bucket: str, name: str, number: str = "") -> None:
        with self._disk.lock:
            self._disk.db.execute(
                "DELETE FROM setting WHERE bucket = ? AND name = ? AND id = ?", (bucket, name, number)
            )
