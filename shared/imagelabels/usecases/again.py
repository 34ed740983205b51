"""Lets pictures that stand still be tried again. No detector is asked here: the timer's next run tries them, or the
function that they are given to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import uuid4

from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import EventEntry, ImageRecord, ObjectRef
from imagelabels.domain.outcomes import Reason, State
from imagelabels.ports import Budget, Clock, StoredRow
from imagelabels.usecases import gallery as asking
from imagelabels.usecases import scopes
from imagelabels.usecases.gallery import Gallery, Question
from imagelabels.usecases.lock import Lock, take
from imagelabels.usecases.redrive import Candidate, end_rest
from imagelabels.usecases.tools import Tools

STILL = (State.FAILED, State.PARKED, State.WAITING)
"""Pictures in these states stand still: work on them is not done, and may be done another time."""

PAGE = 20
"""So many pictures are found at once. A request ends between two pages, so that the next one goes on there."""

MOST = 200
"""One request looks at so many pictures of which something must be done, which takes some seconds."""

PATIENCE = 20.0
"""A request begins further pages for so many seconds, and then says that there are more: a function must answer in
time."""

Due = Literal["noted", "due"]
"""It was noted just now that the picture is to be tried, or it was due before."""

By = Literal["function", "timer"]
"""Who tries a picture again."""


class Giver(Protocol):
    """Gives pictures to the deployed functions that label them."""

    def takes(self, ref: ObjectRef) -> bool:
        """Return whether there is a function for the picture's store, and whether an event can name the picture."""

    def give(self, refs: Sequence[ObjectRef]) -> None:
        """Give pictures that it takes to their functions. Nobody waits for them."""


@dataclass(frozen=True, slots=True)
class Tried:
    """So many pictures will be tried again because somebody asked."""

    pictures: int
    failed: int = 0
    """So many could not be looked at."""
    next: str | None = None
    """There are more: who asks again with this goes on behind those that were looked at."""
    by: By = "timer"
    """The timer, if some of them were not given to a function."""


@dataclass(frozen=True, slots=True)
class Redriver:
    """What lets pictures be tried again. `tools` returns those of a store. What `giver` does not take waits for the
    timer."""

    gallery: Gallery
    budget: Budget
    clock: Clock
    stores: Collection[str]
    """The schemes of the stores whose pictures can be tried again."""
    detectors: Collection[str]
    """The names of all detectors that a function may have."""
    tools: Callable[[str], Tools]
    giver: Giver | None = None

    def helps(self, ref: ObjectRef, state: str, reason: str | None) -> bool:
        """Return whether asking makes a difference: the timer tries in any case what waits, and a spent budget stays
        spent."""
        if ref.store not in self.stores or state not in STILL:
            return False
        return self.by(ref) == "function" or (state != State.WAITING and reason != Reason.BUDGET)

    def by(self, ref: ObjectRef) -> By:
        """Return who tries a picture again."""
        return "function" if self.giver is not None and self.giver.takes(ref) else "timer"

    def picture(self, ref: ObjectRef, within: Sequence[str]) -> By:
        """Let one picture be tried again, for somebody who sees what lies below the prefixes `within`. Return who tries
        it; ValueError says why it cannot be."""
        if ref.store not in self.stores:
            raise ValueError(f"this server cannot let pictures of {ref.store}:// be tried again")
        if make_due(self.tools(ref.store), ref) is None:
            raise ValueError("this picture does not stand still: only failed, parked and waiting ones are tried again")
        self._free_holds(within, f"{ref.store}://{ref.bucket}")
        by = self.by(ref)
        if self.giver is not None and by == "function":
            self.giver.give([ref])
        return by

    def every(self, state: State, within: Sequence[str], page: str = "") -> Tried:
        """Let all pictures with a state be tried again that lie below the prefixes, or as many as the time allows.

        `page` is `next` of the answer before; ValueError says that it belongs to another question.
        """
        deadline = self.clock.monotonic() + PATIENCE
        if not page:
            self._free_holds(within)
        tried, following = _Trying(self), page if self._may_find(state) else None
        while following is not None and tried.count < MOST and self.clock.monotonic() <= deadline:
            found, _ = asking.pictures(self.gallery, self._question(state), within, "uri", PAGE, following)
            tried.let([record.ref for record in found.records if record.ref.store in self.stores], state)
            following = found.next
        return tried.given(following)

    def _may_find(self, state: State) -> bool:
        return self.giver is not None or state is not State.WAITING

    def _question(self, state: State) -> Question:
        """Ask for the pictures of which something must be done. Without a function to give them to, these are the ones
        that the timer would pass over: it tries the others anyway, and there may be a million of them."""
        only = str(Reason.DETECTOR_FAILING) if self.giver is None and state is State.PARKED else ""
        return Question(state=state, reason=only)

    def _free_holds(self, within: Sequence[str], bucket: str | None = None) -> None:
        """End the holds on detectors, of all buckets or of one: whoever asks has mended what they were for. Only who
        sees a whole bucket can say that of it. Those that are over are ended too, so that this machine's clock does not
        matter."""
        for name in self.detectors:
            for held in self.budget.spending(name, 0.0).holds:
                is_ours = held.partition("://")[0] in self.stores and bucket in (None, held)
                if is_ours and scopes.covers(within, [held]):
                    self.budget.free(name, held)


class _Trying:
    """Lets pictures be tried again, and counts them."""

    def __init__(self, redriver: Redriver) -> None:
        self._redriver = redriver
        self._given: list[ObjectRef] = []
        self._noted = self._failed = 0
        self._error: LabelingError | None = None

    @property
    def count(self) -> int:
        return len(self._given) + self._noted

    def let(self, refs: Sequence[ObjectRef], state: State) -> None:
        """Let pictures be tried again. One that cannot be looked at does not keep the others waiting."""
        for ref in refs:
            by = self._redriver.by(ref)
            if by == "timer" and state is State.WAITING:
                continue
            try:
                became = make_due(self._redriver.tools(ref.store), ref)
            except LabelingError as error:
                self._failed, self._error = self._failed + 1, self._error or error
                continue
            if became is not None and by == "function":
                self._given.append(ref)
            elif became == "noted":
                self._noted += 1

    def given(self, following: str | None) -> Tried:
        """Give the pictures to their functions, and tell what was done. An error is raised if nothing was."""
        if self._error is not None and not self.count and following is None:
            raise self._error
        if self._redriver.giver is not None and self._given:
            self._redriver.giver.give(self._given)
        by: By = "timer" if self._noted or self._redriver.giver is None else "function"
        return Tried(self.count, self._failed, following, by)


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
