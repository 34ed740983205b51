"""The values that a store keeps of buckets and objects, and the columns in which it keeps objects."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

NULL = "null"
"""The id of the only version of an object in a bucket that keeps no versions."""

APPENDABLE = "Appendable"
SYMLINK = "Symlink"

BUCKET_COLUMNS = "name, created, storage_class, redundancy, versioning, acl"
COLUMNS = (
    "bucket, key, file, size, etag, crc64, modified, storage_class, headers, tags, kind, version, sequence, marker"
)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket. `created` is in seconds since the epoch."""

    name: str
    created: float
    storage_class: str
    redundancy: str
    versioning: str = ""
    """Enabled or Suspended, or empty if the bucket has never kept versions."""
    acl: str = "private"


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of an object, or a delete marker. An overwrite writes a new file and leaves this one as it is.

    Only the file of an appendable object becomes longer. What it holds beyond `size` is no part of the object.
    """

    bucket: str
    key: str
    file: Path
    """A delete marker has no bytes, and so no such file."""
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
    """How the object came to be: Normal for one upload, Multipart for parts that were put together, APPENDABLE, or
    SYMLINK for a link, which has the key of its target among its headers."""
    version: str = NULL
    sequence: int = 0
    """Among the versions of one key the newest has the highest number."""
    marker: bool = False
    """A delete marker stands for the removal of the object; the older versions stay below it."""


class Listed(NamedTuple):
    """A listing shows this of an object. The fields are those of Stored."""

    key: str
    size: int
    etag: str
    modified: int
    storage_class: str
    kind: str = "Normal"


class ListedVersion(NamedTuple):
    """A listing of versions shows this of one of them. Most fields are those of Stored."""

    key: str
    version: str
    sequence: int
    marker: bool
    size: int
    etag: str
    modified: int
    storage_class: str
    kind: str


def row_of(stored: Stored) -> tuple[Any, ...]:
    """Return the values of COLUMNS."""
    return (
        stored.bucket,
        stored.key.encode(),
        stored.file.name,
        stored.size,
        stored.etag,
        stored.crc64,
        stored.modified,
        stored.storage_class,
        json.dumps(stored.headers),
        json.dumps(stored.tags),
        stored.kind,
        stored.version,
        stored.sequence,
        int(stored.marker),
    )


def of_row(files: Path, row: Sequence[Any]) -> Stored:
    """Return the object in a row of COLUMNS, whose bytes are in the folder `files`."""
    bucket, key, file, size, etag, crc64, modified, storage_class, headers, tags, kind, version, sequence, marker = row
    return Stored(
        bucket,
        key.decode(),
        files / file,
        size,
        etag,
        crc64,
        modified,
        storage_class,
        json.loads(headers),
        json.loads(tags),
        kind,
        version,
        sequence,
        bool(marker),
    )
