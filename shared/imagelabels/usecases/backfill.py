"""Labels the objects that are in a bucket already: what a walk does with each of them, and what becomes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from imagelabels.domain.errors import LabelingError, Misconfigured
from imagelabels.domain.fates import Fate, Foretold, fate
from imagelabels.domain.listing import Listed, is_older, was_there
from imagelabels.domain.model import Delivered, ImageRecord, ObjectChange, ObjectRef
from imagelabels.domain.outcomes import Note, Reason, State
from imagelabels.domain.pauses import IN_VAIN
from imagelabels.ports import StoredRow
from imagelabels.usecases.deliver import whatever_happens
from imagelabels.usecases.drift import repair
from imagelabels.usecases.looks import is_refused
from imagelabels.usecases.readable_rows import readable_rows
from imagelabels.usecases.reconcile import Labeler
from imagelabels.usecases.run_budget import CallLimit, NoCalls
from imagelabels.usecases.slowing import Slowing
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.walking import WINDOW, Stopped, Work

TIMEOUT = 90.0
"""Seconds for one object, as the template gives the function: a dead worker's lock and a slow detector fit in."""

STANDING = (State.WAITING, State.PARKED, State.FAILED)
"""An object in one of these states has been tried."""

TRIES = 3
"""An object that waits for something that passes is tried so often. After that its row says that it waits.

It is tried once where a call was made in vain that may have been billed: the next seconds are no better for another
one, and whoever watches the money does not expect three. The timer and the next run make it."""

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 30.0
"""Seconds before it is tried again."""

MOST_FORBIDDEN = 20
"""So many objects in a row that were refused are taken to mean that all will be."""

LIMIT = "limit"
"""A walk is stopped by this where its own limit is reached."""


@dataclass(frozen=True, slots=True)
class Worked:
    """What became of an object."""

    fate: Fate
    state: State
    reason: Reason | str | None = None
    notes: tuple[Note | str, ...] = ()
    labels: int = 0
    paid_calls: int = 0
    error: LabelingError | None = None
    """It says in words what stands in the way, where something does."""
    is_raised: bool = False
    """The work ended in the error, which asks for another try, or says that not even a row could be written."""

    @property
    def is_fine(self) -> bool:
        """Nothing is left to be done about the object."""
        return self.state not in (State.WAITING, State.PARKED, State.FAILED)


class Book(Protocol):
    """It remembers a run on this machine."""

    def add(self, uri: str, worked: Worked) -> None:
        """Report an object."""

    def save(self, position: str, counts: Counter[str]) -> None:
        """Remember that the objects up to the position are done and reported."""


def foretold(by: Tools, found: Listed, stored: StoredRow | None) -> Foretold:
    """Return the fate of a listed object whose row was read."""
    seen = by.seen(found.ref, None)
    record = stored.record if stored is not None else None
    is_free = stored is None or (stored.lock is None and stored.waiting is None)
    return fate(found, seen, record, seen.policy.digest(by.taxonomy.version), is_free)


class Backfill:
    """Implements walking.Job for one pass over the objects, and does the work on each of them."""

    def __init__(
        self,
        labeler: Labeler,
        event: str,
        book: Book,
        counts: Counter[str],
        since: float | None = None,
        resumed: bool = False,
        limit: CallLimit | None = None,
    ) -> None:
        """`event` is an id that no other pass has. `since` is the moment at which the pass before this one began, on
        the store's clock: objects that are older are passed over.

        `resumed` says that an earlier process began some of the first objects, and may have been killed.
        """
        self._labeler, self._by, self.event, self._book = labeler, labeler.tools, event, book
        self.counts, self._since, self._resumed, self._limit = counts, since, resumed, limit
        self.begun_work = 0
        """So many objects of the pass were not done when it came to them."""
        self.stopped_by: str | None = None
        """The walk is stopped by the shared budget, Reason.BUDGET, or by its own LIMIT."""
        self._fates: dict[int, Fate] = {}
        self._paid_before: Counter[int] = Counter()
        """The calls of former tries, by the number of the object."""
        self._for_nothing: set[int] = set()
        """These objects are tried without a call."""
        self._slowing, self._forbidden = Slowing(self._by.clock), 0

    @property
    def _is_free_only(self) -> bool:
        return self._limit is not None and self._limit.most == 0

    def sort(self, works: Sequence[Work[Worked]]) -> None:
        wanted = []
        for work in works:
            work.is_done = is_older(work.listed, self._since)
            if not work.is_done:
                wanted.append(work)
        if not wanted:
            return
        for work, stored in zip(wanted, readable_rows(self._by, [work.listed.ref for work in wanted]), strict=True):
            if self._was_tried(work.listed, stored):
                work.is_done = True
                continue
            told = foretold(self._by, work.listed, stored)
            work.paid = told.may_pay
            self._fates[work.number] = told.fate
            if told.fate is Fate.DONE and stored is not None and stored.record is not None:
                work.result, work.is_done = self._done(work, stored.record), True

    def _was_tried(self, found: Listed, stored: StoredRow | None) -> bool:
        """Return whether a former pass has left the object waiting, as its row says."""
        if stored is None or not was_there(found, self._since):
            return False
        return stored.waiting is not None or (stored.record is not None and stored.record.state in STANDING)

    def _done(self, work: Work[Worked], record: ImageRecord) -> Worked | None:
        """Return what is reported of an object that is done. If a process of this run was killed before it reported the
        object, the history of the row says what it did. A later pass reports no object that was done before it."""
        paid_calls, is_ours = 0, False
        if self._resumed and work.number < WINDOW:
            lines = [line for line in self._by.rows.history(work.listed.ref) if is_of(self.event, line.event_id)]
            paid_calls, is_ours = sum(line.paid_calls for line in lines), bool(lines)
        if self._limit is not None:
            self._limit.count_former(paid_calls)
        if self._since is not None and not is_ours:
            return None
        kind = Fate.ASK if is_ours else Fate.DONE
        return Worked(kind, record.state, record.reason, record.notes, len(record.labels), paid_calls)

    def may_begin(self, work: Work[Worked], under_way: int) -> bool:
        if self.stopped_by is not None:
            return False
        is_limited = work.paid and not self._is_free_only
        if self._limit is None or not is_limited or self._limit.left >= (under_way + 1) * self._by.detector.calls:
            return True
        if under_way == 0:  # It may cost nothing, as a duplicate; the first that does cost something ends the walk.
            self._for_nothing.add(work.number)
        return under_way == 0

    def fate_of(self, work: Work[Worked]) -> Fate:
        """Return what was to be done about an object that is under way."""
        return self._fates.get(work.number, Fate.ASK)

    def pays_nothing(self, work: Work[Worked]) -> bool:
        """Return whether nothing may be paid for the object, so that only `act` can do what is free."""
        return work.paid and (self._is_free_only or work.number in self._for_nothing)

    def act(self, work: Work[Worked]) -> Worked:
        """Do the work on one object; a runner calls it in its threads."""
        kind, ref = self.fate_of(work), work.listed.ref
        if self.pays_nothing(work):
            return self._for_free(ref, kind, self._by.clock.monotonic() + TIMEOUT)
        return label_one(self._labeler, ref, kind, self.event)

    def _for_free(self, ref: ObjectRef, kind: Fate, deadline: float) -> Worked:
        """Do what costs no call, and leave an object that needs one as it is."""
        try:
            if not repair(self._by, ref, deadline):
                if not is_refused(self._by, ref):
                    return Worked(kind, State.PARKED, Reason.BUDGET)
                return label_one(replace(self._labeler, budget=NoCalls()), ref, kind, self.event)
            stored = self._by.rows.row(ref)
        except LabelingError as error:
            return Worked(kind, error.reason.state, error.reason, error=error)
        record = stored.record if stored is not None else None
        if record is None:
            return Worked(kind, State.REMOVED)
        return Worked(kind, record.state, record.reason, record.notes, len(record.labels))

    def again(self, work: Work[Worked], result: Worked | LabelingError) -> float | None:
        if isinstance(result, LabelingError):
            raise result
        if self._limit is not None:
            self._limit.count(result.paid_calls)
        error = result.error
        if error is not None and result.is_raised and isinstance(error, Misconfigured):
            raise error
        if error is not None and result.reason is Reason.CREDENTIALS_EXPIRED:
            raise error
        if work.number in self._for_nothing and result.reason is Reason.BUDGET:
            self.stopped_by = LIMIT
            raise Stopped
        if self.fate_of(work) is Fate.ASK:
            self._forbidden = self._forbidden + 1 if result.reason is Reason.FORBIDDEN else 0
        if result.reason is Reason.DETECTOR_UNBOUND or self._forbidden >= MOST_FORBIDDEN:
            raise Misconfigured(self._refusal(work, result))
        if result.reason is Reason.BUDGET and not self._is_free_only:
            self.stopped_by = Reason.BUDGET
        self._slowing.hear(result.reason is Reason.THROTTLED)
        if result.state is State.WAITING and work.tries + 1 < TRIES and not self._paid_in_vain(work, result):
            self._paid_before[work.number] += result.paid_calls
            return min(FIRST_PAUSE * (1 << work.tries), LONGEST_PAUSE)
        return None

    def _refusal(self, work: Work[Worked], result: Worked) -> str:
        """Say why the objects that come next would be refused too."""
        uri, error = work.listed.ref.uri, result.error
        why = str(error) if error is not None else f"{result.reason}, says the row of {uri}"
        if result.reason is Reason.DETECTOR_UNBOUND:
            return f"the detector refuses the whole bucket: {why}. `imagelabels why {uri}` says what to do"
        return f"{self._forbidden} objects in a row were forbidden: {why}"

    def _paid_in_vain(self, work: Work[Worked], result: Worked) -> bool:
        """Return whether the detector gave no answer to a call that may have been billed. A row alone does not tell who
        gave none, so that where others do the work, it is taken to be the detector."""
        if not (work.paid and self._by.detector.paid and result.reason in IN_VAIN):
            return False
        return result.paid_calls > 0 or result.error is None

    def quiet_until(self) -> float:
        return self._slowing.until

    def settle(self, work: Work[Worked]) -> None:
        kind, result = self._fates.pop(work.number, Fate.DONE), work.result
        if result is None or isinstance(result, LabelingError):
            return
        result = replace(result, paid_calls=result.paid_calls + self._paid_before.pop(work.number, 0))
        if self._is_told(work.listed, result):
            self.counts["paid_calls"] += result.paid_calls
            return
        self.begun_work += kind is not Fate.DONE
        self.counts.update(("objects", f"fate:{result.fate}", f"state:{result.state}"))
        self.counts["paid_calls"] += result.paid_calls
        if result.reason is not None and not result.is_fine:
            self.counts[f"reason:{result.reason}"] += 1
        self._for_nothing.discard(work.number)
        self._book.add(work.listed.ref.uri, result)

    def _is_told(self, found: Listed, result: Worked) -> bool:
        """Return whether a former pass has told the same: that the object failed, that there is nothing, as behind a
        link without a target, or that it is done, where something else was at work on it when its row was read."""
        if self._since is not None and result.state is State.UNCHANGED and not result.paid_calls:
            return True
        if not was_there(found, self._since):
            return False
        if result.state is State.SKIPPED and not result.paid_calls:
            with suppress(LabelingError):
                return any(not is_of(self.event, line.event_id) for line in self._by.rows.history(found.ref))
        return not result.is_fine or result.state is State.REMOVED

    def save(self, position: str) -> None:
        self._book.save(position, self.counts)


def label_one(labeler: Labeler, ref: ObjectRef, kind: Fate, event: str) -> Worked:
    """Do for an object what a function does for an event with this id."""
    change = ObjectChange(ObjectRef(ref.store, ref.bucket, ref.key), "created", event)
    return worked(kind, whatever_happens(labeler, change, labeler.tools.clock.monotonic() + TIMEOUT))


def is_of(event: str, event_id: str) -> bool:
    """Return whether a line of the history comes from a pass with this event. A function adds to it what tells the
    objects of one event apart."""
    return event_id == event or event_id.startswith(f"{event}/")


def worked(kind: Fate, delivered: Delivered) -> Worked:
    """Return what became of an object that was delivered as an event is."""
    outcome, spent = delivered.outcome, delivered.spent
    failure = spent.failure if spent is not None else None
    if outcome is not None:
        told = failure if failure is not None and failure.reason == outcome.reason else None
        labels = len(outcome.labels)
        return Worked(kind, outcome.state, outcome.reason, outcome.notes, labels, outcome.paid_calls, told)
    assert delivered.error is not None
    reason, paid_calls = delivered.error.reason, spent.paid_calls if spent is not None else 0
    return Worked(kind, reason.state, reason, (), 0, paid_calls, delivered.error, is_raised=True)
