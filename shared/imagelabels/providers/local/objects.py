"""Shows plain files as objects: file:///home/me/a.jpg is the object home/me/a.jpg of the one bucket that has no name.

The version of such an object is the time of the file's last change, and its ETag the MD5 of its content, as it is on
OSS and COS; so a file that was only touched keeps its answer and what a person said of it.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO

from imagelabels.domain.errors import Gone, Rejected, Unavailable
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import Look, ObjectHead, ObjectRef, Tags
from imagelabels.pictures.picture import MAX_BYTES
from imagelabels.records.rows import octets

ROUNDS = 3
"""A file may change so often while its checksum is taken."""

FRESH = 2.0
"""A change may leave the same time as one so many seconds before: FAT counts in steps of two seconds
(https://learn.microsoft.com/en-us/windows/win32/sysinfo/file-times). What is seen in that time is looked at again."""

_CHUNK = 1024 * 1024


class LocalObjects:
    """This is an ObjectStore."""

    def __init__(self, recorded: Callable[[ObjectRef], ObjectHead | None]) -> None:
        self._recorded = recorded

    def head(self, ref: ObjectRef) -> Look:
        for _ in range(ROUNDS):
            try:
                found = os.stat(_path(ref))
                if not stat.S_ISREG(found.st_mode):
                    return Look(time.time(), None)
                before = self._recorded(ref)
                if before is not None and (before.size, before.version) == (found.st_size, str(found.st_mtime_ns)):
                    return Look(time.time(), before)
                if (head := _head(ref, found)) is not None:
                    return Look(time.time(), head)
            except (FileNotFoundError, NotADirectoryError):
                return Look(time.time(), None)
            except (OSError, ValueError) as error:
                raise _unreadable(error) from error
        raise Unavailable("unsettled", "the file changes again and again")

    def read(self, ref: ObjectRef, head: ObjectHead, start: int, length: int) -> bytes:
        try:
            with open(_path(ref), "rb") as file:
                file.seek(start)
                content = file.read(length)
                if not _is_of(file, head):
                    raise Gone
                return content
        except (FileNotFoundError, NotADirectoryError):
            raise Gone from None
        except (OSError, ValueError) as error:
            raise _unreadable(error) from error

    def tags(self, ref: ObjectRef) -> Tags:
        if not os.path.isfile(_path(ref)):
            raise Gone
        return {}

    def put_tags(self, ref: ObjectRef, tags: Tags, before: float, until: float) -> None:
        raise Rejected("tags_refused", "files of this machine have no tags")

    def list(self, bucket: str, prefix: str = "", after: str = "") -> Iterator[Listed]:
        """The ETag is left empty: telling it would take reading every file. What is hidden is left out, as by `detect`,
        unless the prefix names it."""
        for key, size, modified in _walk("/", prefix):
            if octets(key) > octets(after):
                yield Listed(ObjectRef("file", bucket, key), "", size, modified)


def _path(ref: ObjectRef) -> str:
    return f"/{ref.key}"


def _head(ref: ObjectRef, found: os.stat_result) -> ObjectHead | None:
    """Look at the file; None if it changed meanwhile. What is too large for a picture is not read."""
    checksum = hashlib.md5(usedforsecurity=False)
    if found.st_size <= MAX_BYTES:
        with open(_path(ref), "rb") as file:
            while chunk := file.read(_CHUNK):
                checksum.update(chunk)
            now = os.fstat(file.fileno())
        if (now.st_size, now.st_mtime_ns) != (found.st_size, found.st_mtime_ns):
            return None
    etag = checksum.hexdigest() if found.st_size <= MAX_BYTES else ""
    fresh = time.time() - found.st_mtime < FRESH
    version = f"{found.st_mtime_ns} fresh" if fresh else str(found.st_mtime_ns)
    return ObjectHead(etag, found.st_size, None, int(found.st_mtime), version)


def _is_of(file: BinaryIO, head: ObjectHead) -> bool:
    found = os.fstat(file.fileno())
    return (found.st_size, str(found.st_mtime_ns)) == (head.size, (head.version or "").removesuffix(" fresh"))


def _unreadable(error: OSError | ValueError) -> Unavailable:
    return Unavailable("store_error", f"cannot be read: {getattr(error, 'strerror', None) or error}")


def _walk(folder: str, prefix: str) -> Iterator[tuple[str, int, float]]:
    """Yield (key, size, time of change) of the plain files below a folder whose keys begin so, by their keys' bytes."""
    found = _entries(folder)
    while found:
        key, entry = found.pop()
        if entry.name.startswith(".") and len(key.rstrip("/")) - len(entry.name) >= len(prefix):
            continue  # It is hidden, and its dot stands behind the prefix.
        if key.endswith("/"):
            found += _entries(entry.path) if key.startswith(prefix) or prefix.startswith(key) else []
        elif key.startswith(prefix) and entry.is_file():
            there = entry.stat()
            yield key, there.st_size, there.st_mtime


def _entries(folder: str) -> list[tuple[str, os.DirEntry[str]]]:
    """List what a folder holds, by key, the last one first; nothing if it cannot be listed. A folder's name counts with
    the slash behind it."""
    try:
        with os.scandir(folder) as entries:
            named = [
                (entry.path[1:] + ("/" if entry.is_dir(follow_symlinks=False) else ""), entry) for entry in entries
            ]
    except OSError:
        return []
    return sorted(named, key=lambda pair: octets(pair[0]), reverse=True)
