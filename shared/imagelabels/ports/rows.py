"""Rows and history as strong reads show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from imagelabels.domain.model import EventEntry, ImageRecord, ObjectRef


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row as a strong read shows it; `record` is None while only a lock has touched it."""

    record: ImageRecord | None
    waiting: str | None
    """The reason that a delivery left behind without finishing, if it did."""
    lock: str | None
    lock_until: float | None


class Rows(Protocol):
    """What is recorded of an object."""

    def row(self, ref: ObjectRef) -> StoredRow | None:
        """Return the row as it is now: a strong read."""

    def rows(self, refs: Sequence[ObjectRef]) -> tuple[StoredRow | None, ...]:
        """Return the row of each of many objects, in their order, with as few requests as the index allows.

        Each row is a strong read by itself; they are not all of one moment.
        """

    def ref_by_id(self, picture: str) -> ObjectRef | None:
        """Return the object whose row has this primary key (rows.image_pk), which is the picture's id in addresses.

        None: there is no such row. Any text may be asked for.
        """

    def history(self, ref: ObjectRef) -> tuple[EventEntry, ...]:
        """Return every event that was finished for this object, oldest first."""
