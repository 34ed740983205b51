"""These values say what an inventory of a bucket consists of: data files, and a manifest that names them."""

from __future__ import annotations

from dataclasses import dataclass

Position = tuple[int, int]
"""A row of an inventory: the number of its data file in the manifest, and of the row in that file, both from 0."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """A data file of an inventory is an object: a CSV file that was packed with gzip."""

    key: str
    size: int
    """The packed file has so many bytes."""
    md5: str
    """The MD5 of the packed file, in lower-case hex."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest says which bucket an inventory is of, and where its rows are."""

    dialect: str
    """The scheme of the store whose inventory it is."""
    source_bucket: str
    destination_bucket: str
    columns: tuple[str, ...]
    files: tuple[DataFile, ...]
    made_at: float | None
    """The store began to look at the bucket at this moment, in seconds since the epoch; None if it is not told."""
    is_incremental: bool
    """An incremental inventory tells only what has changed since the one before."""
