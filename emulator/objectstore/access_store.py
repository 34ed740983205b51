"""Notes when versions of objects were last read, in buckets that watch this.

A row belongs to one version of an object through the name of its file, which no other version ever has. The row of a
version that is gone does no harm, and the next start removes it.
"""

from __future__ import annotations

from pathlib import Path

from emulator.objectstore.disk import Disk


class AccessStore:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        disk.db.execute("DELETE FROM access WHERE file NOT IN (SELECT file FROM object UNION SELECT file FROM older)")

    def note(self, file: Path, at: float) -> None:
        """Note that the version with this file was accessed, at a moment in seconds since the epoch."""
        with self._disk.lock:
            self._disk.db.execute("INSERT OR REPLACE INTO access (file, at) VALUES (?, ?)", (file.name, at))

    def last(self, file: Path) -> float:
        """Return when the version was last accessed, or 0 if no access of it is noted."""
        with self._disk.lock:
            row = self._disk.db.execute("SELECT at FROM access WHERE file = ?", (file.name,)).fetchone()
        return float(row[0]) if row else 0.0
