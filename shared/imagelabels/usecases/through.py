"""This runner lets a deployed function work on the objects of a walk: batches of them go to it as asynchronous tasks.

What a task answers is not believed. When it has ended, or was lost, the rows of its objects tell what became of them,
and an object on which work is not done waits for another try, as it does in the other runners.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice

from imagelabels.domain import tasks
from imagelabels.domain.errors import LabelingError, Misconfigured, Unavailable
from imagelabels.domain.invocations import MOST_BYTES, MOST_OBJECTS, outcomes
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.pauses import growing
from imagelabels.domain.tasks import TaskState, TaskStatus
from imagelabels.ports.invoker import Invoker
from imagelabels.usecases.backfill import Backfill, Worked
from imagelabels.usecases.readable_rows import readable_rows
from imagelabels.usecases.rowtruth import RowTruth, writes_elsewhere
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.walking import WINDOW, Work

FIRST_LOOK, LONGEST_LOOK = 1.0, 15.0
"""Seconds between two questions about a task, which grow."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds without requests to a platform that is throttled or fails, which grow."""

MOST_FAILURES = 8
"""After so many requests in a row that failed, the platform or the index is taken to be out of reach. Throttling does
not count."""

UNHEARD = 900.0
"""Seconds after which a task of which the platform knows nothing is lost. SCF tells nothing of a task that waits:
https://cloud.tencent.com/document/product/583/63969"""

OLDEST = 3 * 3600.0
"""Seconds after which any other task is lost. Tasks wait for each other where a function may have few instances."""

CHECKS = 5
"""The function is asked so often whether it is there, while its platform is throttled."""

Result = tuple[Work[Worked], "Worked | LabelingError"]


@dataclass(slots=True)
class _Batch:
    works: list[Work[Worked]]
    event: bytes
    id: str
    due: float
    """The moment on the monotonic clock of the next request about the batch."""
    known_as: str | None = None
    """The platform's id of the task; None until it has taken the batch."""
    since: float = 0.0
    """It took it at this moment."""
    ended: TaskStatus | None = None
    """The task is over, or UNKNOWN if it was lost. What is left is to read the rows."""
    looks: Iterator[float] = field(default_factory=lambda: growing(FIRST_LOOK, LONGEST_LOOK))

    @property
    def refs(self) -> list[ObjectRef]:
        return [plain(work) for work in self.works]


class ThroughFunction:
    """Implements walking.Runner."""

    def __init__(
        self,
        invoker: Invoker,
        function: str,
        write: Callable[[Sequence[ObjectRef], str], bytes],
        job: Backfill,
        by: Tools,
        executor: Executor,
    ) -> None:
        """`write` writes an event that says that it comes from a request. `executor` has the threads that read what the
        index says of single objects."""
        self._invoker, self._function, self._job, self._by, self._executor = invoker, function, job, by, executor
        self._write: Callable[[Sequence[ObjectRef]], bytes] = lambda refs: write(refs, job.event)
        self._truth = RowTruth(by, job)
        self._gathered: list[Work[Worked]] = []
        self._bytes = 0
        self._batches: list[_Batch] = []
        self._results: list[Result] = []
        self._pauses = growing(FIRST_PAUSE, LONGEST_PAUSE)
        self._quiet_until = 0.0
        self._failures = 0

    def room(self) -> int:
        return WINDOW - self.under_way()

    def under_way(self) -> int:
        return len(self._gathered) + sum(len(batch.works) for batch in self._batches) + len(self._results)

    def begin(self, work: Work[Worked]) -> None:
        if self._job.pays_nothing(work):
            self._results.append((work, self._job.act(work)))
            return
        try:
            size = len(self._write([plain(work)]))
        except LabelingError as error:  # No event can name the object; the others go on.
            failed = Worked(self._job.fate_of(work), State.FAILED, Reason.BAD_EVENT, error=error)
            self._results.append((work, failed))
            return
        if self._gathered and self._bytes + size > MOST_BYTES:
            self._pack()
        self._gathered.append(work)
        self._bytes += size
        if len(self._gathered) == MOST_OBJECTS:
            self._pack()

    def ended(self, patience: float | None) -> list[Result]:
        if patience != 0:
            self._pack()
        clock = self._by.clock
        until = None if patience is None else clock.monotonic() + patience
        while True:
            self._advance()
            if self._results or not self._batches:
                results, self._results = self._results, []
                return results
            due = min(batch.due for batch in self._batches)
            wait = (due if until is None else min(due, until)) - clock.monotonic()
            if wait > 0:
                clock.sleep(wait)
            if until is not None and clock.monotonic() >= until:
                return []

    def drop(self) -> None:
        """Forget what the platform has not taken. If it took a batch and its answer was lost, the next run sends the
        batch with the same id, or its rows tell."""
        self._gathered, self._bytes = [], 0
        self._batches = [batch for batch in self._batches if batch.known_as is not None]

    def give_up(self) -> None:
        """Ask the platform to stop what it has taken. A task that goes on all the same does no harm."""
        for batch in self._batches:
            if batch.known_as is not None:
                with suppress(LabelingError):
                    self._invoker.stop(self._function, batch.known_as)

    def _pack(self) -> None:
        if self._gathered:
            works, self._gathered, self._bytes = self._gathered, [], 0
            named = tasks.task_id(self._job.event, [(work.position, work.tries) for work in works])
            event = self._write([plain(work) for work in works])
            self._batches.append(_Batch(works, event, named, self._by.clock.monotonic()))

    def _advance(self) -> None:
        """Do for each batch what is due, and no request while the platform wants quiet."""
        for batch in list(self._batches):
            now = self._by.clock.monotonic()
            if batch.due > now:
                continue
            if now < self._quiet_until:
                batch.due = self._quiet_until
                continue
            try:
                self._one_step(batch)
            except Unavailable as error:
                self._put_off(batch, error)
            except LabelingError as error:
                self._leave(batch, [(work, error) for work in batch.works])
            else:
                self._failures, self._pauses = 0, growing(FIRST_PAUSE, LONGEST_PAUSE)

    def _one_step(self, batch: _Batch) -> None:
        if batch.known_as is None:
            batch.known_as = self._invoker.start(self._function, batch.event, batch.id).id
            batch.since = self._by.clock.monotonic()
        elif batch.ended is None:
            batch.ended = self._asked(batch)
        if batch.ended is not None:
            self._read(batch, batch.ended)
        batch.due = self._by.clock.monotonic() + next(batch.looks)

    def _asked(self, batch: _Batch) -> TaskStatus | None:
        """Return how the task ended; UNKNOWN if it was lost, and None while it goes on."""
        assert batch.known_as is not None
        status = self._invoker.state(self._function, batch.known_as).status
        if status.is_over:
            return status
        age = self._by.clock.monotonic() - batch.since
        if status is not TaskStatus.UNKNOWN:
            return TaskStatus.UNKNOWN if age >= OLDEST else None
        # The platform may keep no states of this function's tasks: then the rows alone tell that one has ended.
        return TaskStatus.UNKNOWN if age >= UNHEARD or self._truth.all_done(batch.works) else None

    def _read(self, batch: _Batch, ended: TaskStatus) -> None:
        """Read what became of the objects of a task that is over."""
        rows = readable_rows(self._by, batch.refs)
        succeeded = ended is TaskStatus.SUCCEEDED
        judged = self._executor.map(lambda work, row: self._truth.judge(work, row, succeeded), batch.works, rows)
        results = list(zip(batch.works, judged, strict=True))
        if succeeded and (wrong := writes_elsewhere(self._function, rows, [one for _, one in results])):
            raise Misconfigured(wrong)
        self._leave(batch, [(work, self._truth.newly(work, one)) for work, one in results])

    def _leave(self, batch: _Batch, results: Sequence[Result]) -> None:
        self._batches.remove(batch)
        self._results.extend(results)

    def _put_off(self, batch: _Batch, error: Unavailable) -> None:
        self._failures += error.reason is not Reason.THROTTLED
        if self._failures >= MOST_FAILURES or error.reason is Reason.CREDENTIALS_EXPIRED:
            self._leave(batch, [(work, error) for work in batch.works])
            return
        self._quiet_until = batch.due = self._by.clock.monotonic() + next(self._pauses)


def plain(work: Work[Worked]) -> ObjectRef:
    """Return the object without a version: the function looks at the object as it is then."""
    return replace(work.listed.ref, version=None)


def check(invoker: Invoker, function: str, empty_event: bytes, by: Tools) -> None:
    """Raise Misconfigured unless the function is there, may be invoked, and is one of ours that can begin to work. The
    event has no objects, so it costs nothing.

    A function that runs asynchronously answers nothing at once; then the event is a task, whose end tells the same. A
    function whose instances are all at work, as those of a run that was killed may be, takes tasks all the same: they
    wait, and the first one tells what this would have told."""
    pauses = islice(growing(FIRST_PAUSE, LONGEST_PAUSE), CHECKS - 1)
    while True:
        try:
            reply = invoker.invoke(function, empty_event)
            break
        except Unavailable as error:
            if error.reason is not Reason.THROTTLED:
                raise
            if (pause := next(pauses, None)) is None:
                return
        by.clock.sleep(pause)
    failure, body = reply.failure, reply.body
    if reply.is_queued:
        state = _ended_task(invoker, function, reply.request_id, by)
        if state is None or (state.failure is None and not state.body):
            return
        failure, body = state.failure, state.body or b""
    if failure is not None:
        raise Misconfigured(f"the function {function!r} cannot work: {failure}")
    try:
        outcomes(body)
    except ValueError as error:
        raise Misconfigured(f"{function!r}: {error}") from None


def _ended_task(invoker: Invoker, function: str, task_id: str, by: Tools) -> TaskState | None:
    """Return how a task ended; None if it has not ended after some looks, as it may have to wait for an instance."""
    for pause in islice(growing(FIRST_LOOK, LONGEST_LOOK), CHECKS):
        by.clock.sleep(pause)
        with suppress(Unavailable):
            state = invoker.state(function, task_id)
            if state.status.is_over:
                return state
    return None
