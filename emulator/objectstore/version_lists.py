"""One page of a listing of versions: by key, and for each key the newest first."""

from __future__ import annotations

from dataclasses import dataclass, field

from emulator.objectstore.call import Call
from emulator.objectstore.pages import group, raw
from emulator.objectstore.scans import after
from emulator.objectstore.store import ObjectStore
from emulator.objectstore.stored import ListedVersion

BATCH = 100
"""No more rows than this are read at a time where a common prefix may stand for most of them. Behind a common prefix
only one row is read, which is often all that is needed, and then twice as many each time."""

Position = tuple[bytes, "int | None"]
"""A key, and the number of the version below which the next row is; None if it may be any version of the key."""


@dataclass(slots=True)
class VersionPage:
    """`last` is the key and the version behind which the next page begins, or None if this is the last page.

    The version is empty where the key is a common prefix. Each version comes with whether it is the newest of its key.
    """

    versions: list[tuple[ListedVersion, bool]] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    last: tuple[str, str] | None = None


def version_page(store: ObjectStore, call: Call, limit: int) -> VersionPage:
    """Return at most `limit` versions and common prefixes behind the markers of the query."""
    query = call.query
    stem, cut = raw(query.get("prefix", "")), raw(query.get("delimiter", ""))
    position = _begin(store, call.bucket, query.get("key-marker", ""), query.get("version-id-marker", ""), stem, cut)
    page, last, size = VersionPage(), ("", ""), 1 if cut else limit + 1
    above = position[0] if position is not None and position[1] is not None else None
    while position is not None:
        batch = store.scan_versions(call.bucket, stem, *position, size)
        size = min(2 * size, BATCH) if cut else size
        if not batch:
            break
        for listed in batch:
            key = listed.key.encode()
            if position is None or key < position[0]:
                continue
            if len(page.versions) + len(page.prefixes) == limit:
                page.last = last
                return page
            prefix = group(key, stem, cut)
            if prefix is None:
                page.versions.append((listed, key != above))
                last, position, above = (listed.key, listed.version), (key, listed.sequence), key
            else:
                beyond = after(prefix)
                last, position = (prefix.decode(), ""), None if beyond is None else (beyond, None)
                page.prefixes.append(last[0])
                size = 1
    return page


def _begin(store: ObjectStore, bucket: str, marker: str, version: str, stem: bytes, cut: bytes) -> Position | None:
    if not marker:
        return b"", None
    key = raw(marker)
    if key.startswith(stem) and group(key, stem, cut) == key:
        beyond = after(key)
        return None if beyond is None else (beyond, None)
    stored = store.version(bucket, marker, version) if version else None
    return (key, stored.sequence) if stored is not None else (key + b"\x00", None)
