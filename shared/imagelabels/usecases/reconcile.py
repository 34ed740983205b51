"""Make an object's tags and row true, whatever happened to it: the heart.

Lock the key, look, get the answer for that content, look again and read the tags, write the tags, write the row and
free the key, look once more. Why each step is needed, and what goes wrong without it: docs/architecture.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import uuid4

from imagelabels.domain import content
from imagelabels.domain.errors import Gone, LabelingError, Misconfigured, Rejected, Unavailable, state_of
from imagelabels.domain.model import (
    Answer,
    Corrections,
    EventEntry,
    ImageRecord,
    Look,
    ObjectChange,
    ObjectHead,
    ObjectRef,
    Outcome,
    Tags,
)
from imagelabels.domain.plan import Plan, plan
from imagelabels.domain.policy import Policy, Rules
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.ports import Clock, LabelDetector, Ledger, ObjectStore
from imagelabels.usecases.answers import CLAIM_AFTER_KILL, Answers, Found
from imagelabels.usecases.lock import FENCE, Lock
from imagelabels.usecases.pairs import Pair, inline
from imagelabels.usecases.storetime import RESOLUTION, StoreTime
from imagelabels.usecases.waiting import until_answered

ROUNDS = 3
"""How often an object may change under our hands before the event is given back to the platform."""

LEASE = 30.0
"""Seconds that a key stays ours: a detector's time-out (15 s) and three slow store calls."""


@dataclass(frozen=True, slots=True)
class Labeler:
    """One per instance: it holds nothing of any event."""

    objects: ObjectStore
    detector: LabelDetector
    ledger: Ledger
    policy: Policy | Rules
    taxonomy: Taxonomy
    clock: Clock
    reuse: content.Reuse = "bucket"
    pair: Pair = inline
    lease: float = LEASE
    after_kill: float = CLAIM_AFTER_KILL
    time: StoreTime = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", StoreTime(self.clock))

    def reconcile(self, change: ObjectChange, deadline: float) -> Outcome:
        """What became of the object that the change names.

        `deadline` is the moment on `clock.monotonic()` at which the platform kills this process. Raises Unavailable
        when the platform should deliver the event again, and Misconfigured when not even a row could be written.
        """
        ref, notes = self._resolve(change)
        return Delivery(self, ref, change.event_id, deadline, notes).run()

    def look(self, ref: ObjectRef) -> Look:
        """HEAD, which also tells the store's time."""
        return self.time.observe(self.objects.head(ref))

    def _resolve(self, change: ObjectChange) -> tuple[ObjectRef, tuple[str, ...]]:
        """Which object the event means: the one with the key as it stands, unless only the decoded key makes sense.

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


class Delivery:
    """One event on its way: what must be remembered between its port calls."""

    leaves_a_trace = True
    """A row says what its delivery waits for, since the platform, not a person, tries again."""

    def __init__(self, by: Labeler, ref: ObjectRef, event_id: str, deadline: float, notes: tuple[str, ...]) -> None:
        self.by, self.ref, self.event_id, self.deadline, self.notes = by, ref, event_id, deadline, notes
        self.policy, self.setting = by.policy.at(ref.uri), by.detector.setting
        self.answers = Answers(
            by.objects, by.detector, by.ledger, by.clock, by.time, by.reuse, deadline + by.after_kill, deadline
        )
        self.corrections: Corrections | None = None
        self.look_at_row = False
        """Set when the row turned out to hold what a person said; an ordinary new picture's is not looked at."""

    def run(self) -> Outcome:
        for _ in range(ROUNDS):
            lock = Lock(uuid4().hex)
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
        raise Unavailable("unsettled", f"{self.ref.uri!r} changed under our hands {ROUNDS} times")

    def _attempt(self, lock: Lock) -> Outcome | None:
        """One go at it under a lock of its own; None when the object moved on meanwhile: look again."""
        try:
            return self._section(lock, self._enter(lock).head)
        except (Misconfigured, Rejected) as error:
            if lock.keep:
                raise
            # A person must mend it, or it can never be labelled: the row says so and nothing is retried.
            if lock.until == 0.0:
                self._acquire(lock)
            self._recorded()
            made = Plan(state_of(error.reason), error.reason, corrections=self.corrections)
            return self._finish(lock, None, made, Answer(error.reason), {})

    def _enter(self, lock: Lock) -> Look:
        """Lock and look; at once when the store's time is known from an earlier answer."""
        if self.by.time.known:
            look, tries = self.by.pair(lambda: self.by.look(self.ref), lambda: self._acquire(lock))
        else:
            look = self.by.look(self.ref)
            tries = self._acquire(lock)
        # Who had to wait for the lock saw the object as it was before somebody else's work on it.
        return look if tries == 1 else self.by.look(self.ref)

    def _acquire(self, lock: Lock) -> int:
        """Take the lock, however often it must be asked for: the number of times."""
        tries = 0

        def attempt() -> int | None:
            nonlocal tries
            tries += 1
            now = self.by.time.now()
            lock.until = now + RESOLUTION + self.by.lease
            # Without the store's time nobody's lease can be said to be over.
            stolen_by = now if self.by.time.known else 0.0
            return tries if self.by.ledger.lock(self.ref, lock.token, lock.until, stolen_by, self.event_id) else None

        return until_answered(attempt, self.by.clock, self.deadline)

    def _section(self, lock: Lock, head: ObjectHead | None) -> Outcome | None:
        """Under the lock: answer, second look, write."""
        for _ in range(ROUNDS):
            found = self._found(head, lock)
            now, tags, row = self._second_look(found, head, lock)
            if found.gone or now.head != head:
                self.answers.void(found, lock.token)
                head = now.head
                continue
            if head is None:
                return self._drop(lock)
            made = plan(head, row, tags, found.answer, self.policy, self.by.taxonomy, self.setting, self._said(head))
            if made.tags is not None and self.by.time.now() + RESOLUTION + FENCE > lock.until:
                self.answers.keep(found, lock.token)
                return None  # too little of the lease is left to write under it
            try:
                self._write(lock, head, made, found)
            except Gone:
                head = self.by.look(self.ref).head
                continue
            except (Rejected, Misconfigured) as error:
                made = self._refused(made, error)
            return self._finish(lock, head, made, found.answer, tags)
        raise Unavailable("unsettled", f"{self.ref.uri!r} changed under our hands {ROUNDS} times")

    def _refused(self, made: Plan, error: Rejected | Misconfigured) -> Plan:
        """The store refused the tags: the row says so."""
        return replace(made, state=state_of(error.reason), reason=error.reason, tags=None, written={})

    def _found(self, head: ObjectHead | None, lock: Lock) -> Found:
        if head is None:
            return Found(Answer())
        if not self.policy.label:
            return Found(Answer("excluded"))  # by the user, who may change it: not kept
        return self.answers.get(self.ref, head, lock.token)

    def _versioned(self, head: ObjectHead) -> ObjectRef:
        """Where HEAD showed a version, every later call names it."""
        return self.ref if self.ref.version == head.version else replace(self.ref, version=head.version)

    def _second_look(self, found: Found, head: ObjectHead | None, lock: Lock) -> tuple[Look, Tags, ImageRecord | None]:
        """HEAD again beside the tags; and the row where the answer was there already, so that nothing may be to do."""

        def recorded() -> tuple[Tags, ImageRecord | None]:
            if head is None:
                return {}, None
            tags = self.by.objects.tags(self._versioned(head))
            return tags, self._recorded() if found.kept or self.look_at_row else None

        try:
            now, (tags, row) = self.by.pair(lambda: self.by.look(self.ref), recorded)
        except Gone:
            return self.by.look(self.ref), {}, None
        except Exception:
            self._rescue(found, head, lock)
            raise
        return now, tags, row

    def _recorded(self) -> ImageRecord | None:
        """The row, where a delivery finished it and none waits; what a person said, in any case."""
        row = self.by.ledger.row(self.ref)
        self.corrections = row.record.corrections if row is not None and row.record is not None else None
        return row.record if row is not None and row.waiting is None else None

    def _said(self, head: ObjectHead) -> Corrections | None:
        """The corrections to plan with."""
        return self.corrections

    def _rescue(self, found: Found, head: ObjectHead | None, lock: Lock) -> None:
        """Something failed after the call was paid: keep the answer if one more look shows it is of this content."""
        try:
            same = found.claim is not None and self.by.look(self.ref).head == head
        except LabelingError:
            same = False
        if same:
            self.answers.keep(found, lock.token)
        else:
            self.answers.void(found, lock.token)

    def _write(self, lock: Lock, head: ObjectHead, made: Plan, found: Found) -> None:
        def put() -> None:
            if made.tags is None:
                return
            lock.keep = True
            try:
                before = min(lock.until, self.by.time.now() + FENCE)
                self.by.objects.put_tags(self._versioned(head), made.tags, before, lock.until)
            except (Gone, Rejected, Misconfigured):
                lock.keep = False  # the store said that nothing was written
                raise

        self.by.pair(put, lambda: self.answers.keep(found, lock.token))

    def _finish(self, lock: Lock, head: ObjectHead | None, made: Plan, answer: Answer, before: Tags) -> Outcome | None:
        """Row, history and release in one write; beside it a last look, for a change whose event was lost."""
        by, made = self.by, replace(made, notes=self.notes + made.notes) if self.notes else made
        labels = tuple(label.id for label in made.chosen.labels)
        outcome = Outcome(made.state, made.reason, made.notes, labels, self.answers.paid_calls)
        at = round(by.time.now() * 1000)
        ref = self._versioned(head) if head else self.ref
        policy = self.policy.digest(by.taxonomy.version)
        record = made.row(ref, head, answer, by.detector.name, self.setting, policy, at)
        after = before if made.tags is None else made.tags
        entry = self._entry(outcome, at, before, after)
        done, last = self.by.pair(
            lambda: by.ledger.finish(self.ref, lock.token, record, entry), lambda: self._last_look(head)
        )
        lock.keep = lock.keep or done
        self.look_at_row = not done
        return outcome if done and last == head else None

    def _last_look(self, head: ObjectHead | None) -> ObjectHead | None:
        """What is there when all is done. A store that cannot say so now takes nothing back: this look is a belt."""
        try:
            return self.by.look(self.ref).head if head is not None else None
        except LabelingError:
            return head

    def _drop(self, lock: Lock) -> Outcome | None:
        outcome = Outcome("removed", None, self.notes, (), self.answers.paid_calls)
        entry = self._entry(outcome, round(self.by.time.now() * 1000), None, None)
        done, last = self.by.pair(
            lambda: self.by.ledger.drop(self.ref, lock.token, entry), lambda: self.by.look(self.ref).head
        )
        lock.keep = lock.keep or done
        return outcome if done and last is None else None

    def _entry(self, outcome: Outcome, at: int, before: Tags | None, after: Tags | None) -> EventEntry:
        return EventEntry(
            self.event_id, outcome.state, outcome.reason, at, outcome.paid_calls, before, after, outcome.notes
        )
