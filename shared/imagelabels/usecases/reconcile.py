"""Make an object's tags and row true, whatever happened to it: the heart, from an event to its outcome."""

from __future__ import annotations

from dataclasses import dataclass

from imagelabels.domain.budget import UNLIMITED, Limits
from imagelabels.domain.model import ObjectChange, ObjectHead, ObjectRef, Outcome
from imagelabels.domain.outcomes import Note
from imagelabels.domain.plan import plan
from imagelabels.ports import Budget, LabelDetector
from imagelabels.usecases.asking import CLAIM_AFTER_KILL, Asking
from imagelabels.usecases.attempt import attempt
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.work import Errand


@dataclass(frozen=True, slots=True)
class Labeler:
    """What a function labels objects with: the tools, an open detector, and the budget of its calls with its limits."""

    tools: Tools
    detector: LabelDetector
    budget: Budget
    limits: Limits = UNLIMITED
    after_kill: float = CLAIM_AFTER_KILL

    def reconcile(self, change: ObjectChange, deadline: float) -> Outcome:
        """Return what became of the object that the change names.

        `deadline` is the moment on `clock.monotonic()` at which the platform kills this process. Raises Unavailable
        when the platform should deliver the event again, and Misconfigured when not even a row could be written.
        """
        ref, notes = _resolve(self.tools, change)
        asking = Asking(self.tools, self.detector, self.budget, deadline + self.after_kill, deadline, self.limits)
        errand = Errand(
            ref,
            change.event_id,
            deadline,
            decide=plan,
            find=asking.find,
            paid_calls=lambda: asking.paid_calls,
            by_event=True,
            notes=notes,
        )
        return attempt(self.tools, errand).outcome


def _resolve(by: Tools, change: ObjectChange) -> tuple[ObjectRef, tuple[Note, ...]]:
    """The event means the object with the key as it stands, unless only the decoded key makes sense.

    That is so where only the decoded key's object is there and a creation's hints fit it, or where neither object is
    there and only the decoded key has a row: whatever read a creation so must read the removal so.
    """
    decoded = change.decoded
    if decoded is None or by.look(change.ref).head is not None:
        return change.ref, ()
    there = by.look(decoded).head
    if there is not None:
        is_meant = change.kind == "created" and _fits(change, there)
    else:
        is_meant = _has_row(by, decoded) and not _has_row(by, change.ref)
    return (decoded, (Note.KEY_DECODED,)) if is_meant else (change.ref, ())


def _has_row(by: Tools, ref: ObjectRef) -> bool:
    """Whether a delivery left something in the index that its object's removal takes away; a lock alone is not."""
    row = by.rows.row(ref)
    return row is not None and (row.record is not None or row.waiting is not None)


def _fits(change: ObjectChange, head: ObjectHead) -> bool:
    if change.etag is not None:
        return change.etag.upper() == head.etag.upper()
    return change.size == head.size
