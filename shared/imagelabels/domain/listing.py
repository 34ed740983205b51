"""This module has the value that a list of a bucket, or an inventory of it, gives for each object."""

from __future__ import annotations

from dataclasses import dataclass

from imagelabels.domain.model import Crc64, ObjectRef


@dataclass(frozen=True, slots=True)
class Listed:
    """This is what a store told of an object without being asked about it alone. It may be out of date by now."""

    ref: ObjectRef
    """It names no version, since the walk looks at the object as it is when its turn comes."""
    etag: str
    """It has no quotes, and is spelled as the store spells it; it is empty where the store did not tell it."""
    size: int
    """The size is in bytes."""
    modified: float | None = None
    """It is in seconds since the epoch, on the store's clock; None where the store did not tell it."""
    storage_class: str = ""
    """It is spelled as the store spells it; it is empty where the store did not tell it."""
    crc64: Crc64 | None = None
    """Only an inventory can tell the checksum; None where it was not told."""
    tag_count: int | None = None
    """Only an inventory can tell how many tags the object has; None where it was not told."""
