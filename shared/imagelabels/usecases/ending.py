"""How an attempt ends: the tags, the row, the line of history and the release, and a last look."""

from __future__ import annotations

from dataclasses import replace

from imagelabels.domain.errors import Gone, LabelingError, Misconfigured, Rejected
from imagelabels.domain.model import EventEntry, ObjectHead, Outcome, Tags, versioned
from imagelabels.domain.outcomes import Note, State
from imagelabels.domain.plan import Plan, Seen, parted
from imagelabels.usecases.found import Found
from imagelabels.usecases.lock import FENCE, Lock
from imagelabels.usecases.work import Done, Work


def write(work: Work, lock: Lock, seen: Seen, tags: Tags | None) -> None:
    """Replace the object's tags, fenced; None: they are right already."""
    if tags is None or seen.head is None:
        return
    by = work.by
    lock.keep = True
    try:
        before = min(lock.until, by.time.now() + FENCE)
        by.objects.put_tags(versioned(seen.ref, seen.head), tags, before, lock.until)
    except (Gone, Rejected, Misconfigured):
        lock.keep = False  # the store said that nothing was written
        raise
    work.wrote = seen.head, tags


def note_inherited(work: Work, seen: Seen) -> None:
    """Say so where an upload came between our reading the tags and our writing them, and carries them now.

    They are not taken off: the upload may have brought the same tags with it.
    """
    if work.wrote is not None and work.wrote[0] != seen.head and work.wrote[1] == seen.tags and parted(seen)[1]:
        work.notes = tuple(dict.fromkeys((*work.notes, Note.TAGS_INHERITED)))
    work.wrote = None


def close(work: Work, lock: Lock, seen: Seen, planned: Plan, found: Found | None = None) -> Done | None:
    """Write row, history and release in one write; beside it a last look, for a change whose event was lost.

    None: the lock was lost, the row holds what we did not know, or the object changed meanwhile.
    """
    by, at = work.by, round(work.by.time.now() * 1000)
    planned = replace(planned, notes=work.notes + planned.notes) if work.notes else planned
    record, entry = planned.row(seen, at), _entry(work, seen, planned, at)
    reason = planned.reason if planned.stands else None

    def end() -> bool:
        if planned.state in (State.REMOVED, State.UNDONE):
            return by.locks.drop(work.ref, lock.token, entry)
        if reason is not None:
            return by.locks.finish(work.ref, lock.token, None, entry, None, reason)
        return by.locks.finish(work.ref, lock.token, record, entry, found.proof if found is not None else None)

    done, last = by.at_once(end, lambda: _last_look(work, seen, planned))
    if done:
        lock.keep, work.told_calls = True, work.errand.paid_calls()
    work.look_at_row = not done or not work.errand.by_event
    if not done or last != seen.head:
        return None
    labels = tuple(label.id for label in planned.chosen.labels)
    outcome = Outcome(planned.state, planned.reason, planned.notes, labels, work.errand.paid_calls())
    return Done(outcome, seen, planned, record or seen.record)


def _last_look(work: Work, seen: Seen, planned: Plan) -> ObjectHead | None:
    """Look at the object once more when all is written, and return its head.

    This look finds a change whose own event was lost. If the store cannot answer now, what was written stays. The look
    is left out where the object could not be looked at before, or where the decision did not depend on its content.
    """
    if planned.stands or planned.state is State.UNDONE or (seen.head is None and planned.state is not State.REMOVED):
        return seen.head
    try:
        return work.by.look(work.ref).head
    except LabelingError:
        return seen.head


def _entry(work: Work, seen: Seen, planned: Plan, at: int) -> EventEntry:
    """The line of history, with the calls that no line of an earlier round has told."""
    calls = work.errand.paid_calls() - work.told_calls
    before = None if planned.stands else seen.tags
    after = before if planned.tags is None else planned.tags
    return EventEntry(work.errand.event_id, planned.state, planned.reason, at, calls, before, after, planned.notes)
