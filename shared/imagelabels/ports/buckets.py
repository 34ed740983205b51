"""Buckets as their owner set them up, and objects that a check or a proof stores there for a moment."""

from __future__ import annotations

from typing import Protocol

from imagelabels.domain.model import ObjectRef


class Buckets(Protocol):
    """The buckets of an account. Every method raises NoBucket where there is no such bucket, and otherwise what the
    methods of ObjectStore raise."""

    def region(self, bucket: str) -> str:
        """Return the id of the region that the bucket is in."""

    def versioning(self, bucket: str) -> str:
        """Return `Enabled` or `Suspended`, or an empty text for a bucket that never had versions."""

    def retention(self, bucket: str) -> str:
        """Say in words for how long the bucket's objects can be neither changed nor removed; nothing if they can."""

    def routing_tags(self, bucket: str) -> tuple[str, ...]:
        """Return the keys of the tags by which the vendor's own index of the bucket sorts objects into data sets."""

    def put(self, ref: ObjectRef, content: bytes) -> ObjectRef:
        """Store a new object, and return what `delete` takes: it names the version in a bucket that keeps versions.

        An object that is there already stays as it is, and is an error.
        """

    def delete(self, ref: ObjectRef) -> None:
        """Remove an object for good, its versions too. It is no error if it is not there."""
