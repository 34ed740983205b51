"""Make an object's tags and row true, whatever happened to it: the heart, from an event to its outcome.

docs/architecture.md says why each step is needed, and what goes wrong without it.
"""

from __future__ import annotations

from dataclasses import dataclass

from imagelabels.domain.model import ObjectChange, ObjectHead, ObjectRef, Outcome
from imagelabels.usecases.delivery import Delivery
from imagelabels.usecases.tools import Tools


@dataclass(frozen=True, slots=True)
class Labeler(Tools):
    """What a function or a command labels objects with."""

    def reconcile(self, change: ObjectChange, deadline: float) -> Outcome:
        """What became of the object that the change names.

        `deadline` is the moment on `clock.monotonic()` at which the platform kills this process. Raises Unavailable
        when the platform should deliver the event again, and Misconfigured when not even a row could be written.
        """
        ref, notes = self._resolve(change)
        return Delivery(self, ref, change.event_id, deadline, notes).run()

    def _resolve(self, change: ObjectChange) -> tuple[ObjectRef, tuple[str, ...]]:
        """The event means the object with the key as it stands, unless only the decoded key makes sense.

        That is so where only the decoded key's object is there and a creation's hints fit it, or where neither object
        is there and only the decoded key has a row: whatever read a creation so must read the removal so.
        """
        decoded = change.decoded
        if decoded is None or self.look(change.ref).head is not None:
            return change.ref, ()
        there = self.look(decoded).head
        if there is not None:
            is_meant = change.kind == "created" and _fits(change, there)
        else:
            is_meant = self._has_row(decoded) and not self._has_row(change.ref)
        return (decoded, ("key_decoded",)) if is_meant else (change.ref, ())

    def _has_row(self, ref: ObjectRef) -> bool:
        """Whether a delivery left something in the index that its object's removal takes away; a lock alone is not."""
        row = self.ledger.row(ref)
        return row is not None and (row.record is not None or row.waiting is not None)


def _fits(change: ObjectChange, head: ObjectHead) -> bool:
    if change.etag is not None:
        return change.etag.upper() == head.etag.upper()
    return change.size == head.size
