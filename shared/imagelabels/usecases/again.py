"""Lets pictures that stand still be tried again. No detector is asked here: the timer's next run tries them, or the
function that they are given to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import EventEntry, ImageRecord, ObjectRef
from imagelabels.domain.outcomes import Reason, State
from imagelabels.ports import Budget, Clock, StoredRow
from imagelabels.usecases import scopes
from imagelabels.usecases.gallery import Gallery, Question, all_pages
from imagelabels.usecases.lock import Lock, take
from imagelabels.usecases.redrive import Candidate, end_rest
from imagelabels.usecases.tools import Tools

STILL = (State.FAILED, State.PARKED, State.WAITING)
"""Pictures in these states stand still: work on them is not done, and may be done another time."""

MOST = 200
"""One request lets so many pictures be tried again, which takes some seconds."""

PATIENCE = 20.0
"""A request ends after so many seconds and says that there are more: a function must answer in time."""

Due = Literal["noted", "due"]
"""It was noted just now that the picture is to be tried, or it was due before."""

Give = Callable[[Sequence[ObjectRef]], object]


@dataclass(frozen=True, slots=True)
class Tried:
    """So many pictures will be tried again because somebody asked. There are more if `more` is true."""

    pictures: int
    more: bool


@dataclass(frozen=True, slots=True)
class Redriver:
    """What lets pictures be tried again. `tools` returns those of a store, and `give` hands pictures to the function
    that labels; None: they wait for the timer."""

    gallery: Gallery
    budget: Budget
    clock: Clock
    stores: Collection[str]
    """The schemes of the stores whose pictures can be tried again."""
    detectors: Collection[str]
    """The names of all detectors that a function may have."""
    tools: Callable[[str], Tools]
    give: Give | None = None

    def helps(self, ref: ObjectRef, state: str, reason: str | None) -> bool:
        """Return whether asking makes a difference: the timer tries in any case what waits, and a spent budget stays
        spent."""
        if ref.store not in self.stores or state not in STILL:
            return False
        return self.give is not None or (state != State.WAITING and reason != Reason.BUDGET)

    def picture(self, ref: ObjectRef) -> None:
        """Let one picture be tried again; ValueError says why it cannot be."""
        if ref.store not in self.stores:
            raise ValueError(f"this server cannot let pictures of {ref.store}:// be tried again")
        if make_due(self.tools(ref.store), ref) is None:
            raise ValueError("this picture does not stand still: only failed, parked and waiting ones are tried again")
        self._free_holds(lambda bucket: bucket == f"{ref.store}://{ref.bucket}")
        if self.give is not None:
            self.give([ref])

    def every(self, state: State, within: Sequence[str]) -> Tried:
        """Let all pictures with a state be tried again that lie below the prefixes, or as many as the time allows."""
        deadline = self.clock.monotonic() + PATIENCE
        self._free_holds(lambda bucket: scopes.touches(bucket, within))
        due, failures, is_cut = list[ObjectRef](), list[LabelingError](), False
        for ref in self._still(state, within):
            if is_cut := len(due) == MOST or self.clock.monotonic() > deadline:
                break
            try:
                became = make_due(self.tools(ref.store), ref)
            except LabelingError as error:
                failures.append(error)  # One picture that cannot be looked at must not keep the others waiting.
                continue
            if became == "noted" or (became == "due" and self.give is not None):
                due.append(ref)
        if failures and not due:
            raise failures[0]
        if self.give is not None and due:
            self.give(due)
        return Tried(len(due), is_cut or bool(failures))

    def _still(self, state: State, within: Sequence[str]) -> Iterator[ObjectRef]:
        """Yield the pictures for which something must be done. Without a function to give them to, these are the ones
        that the timer would pass over: it tries the others anyway, and there may be a million of them."""
        if self.give is None and state is State.WAITING:
            return
        reason = str(Reason.DETECTOR_FAILING) if self.give is None and state is State.PARKED else ""
        for page in all_pages(self.gallery, Question(state=state, reason=reason), within):
            yield from (record.ref for record in page.records if record.ref.store in self.stores)

    def _free_holds(self, is_meant: Callable[[str], bool]) -> None:
        """End the holds on detectors: whoever asks has mended what they were for. Those that are over are ended too, so
        that this machine's clock does not matter."""
        for name in self.detectors:
            for bucket in filter(is_meant, self.budget.spending(name, 0.0).holds):
                self.budget.free(name, bucket)


def make_due(by: Tools, ref: ObjectRef) -> Due | None:
    """Let the timer's next run try a picture. None: it does not stand still.

    The timer tries what is parked or waiting anyway, and what somebody noted a reason beside. So a failed picture gets
    such a note, and so does one that rests after failures of the detector. A picture that has its note is left as it
    is: it does not matter how often somebody asks.
    """
    row = by.rows.row(ref)
    if row is None or not _stands_still(row):
        return None
    record = _passed_over(row)
    if record is None:
        return "due"
    if record.reason == Reason.DETECTOR_FAILING:
        end_rest(by, Candidate(ref, record.state, str(record.reason)))
    elif not by.time.known:
        with suppress(LabelingError):  # The look tells the store's time, by which a lease ends.
            by.look(ref)
    return "noted" if _note(by, ref) else "due"


def _stands_still(row: StoredRow) -> bool:
    return row.waiting is not None or row.record is None or row.record.state in STILL


def _passed_over(row: StoredRow) -> ImageRecord | None:
    """Return what the row says if no run of the timer would try the picture soon."""
    record = row.record
    if record is None or row.waiting is not None:
        return None
    return record if record.state is State.FAILED or record.reason == Reason.DETECTOR_FAILING else None


def _note(by: Tools, ref: ObjectRef) -> bool:
    """Note beside the row that the picture waits. False: somebody is at work on it now, or was just before."""
    lock = Lock(uuid4().hex, f"redrive {uuid4().hex}")
    if not take(by, ref, lock):
        return False
    try:
        row = by.rows.row(ref)
        record = _passed_over(row) if row is not None else None
        if record is None:
            return False
        entry = EventEntry(lock.event_id, State.WAITING, record.reason, round(by.time.now() * 1000))
        return by.locks.finish(ref, lock.token, None, entry, None, str(record.reason))
    finally:
        by.locks.release(ref, lock.token)
