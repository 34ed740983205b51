"""What is known of the restoring of archived objects.

A row belongs to one version of an object through the name of its file, which no other version ever has. The row of a
version that is gone does no harm, and the next start removes it.
"""

from __future__ import annotations

from dataclasses import dataclass

from emulator.objectstore.disk import Disk
from emulator.objectstore.stored import Stored


@dataclass(frozen=True, slots=True)
class Restoration:
    """One archived version that is being restored, or was. Both moments are in seconds since the epoch."""

    ready: float
    """From this moment on the bytes can be read."""
    until: float
    """At this moment the version is as before."""


class RestoreStore:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        disk.db.execute("DELETE FROM restore WHERE file NOT IN (SELECT file FROM object UNION SELECT file FROM older)")

    def find(self, stored: Stored) -> Restoration | None:
        with self._disk.lock:
            row = self._disk.db.execute(
                "SELECT ready, until FROM restore WHERE file = ?", (stored.file.name,)
            ).fetchone()
        return Restoration(*row) if row else None

    def of_objects(self, bucket: str, first: str, last: str, now: float) -> dict[str, Restoration]:
        """Return the restorations of current versions by their keys, which lie between these two."""
        restorations = self._between("object", bucket, first, last, now)
        return {key: restoration for (key, _), restoration in restorations.items()}

    def of_versions(self, bucket: str, first: str, last: str, now: float) -> dict[tuple[str, str], Restoration]:
        """Return the restorations of all versions, by key and version, whose keys lie between these two."""
        return {
            version: restoration
            for table in ("object", "older")
            for version, restoration in self._between(table, bucket, first, last, now).items()
        }

    def _between(
        self, table: str, bucket: str, first: str, last: str, now: float
    ) -> dict[tuple[str, str], Restoration]:
        with self._disk.lock:
            rows = self._disk.db.execute(
                f"SELECT restore.key, restore.version, ready, until FROM restore JOIN {table} USING (bucket, key, file)"
                " WHERE bucket = ? AND key BETWEEN ? AND ? AND until > ?",
                (bucket, first.encode(), last.encode(), now),
            ).fetchall()
        return {(key.decode(), version): Restoration(ready, until) for key, version, ready, until in rows}

    def put(self, stored: Stored, restoration: Restoration, told: bool) -> None:
        """Keep the restoration in place of an earlier one. `told` is false if its end is still to be told."""
        values = stored.file.name, stored.bucket, stored.key.encode(), stored.version
        with self._disk.lock:
            self._disk.db.execute(
                "INSERT OR REPLACE INTO restore (file, bucket, key, version, ready, until, told)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*values, restoration.ready, restoration.until, int(told)),
            )

    def remove(self, stored: Stored) -> None:
        with self._disk.lock:
            self._disk.db.execute("DELETE FROM restore WHERE file = ?", (stored.file.name,))

    def last_end(self) -> float | None:
        """Return when the last of those restorings will be over whose end is still to be told."""
        with self._disk.lock:
            row = self._disk.db.execute("SELECT max(ready) FROM restore WHERE told = 0").fetchone()
        return row[0] if row[0] is None else float(row[0])

    def ended(self, now: float) -> list[tuple[str, str, str, str]]:
        """Return bucket, key, version and the name of the file of those that can be read since the last call."""
        with self._disk.lock:
            if self._disk.closed:
                return []
            rows = self._disk.db.execute(
                "SELECT bucket, key, version, file FROM restore WHERE told = 0 AND ready <= ?", (now,)
            ).fetchall()
            if rows:
                self._disk.db.execute("UPDATE restore SET told = 1 WHERE told = 0 AND ready <= ?", (now,))
        return [(bucket, key.decode(), version, file) for bucket, key, version, file in rows]
