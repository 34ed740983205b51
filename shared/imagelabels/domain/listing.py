"""This module has the value that a list of a bucket, or an inventory of it, gives for each object, and tells which
objects an earlier walk has met."""

from __future__ import annotations

from dataclasses import dataclass

from imagelabels.domain.model import Crc64, ObjectRef

MARGIN = 900.0
"""Seconds. The time of an object may be that of the beginning of its upload, before it was there."""


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


def is_older(listed: Listed, since: float | None) -> bool:
    """Return whether a walk that began at that moment must have met the object, so that not even its row is read.

    The time of one that was put in parts, as its ETag tells, may be that of its first part, hours before it was there.
    """
    if since is None or listed.modified is None or "-" in listed.etag:
        return False
    return listed.modified < since - MARGIN


def was_there(listed: Listed, since: float | None) -> bool:
    """Return whether a walk that began at that moment has met the object, unless it was being uploaded then."""
    return since is not None and listed.modified is not None and listed.modified < since
