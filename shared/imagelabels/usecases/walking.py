"""The one walk over many objects: a source names them in order, a runner works on several at once, and a book remembers
up to which position all of them are done.

The walk begins at most WINDOW objects beyond what the book has saved. So a walk that is killed at any moment goes on
with at most so many objects that it had begun before.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Generic, Protocol, TypeVar

from imagelabels.domain.errors import LabelingError, Unavailable
from imagelabels.domain.listing import Listed
from imagelabels.domain.pauses import growing
from imagelabels.ports import Clock

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
R_contra = TypeVar("R_contra", contravariant=True)

Positioned = tuple[str, Listed]
"""An object, and the position of the source behind which it goes on after this object."""

Source = Callable[[str], Iterator[Positioned]]
"""It yields the objects behind a position, always in the same order; the empty position stands before all of them."""

WINDOW = 1000
"""So many objects at most are begun beyond what is saved."""

CHUNK = 100
"""So many objects are sorted at once."""

SAVE_OBJECTS, SAVE_SECONDS = 250, 1.0
"""The position is saved after so many objects, or so many seconds."""

SOURCE_TRIES = 5
"""The source is opened anew so often while it is throttled or fails for the moment."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds before the source is opened anew, and before an object is tried again."""


@dataclass(slots=True)
class Work(Generic[R]):
    """An object on its way through the walk."""

    number: int
    position: str
    listed: Listed
    result: R | LabelingError | None = None
    tries: int = 0
    is_done: bool = False
    paid: bool = True
    """The work may need a call that is paid for."""


class Stopped(Exception):
    """The walk ends before this object, which is not done."""


class Runner(Protocol[R]):
    """It works on objects, here or elsewhere, several at once or in batches, and answers in any order."""

    def room(self) -> int:
        """Return how many more objects it takes now."""

    def begin(self, work: Work[R]) -> None:
        """Take an object. The work may begin at once, or when a batch is full."""

    def ended(self, patience: float | None) -> list[tuple[Work[R], R | LabelingError]]:
        """Return what has come since the last time. If nothing has, and something is under way, wait for it for up to
        so many seconds; None waits until something comes. A runner of batches sends what it has before it waits."""

    def under_way(self) -> int:
        """Return how many objects were taken and have not been returned."""

    def drop(self) -> None:
        """Forget the objects on which no work has begun."""


class Job(Protocol[R]):
    """What is done with the objects, and what becomes of the results."""

    def sort(self, works: Sequence[Work[R]]) -> None:
        """Set the result of each object that needs no work."""

    def may_begin(self, work: Work[R], under_way: int) -> bool:
        """Return whether the object may be begun; False ends the walk before it."""

    def again(self, work: Work[R], result: R | LabelingError) -> float | None:
        """Return after how many seconds the object is tried again; None if it is done. Stopped ends the walk, and so
        does a LabelingError, which would meet every object."""

    def quiet_until(self) -> float:
        """Return the moment on the monotonic clock before which nothing is begun, since a service is throttled."""

    def settle(self, work: Work[R]) -> None:
        """Count and report the result of an object, in the order of the source."""

    def save(self, position: str) -> None:
        """Remember that all objects up to the position are done."""


def in_chunks(
    source: Source, position: str, clock: Clock, size: int, stopped: Callable[[], bool] = lambda: False
) -> Iterator[list[Positioned]]:
    """Yield the objects behind the position in chunks. A source that fails for the moment is opened anew where it
    stopped."""
    failures, pauses = 0, growing(FIRST_PAUSE, LONGEST_PAUSE)
    entries: Iterator[Positioned] | None = None
    while True:
        try:
            entries = source(position) if entries is None else entries
            chunk = list(islice(entries, size))
        except Unavailable:
            failures += 1
            if failures == SOURCE_TRIES or stopped():
                raise
            clock.sleep(next(pauses))
            entries = None
            continue
        if not chunk:
            return
        failures, pauses = 0, growing(FIRST_PAUSE, LONGEST_PAUSE)
        position = chunk[-1][0]
        yield chunk


@dataclass(slots=True)
class Walking(Generic[R]):
    """One walk from a position to the end of the source, or until it is stopped."""

    source: Source
    job: Job[R]
    runner: Runner[R]
    clock: Clock
    stopped: Callable[[], bool] = lambda: False
    read: int = 0
    """So many objects were read from the source."""
    position: str = ""
    _pending: deque[Work[R]] = field(default_factory=deque)
    _ready: deque[Work[R]] = field(default_factory=deque)
    _later: list[tuple[float, int, Work[R]]] = field(default_factory=list)
    _settled: int = 0
    _saved: int = 0
    _saved_at: float = 0.0
    _halted: bool = False

    def run(self, position: str = "") -> bool:
        """Walk on behind the position. True: all objects are done. False: it was stopped before.

        However it ends, what is done is saved, except where it is the saving that failed.
        """
        self.position, self._saved_at = position, self.clock.monotonic()
        chunks, exhausted = in_chunks(self.source, position, self.clock, CHUNK, self.stopped), False
        try:
            while not (self._halted or self.stopped()):
                if not exhausted and not self._ready and self._has_room():
                    exhausted = not self._take(chunks)
                self._begin()
                if exhausted and not self._pending:
                    break
                self._collect(self._patience(exhausted))
                self._settle()
        except LabelingError:
            self._finish()
            raise
        self._finish()
        return exhausted and not self._pending

    def _finish(self) -> None:
        """Wait for what is under way, and save."""
        self.runner.drop()
        self._halted = True
        while self.runner.under_way():
            for work, result in self.runner.ended(None):
                with suppress(LabelingError, Stopped):  # Another error is raised already, and this object is not done.
                    self._take_result(work, result)
        self._settle()
        self._save()

    def _has_room(self) -> bool:
        if self.read + CHUNK - self._saved > WINDOW and self._settled > self._saved:
            self._save()
        return self.read + CHUNK - self._saved <= WINDOW

    def _take(self, chunks: Iterator[list[Positioned]]) -> bool:
        """Read and sort the next objects; False at the end of the source."""
        chunk = next(chunks, None)
        if chunk is None:
            return False
        works: list[Work[R]] = [Work(self.read + n, *one) for n, one in enumerate(chunk)]
        self.read += len(works)
        self._pending.extend(works)
        self.job.sort(works)
        self._ready.extend(work for work in works if not work.is_done)
        return True

    def _begin(self) -> None:
        now = self.clock.monotonic()
        while self._later and self._later[0][0] <= now:
            self._ready.appendleft(heapq.heappop(self._later)[2])
        while self._ready and self.runner.room() > 0 and now >= self.job.quiet_until():
            if not self.job.may_begin(self._ready[0], self.runner.under_way()):
                # What is under way may need less than was set aside for it.
                self._halted = self.runner.under_way() == 0
                return
            self.runner.begin(self._ready.popleft())

    def _patience(self, exhausted: bool) -> float | None:
        """Return how long nothing else is to be done: 0 where more can be read or begun at once."""
        if (not exhausted and not self._ready and self._has_room()) or self._halted:
            return 0.0
        now = self.clock.monotonic()
        due = [self._later[0][0] - now] if self._later else []
        if self._ready and (quiet := self.job.quiet_until() - now) > 0:
            due.append(quiet)
        return max(min(due), 0.0) if due else None

    def _collect(self, patience: float | None) -> None:
        """Take what has ended. An error that would meet every object is raised after all that came with it."""
        if not self.runner.under_way():
            if patience:
                self.clock.sleep(min(patience, SAVE_SECONDS))
            return
        errors = []
        for work, result in self.runner.ended(SAVE_SECONDS if patience is None else min(patience, SAVE_SECONDS)):
            try:
                self._take_result(work, result)
            except Stopped:
                self._halted = True
            except LabelingError as error:
                errors.append(error)
        if errors:
            raise errors[0]

    def _take_result(self, work: Work[R], result: R | LabelingError) -> None:
        pause = self.job.again(work, result)
        if pause is None:
            work.result, work.is_done = result, True
        else:
            work.tries += 1
            heapq.heappush(self._later, (self.clock.monotonic() + pause, work.number, work))

    def _settle(self) -> None:
        while self._pending and self._pending[0].is_done:
            work = self._pending.popleft()
            self.job.settle(work)
            self.position = work.position
            self._settled += 1
        unsaved = self._settled - self._saved
        if unsaved >= SAVE_OBJECTS or (unsaved and self.clock.monotonic() - self._saved_at >= SAVE_SECONDS):
            self._save()

    def _save(self) -> None:
        if self._settled > self._saved:
            self.job.save(self.position)
            self._saved, self._saved_at = self._settled, self.clock.monotonic()
