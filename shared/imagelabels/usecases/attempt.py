"""Act on one object: lock its key, look, decide, write under the fence, finish, look once more.

Labelling, undoing, relabelling and correcting are this with different decisions. docs/architecture.md says why each
step is needed, and what goes wrong without it.
"""

from __future__ import annotations

from contextlib import suppress
from uuid import uuid4

from imagelabels.domain.errors import Gone, LabelingError, Misconfigured, Rejected, Unavailable
from imagelabels.domain.model import Answer, ObjectHead, Outcome, Tags
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.plan import Plan, Seen, hindered, without_tags
from imagelabels.usecases.ending import close, note_inherited, write
from imagelabels.usecases.found import Found, void
from imagelabels.usecases.lock import Lock, acquire, has_time_to_write, take
from imagelabels.usecases.looks import second_look
from imagelabels.usecases.tools import Tools, tags_of
from imagelabels.usecases.work import Done, Errand, Work

ROUNDS = 3
"""How often an object may change under our hands before the event is given back to the platform."""

NO_ANSWER = Found(Answer())
"""This takes the place of an answer in an attempt that needs none, such as undo."""

LEFT = Done(Outcome(State.UNCHANGED))
"""The object was left as it is."""


def attempt(by: Tools, errand: Errand) -> Done:
    """Make true of the object what the errand decides.

    Raises Unavailable where it should be tried again. An errand of an event records in the row what a person must mend;
    one of a person raises Misconfigured and Rejected, and then all stands as before.
    """
    work = Work(by, errand, errand.notes, look_at_row=not errand.by_event)
    former: str | None = None
    for _ in range(ROUNDS):
        lock = Lock(uuid4().hex, errand.event_id, former)
        try:
            done = _round(work, lock)
        except BaseException as error:
            with suppress(LabelingError):  # The lease ends by itself, and the first error says what a person must know.
                _release(work, lock, _waiting(error))
            raise
        _release(work, lock, None)
        if done is not None:
            if done.outcome.state is State.WAITING:
                reason = done.outcome.reason or Reason.UNSETTLED
                raise Unavailable(reason, f"{errand.ref.uri!r} waits: {reason}")
            return done
        former = lock.token
    raise _unsettled(work)


def _waiting(error: BaseException) -> Reason | None:
    """Return the reason that the row notes until the next attempt; None where a person must act first."""
    if isinstance(error, LabelingError):
        return error.reason if isinstance(error, Unavailable) else None
    return Reason.UNSETTLED


def _release(work: Work, lock: Lock, waiting: Reason | None) -> None:
    """Free the key, unless a write may still be under way or the row was finished and freed it."""
    if not lock.keep:
        work.by.locks.release(work.ref, lock.token, waiting if work.errand.by_event else None)


def _round(work: Work, lock: Lock) -> Done | None:
    """Try once under a lock of its own; None when the object moved on meanwhile: look again."""
    work.head = None
    try:
        return _section(work, lock, _enter(work, lock))
    except (Misconfigured, Rejected) as error:
        if lock.keep or not work.errand.by_event:
            raise
        # A person must mend it, or it can never be labelled: the row says so and nothing is retried.
        if not lock.held and not take(work.by, work.ref, lock):
            acquire(work.by, work.ref, lock, work.errand.deadline)
        work.read_row()
        seen = work.seen(_head_beside_row(work))
        return close(work, lock, seen, hindered(seen, error.reason))


def _head_beside_row(work: Work) -> ObjectHead | None:
    """Return the head that the row may be compared with; None where nobody knows.

    The first look of a round may be older than our lock, and so older than a row that names another head.
    """
    if work.head is None or work.record is None or work.record.head == work.head:
        return work.head
    try:
        return work.look()
    except LabelingError:
        return None


def _enter(work: Work, lock: Lock) -> ObjectHead | None:
    """Lock and look; at once when the store's time is known from an earlier answer.

    An errand that expects a head has looked before. The second look, under the lock, shows whether it still is so.
    """
    by, expected = work.by, work.errand.expected
    head: ObjectHead | None
    if expected is not None:
        head = expected
        take(by, work.ref, lock)
    elif by.time.known:
        head, _ = by.at_once(work.look, lambda: take(by, work.ref, lock))
    else:
        head = work.look()
        take(by, work.ref, lock)
    if lock.held:
        return head
    acquire(by, work.ref, lock, work.errand.deadline)
    # Who had to wait for the lock saw the object as it was before somebody else's work on it.
    return work.look()


def _section(work: Work, lock: Lock, head: ObjectHead | None) -> Done | None:
    """Under the lock: find the answer, look a second time, decide, write."""
    for _ in range(ROUNDS):
        work.head, work.may_stay = head, False
        found = _found(work, head)
        if found is None:
            return LEFT
        try:
            now, tags = _second_look(work, head, found)
            if now != head:
                void(work.by.answers, found)
                head = now
                continue
            seen = work.seen(head, found, tags)
            planned = work.errand.decide(seen)
            if planned.tags is not None and not has_time_to_write(work.by, lock):
                return None
            planned = _write(work, lock, seen, planned, found)
        except Gone:
            head = work.look()
            continue
        return close(work, lock, seen, planned, found)
    raise _unsettled(work)


def _found(work: Work, head: ObjectHead | None) -> Found | None:
    """Get the answer, and read the row where it may be right already, hold what a person said, or be left standing.

    The row is read before a call and before the tags: nothing may come between the answer to a call and its store,
    nor between reading the tags and writing them.
    """
    errand = work.errand
    if errand.find is None:
        return NO_ANSWER
    first = work.look_at_row and head is not None
    if first:
        work.read_row()
    found = errand.find(work.seen(head))
    passes = found is not None and found.answer.reason is not None and found.answer.reason.may_pass
    if found is not None and (found.kept or passes) and not first:
        work.read_row()
    return found


def _second_look(work: Work, head: ObjectHead | None, found: Found) -> tuple[ObjectHead | None, Tags | None]:
    """Look at the object as it is now, and read its tags. Gone: there is no object any more."""
    if found.gone:
        raise Gone
    if work.errand.find is None:
        return head, tags_of(work.by, work.ref, head)
    return second_look(work.by, found, work.ref, head, work.errand.deadline)


def _write(work: Work, lock: Lock, seen: Seen, planned: Plan, found: Found) -> Plan:
    """Write the tags, and return what is true then. Gone: there is no object any more."""
    note_inherited(work, seen)
    try:
        write(work, lock, seen, planned.tags)
    except (Rejected, Misconfigured) as error:
        if not work.errand.by_event:
            raise  # Whoever gave the command may have fewer rights than the function: no reason to call the row failed.
        work.read_row()
        return without_tags(planned, work.seen(seen.head, found, seen.tags), error.reason)
    return planned


def _unsettled(work: Work) -> Unavailable:
    return Unavailable(Reason.UNSETTLED, f"{work.ref.uri!r} changed under our hands {ROUNDS} times")
