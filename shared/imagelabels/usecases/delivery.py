"""One event on its way: lock the key, look, get the answer for that content, look again and read the tags, write the
tags, write the row and free the key, look once more."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from imagelabels.domain.errors import Gone, LabelingError, Misconfigured, Rejected, Unavailable, state_of
from imagelabels.domain.model import (
    Answer,
    Corrections,
    EventEntry,
    ImageRecord,
    Look,
    ObjectHead,
    ObjectRef,
    Outcome,
    Tags,
)
from imagelabels.domain.plan import Plan, plan, stands
from imagelabels.domain.tags import ours
from imagelabels.ports import MARGIN
from imagelabels.usecases.answers import Answers, Found
from imagelabels.usecases.lock import FENCE, Lock
from imagelabels.usecases.looks import second_look, versioned
from imagelabels.usecases.storetime import RESOLUTION
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.waiting import until_answered

ROUNDS = 3
"""How often an object may change under our hands before the event is given back to the platform."""

NOT_SEEN = "tags_not_seen"
"""The note of a row whose object may still have tags of ours that speak of an earlier content."""


class Delivery:
    """One event on its way: what must be remembered between its port calls."""

    leaves_a_trace = True
    """A row says what its delivery waits for, since the platform, not a person, tries again."""

    def __init__(self, by: Tools, ref: ObjectRef, event_id: str, deadline: float, notes: tuple[str, ...]) -> None:
        self.by, self.ref, self.event_id, self.deadline, self.notes = by, ref, event_id, deadline, notes
        self.policy, self.setting = by.policy.at(ref.uri), by.detector.setting
        self.answers = Answers(
            by.objects, by.detector, by.ledger, by.clock, by.time, by.reuse, deadline + by.after_kill, deadline
        )
        self.record: ImageRecord | None = None
        """The row as it was read last, also while a delivery waits."""
        self.corrections: Corrections | None = None
        self.look_at_row = False
        """Set when the row turned out to hold what a person said; an ordinary new picture's is not looked at."""
        self.seen: ObjectHead | None = None
        """The object as the last look of this round showed it; None before the first."""
        self.wrote: tuple[ObjectHead, Tags] | None = None
        """The object whose tags an earlier round wrote, and these tags."""
        self.told_calls = 0
        """The billed calls that lines of history tell already: each round that ends leaves a line."""

    def run(self) -> Outcome:
        former: str | None = None
        for _ in range(ROUNDS):
            lock = Lock(uuid4().hex, former)
            waiting: str | None = "unsettled"
            try:
                outcome = self._attempt(lock)
                waiting = None
            except LabelingError as error:
                waiting = error.reason if isinstance(error, Unavailable) else None
                raise
            finally:
                if not lock.keep:
                    self.by.ledger.release(self.ref, lock.token, waiting if self.leaves_a_trace else None)
            if outcome is not None:
                if outcome.state == "waiting":
                    raise Unavailable(outcome.reason or "unsettled", f"{self.ref.uri!r} waits: {outcome.reason}")
                return outcome
            former = lock.token
        raise Unavailable("unsettled", f"{self.ref.uri!r} changed under our hands {ROUNDS} times")

    def _attempt(self, lock: Lock) -> Outcome | None:
        """One go at it under a lock of its own; None when the object moved on meanwhile: look again."""
        self.seen = None
        try:
            return self._section(lock, self._enter(lock).head)
        except (Misconfigured, Rejected) as error:
            if lock.keep:
                raise
            # A person must mend it, or it can never be labelled: the row says so and nothing is retried.
            if not lock.held and not self._lock(lock):
                self._acquire(lock)
            self._recorded()
            if (outcome := self._left_standing(lock, self.seen, error.reason)) is not None:
                return outcome
            # The tags could not be looked at: those of an earlier content may still be there.
            stale = self.record is not None and (bool(self.record.tags_written) or NOT_SEEN in self.record.notes)
            notes = (NOT_SEEN,) if stale else ()
            planned = Plan(state_of(error.reason), error.reason, notes, corrections=self.corrections)
            return self._finish(lock, self.seen, planned, Found(Answer(error.reason)), None)

    def _left_standing(self, lock: Lock, head: ObjectHead | None, reason: str) -> Outcome | None:
        """Note beside a good row of this very object, as it was read last, what keeps us from looking after it; None:
        there is none."""
        if self.record is None or not stands(self.record, head):
            return None
        outcome = Outcome(state_of(reason), reason, self.notes, (), self.answers.paid_calls)
        entry = self._entry(outcome, round(self.by.time.now() * 1000), None, None)
        lock.keep = self.by.ledger.finish(self.ref, lock.token, None, entry, None, reason)
        return outcome if lock.keep else None

    def _enter(self, lock: Lock) -> Look:
        """Lock and look; at once when the store's time is known from an earlier answer."""
        if self.by.time.known:
            look: Look
            look, _ = self.by.at_once(lambda: self.by.look(self.ref), lambda: self._lock(lock))
        else:
            look = self.by.look(self.ref)
            self._lock(lock)
        if lock.held:
            return look
        self._acquire(lock)
        # Who had to wait for the lock saw the object as it was before somebody else's work on it.
        return self.by.look(self.ref)

    def _lock(self, lock: Lock) -> bool:
        """Ask for the lock once."""
        now = self.by.time.now()
        lock.until = now + RESOLUTION + self.by.lease
        # Nobody's lease can be said to be over while the store's time is unknown.
        stolen_by = now if self.by.time.known else 0.0
        lock.held = self.by.ledger.lock(self.ref, lock.token, lock.until, stolen_by, self.event_id, lock.former)
        return lock.held

    def _acquire(self, lock: Lock) -> None:
        """Wait for the lock: read who holds it, and ask for it when it looks free."""

        def attempt() -> bool | None:
            row = self.by.ledger.row(self.ref)
            until = row.lock_until if row is not None and row.lock not in (None, lock.former) else None
            over = until is None or (self.by.time.known and until < self.by.time.now() - MARGIN)
            return True if over and self._lock(lock) else None

        until_answered(attempt, self.by.clock, self.deadline)

    def _section(self, lock: Lock, head: ObjectHead | None) -> Outcome | None:
        """Under the lock: answer, second look, write."""
        for _ in range(ROUNDS):
            self.seen = head
            found, row = self._found(head)
            if found.gone:
                head = self.by.look(self.ref).head
                continue
            try:
                now, tags = second_look(self.by, self.answers, found, self.ref, head)
            except Gone:
                head = self.by.look(self.ref).head
                continue
            if now != head:
                self.answers.void(found)
                head = now
                continue
            if head is None:
                return self._drop(lock)
            if (outcome := self._put_off(lock, head, found.answer.reason)) is not None:
                return outcome
            planned = plan(head, row, tags, found.answer, self.policy, self.by.taxonomy, self.setting, self._said(head))
            if planned.tags is not None and self.by.time.now() + RESOLUTION + FENCE > lock.until:
                return None  # too little of the lease is left to write under it
            self._note_inherited(head, tags)
            try:
                self._write(lock, head, planned.tags)
            except Gone:
                head = self.by.look(self.ref).head
                continue
            except (Rejected, Misconfigured) as error:
                planned = self._refused(planned, error)
                self._recorded()
                if (outcome := self._put_off(lock, head, error.reason)) is not None:
                    return outcome
            return self._finish(lock, head, planned, found, tags)
        raise Unavailable("unsettled", f"{self.ref.uri!r} changed under our hands {ROUNDS} times")

    def _refused(self, planned: Plan, error: Rejected | Misconfigured) -> Plan:
        """The store refused the tags: the row says so."""
        return replace(planned, state=state_of(error.reason), reason=error.reason, tags=None, written={})

    def _put_off(self, lock: Lock, head: ObjectHead, reason: str | None) -> Outcome | None:
        """Leave a good row standing where the reason says nothing about the picture."""
        return self._left_standing(lock, head, reason) if reason is not None and _may_pass(reason) else None

    def _found(self, head: ObjectHead | None) -> tuple[Found, ImageRecord | None]:
        """The answer, and the row where one may be right already, hold what a person said, or be left standing.

        The row is read before a call and before the tags: nothing may come between the answer to a call and its store,
        nor between reading the tags and writing them.
        """
        if head is None:
            return Found(Answer()), None
        row = self._recorded() if self.look_at_row else None
        if not self.policy.label:
            return Found(Answer("excluded")), row  # by the user, who may change it: not kept
        found = self.answers.get(self.ref, head)
        passing = found.answer.reason is not None and _may_pass(found.answer.reason)
        if (found.kept or passing) and not self.look_at_row:
            row = self._recorded()
        # What may pass is told again each time, also where the row says so already.
        return found, None if passing else row

    def _recorded(self) -> ImageRecord | None:
        """Read the row: what it is if a delivery finished it and none waits. All that it holds is remembered."""
        row = self.by.ledger.row(self.ref)
        self.record = row.record if row is not None else None
        self.corrections = self.record.corrections if self.record is not None else None
        return self.record if row is not None and row.waiting is None else None

    def _said(self, head: ObjectHead) -> Corrections | None:
        """The corrections to plan with."""
        return self.corrections

    def _note_inherited(self, head: ObjectHead, tags: Tags) -> None:
        """Say so where an upload came between our reading the tags and our writing them, and carries them now.

        They are not taken off: the upload may have brought the same tags with it.
        """
        if self.wrote is not None and self.wrote[0] != head and self.wrote[1] == tags:
            theirs = [name for name in tags if not ours(name, tags[name], self.policy.tag_prefix, self.by.taxonomy)]
            if theirs:
                self.notes = tuple(dict.fromkeys((*self.notes, "tags_inherited")))
        self.wrote = None

    def _write(self, lock: Lock, head: ObjectHead, tags: Tags | None) -> None:
        """Replace the object's tags, fenced; None: they are right already."""
        if tags is None:
            return
        lock.keep = True
        try:
            before = min(lock.until, self.by.time.now() + FENCE)
            self.by.objects.put_tags(versioned(self.ref, head), tags, before, lock.until)
        except (Gone, Rejected, Misconfigured):
            lock.keep = False  # the store said that nothing was written
            raise
        self.wrote = head, tags

    def _finish(
        self, lock: Lock, head: ObjectHead | None, planned: Plan, found: Found, before: Tags | None
    ) -> Outcome | None:
        """Row, history and release in one write; beside it a last look, for a change whose event was lost.

        `before`: the object's tags, where they were seen.
        """
        by, planned = self.by, replace(planned, notes=self.notes + planned.notes) if self.notes else planned
        labels = tuple(label.id for label in planned.chosen.labels)
        outcome = Outcome(planned.state, planned.reason, planned.notes, labels, self.answers.paid_calls)
        at = round(by.time.now() * 1000)
        ref = versioned(self.ref, head) if head else self.ref
        policy = self.policy.digest(by.taxonomy.version)
        record = planned.row(ref, head, found.answer, by.detector.name, self.setting, policy, at)
        after = before if planned.tags is None else planned.tags
        entry = self._entry(outcome, at, before, after)
        done, last = by.at_once(
            lambda: by.ledger.finish(self.ref, lock.token, record, entry, found.proof),
            lambda: self._last_look(head) if head is not None else None,
        )
        self._ended(lock, done)
        self.look_at_row = not done
        return outcome if done and last == head else None

    def _last_look(self, head: ObjectHead | None) -> ObjectHead | None:
        """What is there when all is done. A store that cannot say so now takes nothing back: this look is a belt."""
        try:
            return self.by.look(self.ref).head
        except LabelingError:
            return head

    def _drop(self, lock: Lock) -> Outcome | None:
        outcome = Outcome("removed", None, self.notes, (), self.answers.paid_calls)
        entry = self._entry(outcome, round(self.by.time.now() * 1000), None, None)
        done, last = self.by.at_once(
            lambda: self.by.ledger.drop(self.ref, lock.token, entry), lambda: self._last_look(None)
        )
        self._ended(lock, done)
        return outcome if done and last is None else None

    def _ended(self, lock: Lock, done: bool) -> None:
        """Remember that the key is free and the line of history written, if they are."""
        if done:
            lock.keep, self.told_calls = True, self.answers.paid_calls

    def _entry(self, outcome: Outcome, at: int, before: Tags | None, after: Tags | None) -> EventEntry:
        """The line of history, with the calls that no line of an earlier round has told."""
        calls = outcome.paid_calls - self.told_calls
        return EventEntry(self.event_id, outcome.state, outcome.reason, at, calls, before, after, outcome.notes)


def _may_pass(reason: str) -> bool:
    """Whether a reason has nothing to do with the picture, and may be gone another time."""
    return state_of(reason) in ("waiting", "parked")
