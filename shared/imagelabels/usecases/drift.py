"""Compares an object, its tags and its row, and repairs what needs no call to a detector."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from uuid import uuid4

from imagelabels.domain import content
from imagelabels.domain.errors import Damaged, Unavailable
from imagelabels.domain.model import Answer, EventEntry, ObjectRef
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.plan import Seen, needs_no_answer, plan
from imagelabels.ports import StoredRow
from imagelabels.usecases.attempt import attempt
from imagelabels.usecases.found import Found
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.why import Reasons, known
from imagelabels.usecases.work import Errand


class Drift(str, Enum):
    """The ways in which an object, its tags and its row can disagree."""

    NO_ROW = "no_row"
    """There is an object that nothing is recorded of."""
    NO_OBJECT = "no_object"
    """There is a row, or something waits, and no object."""
    OTHER_CONTENT = "other_content"
    """The row was written for another content than the object has."""
    TAGS = "tags"
    """Tags of ours are missing, or there are some that the row does not name."""
    NOT_FINISHED = "not_finished"
    """Work on the object is not done."""
    POLICY = "policy"
    """The labels were chosen by another policy than the one of now."""
    DAMAGED = "damaged"
    """The row cannot be read."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found out about an object."""

    ref: ObjectRef
    drifts: tuple[Drift, ...]
    free: bool
    """It can be repaired without a call to a detector: an answer is kept for what the object holds, or none is
    needed."""


def compare(by: Tools, ref: ObjectRef) -> Compared:
    """Look at the object, its tags, its row and its kept answer by strong reads. Nothing is written."""
    try:
        reasons = known(by, ref)
    except Damaged:
        if not _is_damaged(by, ref):
            raise  # A kept answer is damaged.
        return Compared(ref, (Drift.DAMAGED,), True)
    drifts = tuple(_drifts(by, reasons))
    return Compared(ref, drifts, reasons.head is None or reasons.plan is not None)


def _drifts(by: Tools, reasons: Reasons) -> list[Drift]:
    row, record = reasons.row, reasons.row.record if reasons.row is not None else None
    if reasons.head is None:
        # No request can name such an object, so nobody knows whether it is there.
        is_unnamed = record is not None and record.reason is Reason.UNSIGNABLE_KEY
        return [Drift.NO_OBJECT] if row is not None and not is_unnamed and not _at_work(by, row) else []
    if row is None or (record is None and row.waiting is None and row.lock is None):
        return [Drift.NO_ROW]
    if _at_work(by, row):
        return []
    drifts = []
    if _is_unfinished(row) or (record is not None and record.reason is Reason.ARCHIVED and not reasons.head.archived):
        drifts.append(Drift.NOT_FINISHED)  # No store tells every function that a restored object can be read now.
    if record is not None and record.content not in (None, reasons.content):
        return [*drifts, Drift.OTHER_CONTENT]
    if record is not None and record.state is State.LABELLED:
        drifts += [Drift.POLICY] if reasons.policy_changed else []
        drifts += [Drift.TAGS] if reasons.ours != record.tags_written else []
    elif record is not None and reasons.ours and record.state is State.SKIPPED:
        drifts.append(Drift.TAGS)
    return drifts


def _is_unfinished(row: StoredRow) -> bool:
    record = row.record
    return record is None or row.waiting is not None or row.lock is not None or record.state is State.PARKED


def _at_work(by: Tools, row: StoredRow) -> bool:
    """Tell whether a delivery is at work on the object: what it has not written yet is no drift."""
    return row.lock is not None and row.lock_until is not None and row.lock_until >= by.time.now()


def repair(by: Tools, ref: ObjectRef, deadline: float) -> bool:
    """Make the object's tags and row true from what is kept; False if that needs a call to a detector.

    Errors are those of undo: all then stands as before. A row that cannot be read is removed first, since whatever
    works on the object would stop at it. If the work is cut off then, the object has no row, and the next run mends it.
    """

    def find(seen: Seen) -> Found | None:
        if seen.head is None:
            return Found(Answer())
        if (refusal := needs_no_answer(seen)) is not None:
            return Found(refusal, kept=True)
        settings = (by.detector.setting, *([seen.record.setting] if seen.record is not None else []))
        for setting in dict.fromkeys(filter(None, settings)):
            stored = by.answers.answer(content.answer_id(seen.ref, seen.head, setting, by.reuse))
            # One that is not confirmed yet may describe another content.
            if stored is not None and stored.answer is not None and stored.answer.asked is None:
                return Found(stored.answer, setting, kept=True)
        return None

    if _is_damaged(by, ref):
        _remove_row(by, ref)
    return attempt(by, Errand(ref, f"reconcile {uuid4().hex}", deadline, plan, find)).plan is not None


def _is_damaged(by: Tools, ref: ObjectRef) -> bool:
    try:
        by.rows.row(ref)
    except Damaged:
        return True
    return False


def _remove_row(by: Tools, ref: ObjectRef) -> None:
    """Remove the row if it still cannot be read once its lock is ours: somebody else may have written it anew, and a
    person may have corrected it since. Unavailable if a delivery is at work on it."""
    if not by.time.known:
        by.look(ref)  # Only a look tells the store's time, without which no lock is taken.
    token, now = uuid4().hex, by.time.now()
    entry = EventEntry(f"reconcile {token}", State.REMOVED, Reason.INDEX_ERROR, round(now * 1000))
    is_ours = by.locks.lock(ref, token, now + by.lease, now, entry.event_id)
    if is_ours and not _is_damaged(by, ref):
        by.locks.release(ref, token)
    elif not (is_ours and by.locks.drop(ref, token, entry)):
        raise Unavailable("busy", f"a delivery is at work on {ref.uri!r}, whose row is damaged")
