"""Makes the files of appendable objects longer."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from emulator.objectstore.disk import Disk
from emulator.objectstore.stored import Stored

BLOCK = 1024 * 1024


class AppendStore:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._one_at_a_time = threading.Lock()

    def append(self, old: Stored, piece: Path, new: Stored) -> bool:
        """Put the bytes of `piece` behind those of the object, which is then `new`.

        Return False if the object is no longer what it was. The row is written after the bytes: until then nobody sees
        them, and if the row is not written they are cut off.
        """
        with self._one_at_a_time:
            if not self._current(old):
                return False
            try:
                _extend(old.file, old.size, piece)
                if self._update(old, new):
                    return True
                os.truncate(old.file, old.size)
            except FileNotFoundError:  # the object has been removed meanwhile
                pass
        return False

    def _current(self, old: Stored) -> bool:
        with self._disk.lock:
            row = self._disk.db.execute(
                "SELECT file, size FROM object WHERE bucket = ? AND key = ?", (old.bucket, old.key.encode())
            ).fetchone()
        return row is not None and tuple(row) == (old.file.name, old.size)

    def _update(self, old: Stored, new: Stored) -> bool:
        with self._disk.lock:
            changed = self._disk.db.execute(
                "UPDATE object SET size = ?, etag = ?, crc64 = ?, modified = ?"
                " WHERE bucket = ? AND key = ? AND file = ? AND size = ?",
                (new.size, new.etag, new.crc64, new.modified, old.bucket, old.key.encode(), old.file.name, old.size),
            ).rowcount
        return changed > 0


def _extend(file: Path, size: int, piece: Path) -> None:
    """Write the bytes of `piece` from the position `size` on."""
    with file.open("r+b", buffering=0) as out, piece.open("rb", buffering=0) as source:
        at = size
        while block := source.read(BLOCK):
            left = memoryview(block)
            while left:
                written = os.pwrite(out.fileno(), left, at)
                left, at = left[written:], at + written
