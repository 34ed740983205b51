"""Reads an inventory of a bucket from the store, whole file by whole file, and trusts none of its bytes unchecked."""

from __future__ import annotations

import gzip
import hashlib
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from imagelabels.domain.errors import Gone, LabelingError, Misconfigured, Unavailable
from imagelabels.domain.inventory import DataFile, Manifest, Position
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import ObjectHead, ObjectRef, versioned
from imagelabels.ports import ObjectStore
from imagelabels.ports.inventory import InventoryDialect

MOST_MANIFEST = 16 * 1024 * 1024
"""A manifest may have so many bytes. It has some 200 for each data file, and a data file has up to millions of rows."""
MOST_FILE = 8 * 1024**3
"""A data file may have so many bytes, packed."""
MOST_LINE = 128 * 1024
"""A line of a data file may have so many bytes."""
MOST_RATIO, SMALL = 400, 1024 * 1024
"""An unpacked file may be so many times as long as the packed one, or have so many bytes. Rows with checksums pack to a
fifth, and rows that are almost alike to a hundredth. A file that was made to fill the memory packs to a thousandth."""
CHUNK = 8 * 1024 * 1024
"""So many bytes of a data file are read at once."""


def read_manifest(objects: ObjectStore, ref: ObjectRef, dialect: InventoryDialect, bucket: str) -> Manifest:
    """Read the manifest of an inventory of this bucket. Misconfigured says what is wrong with it."""
    head = _head(objects, ref)
    if head.size > MOST_MANIFEST:
        raise Misconfigured(
            f"{ref.uri} has {head.size} bytes, and a manifest has at most {MOST_MANIFEST}: name the manifest.json of "
            "an inventory"
        )
    try:
        manifest = dialect.parse(_read(objects, ref, head, 0, head.size))
    except Misconfigured as error:
        raise Misconfigured(f"{ref.uri}: {error}") from error
    if manifest.source_bucket != bucket:
        raise Misconfigured(
            f"{ref.uri} is of the bucket {manifest.source_bucket!r}, not of {bucket!r}: name one of this bucket"
        )
    return manifest


def read_inventory(
    objects: ObjectStore,
    ref: ObjectRef,
    dialect: InventoryDialect,
    bucket: str,
    prefix: str = "",
    after: Position | None = None,
) -> Iterator[tuple[Position, Listed]]:
    """Yield the present objects of a bucket that its inventory tells of, and whose keys begin with the prefix.

    `ref` is the inventory's manifest, and the data files are read from the same bucket as the manifest. Reading goes on
    behind the position `after`. Misconfigured names the file, and says what is wrong with it.
    """
    manifest = read_manifest(objects, ref, dialect, bucket)
    first_file, last_row = after or (0, -1)
    if after is not None and first_file >= len(manifest.files):
        raise _no_position(ref, after)
    for number, file in enumerate(manifest.files):
        if number >= first_file:
            done = last_row if number == first_file else -1
            where = ObjectRef(ref.store, ref.bucket, file.key)
            yield from (
                ((number, row), listed)
                for row, listed in _rows(objects, where, file, dialect, manifest, done)
                if listed.ref.key.startswith(prefix)
            )


def _rows(
    objects: ObjectStore, ref: ObjectRef, file: DataFile, dialect: InventoryDialect, manifest: Manifest, done: int
) -> Iterator[tuple[int, Listed]]:
    """Yield the rows of a data file behind the row `done` that are present objects, with their numbers."""
    with _fetched(objects, ref, file) as packed:
        try:
            row = -1
            for row, listed in enumerate(dialect.rows(manifest, _lines(packed, file.size))):
                if row > done and listed is not None:
                    yield row, listed
            if row < done:
                raise Misconfigured(f"it has {row + 1} rows, so a walk cannot go on behind the row {done}: {_BEGIN}")
        except Misconfigured as error:
            raise Misconfigured(f"{ref.uri}: {error}") from error
        except (EOFError, OSError, zlib.error) as error:
            raise Misconfigured(f"{ref.uri} cannot be unpacked: {error}") from error


_BEGIN = "remove the checkpoint to begin anew, which pays for nothing twice"


def _no_position(ref: ObjectRef, after: Position) -> Misconfigured:
    return Misconfigured(f"{ref.uri} has no data file with the number {after[0]}, behind which to go on: {_BEGIN}")


@contextmanager
def _fetched(objects: ObjectStore, ref: ObjectRef, file: DataFile) -> Iterator[BinaryIO]:
    """Copy a data file to a temporary file, and check that it is the one that the manifest names."""
    head = _head(objects, ref)
    if head.size != file.size or file.size > MOST_FILE:
        raise Misconfigured(
            f"{ref.uri} has {head.size} bytes, the manifest says {file.size}, and at most {MOST_FILE} are read: "
            "name another inventory"
        )
    checksum = hashlib.md5(usedforsecurity=False)
    with _temporary() as copy:
        for start in range(0, head.size, CHUNK):
            data = _read(objects, ref, head, start, min(CHUNK, head.size - start))
            checksum.update(data)
            _write(copy, data)
        if checksum.hexdigest() != file.md5:
            raise Misconfigured(
                f"{ref.uri} has the MD5 {checksum.hexdigest()}, the manifest says {file.md5}: name another inventory"
            )
        copy.seek(0)
        yield copy


def _lines(packed: BinaryIO, size: int) -> Iterator[bytes]:
    """Unpack a data file line by line."""
    left = max(MOST_RATIO * size, SMALL)
    with gzip.GzipFile(fileobj=packed) as unpacked:
        while line := unpacked.readline(MOST_LINE + 1):
            left -= len(line)
            if len(line) > MOST_LINE:
                raise Misconfigured(f"a line has more than {MOST_LINE} bytes, so this is no data file of an inventory")
            if left < 0:
                raise Misconfigured(
                    f"it unpacks to more than {MOST_RATIO} times its size, so it is not read any further"
                )
            yield line


def _head(objects: ObjectStore, ref: ObjectRef) -> ObjectHead:
    head = objects.head(ref).head
    if head is None:
        raise Misconfigured(f"{ref.uri} does not exist: name a manifest whose data files are all there")
    if head.archived:
        raise Misconfigured(f"{ref.uri} is archived: restore it, or name another inventory")
    return head


def _read(objects: ObjectStore, ref: ObjectRef, head: ObjectHead, start: int, length: int) -> bytes:
    try:
        return objects.read(versioned(ref, head), head, start, length) if length else b""
    except Gone as error:
        raise Misconfigured(f"{ref.uri} has changed while it was read: name an inventory that is complete") from error


def _temporary() -> BinaryIO:
    try:
        return cast(BinaryIO, tempfile.TemporaryFile())
    except OSError as error:
        raise _no_room(error) from error


def _write(copy: BinaryIO, data: bytes) -> None:
    try:
        copy.write(data)
        copy.flush()
    except OSError as error:
        raise _no_room(error) from error


def _no_room(error: OSError) -> LabelingError:
    return Unavailable(
        "store_error", f"no temporary file can be written ({error.strerror}): set TMPDIR to a folder with more room"
    )
