"""Brings to an end what stands still: looks once more after every object on which work is not done.

A timer starts a run. Nothing is remembered between two runs: what is still not done is in the index.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from itertools import groupby
from zlib import crc32

from imagelabels.domain.budget import refusal
from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import Delivered, ObjectChange, ObjectRef
from imagelabels.domain.outcomes import PARKED, Reason, State
from imagelabels.domain.pauses import FIRST_REST
from imagelabels.domain.resumption import ALL_BUCKETS, Ended, Resumed, Scope
from imagelabels.ports import LabelIndex, Unfinished
from imagelabels.usecases.calling import PATIENCE, SPARE
from imagelabels.usecases.deliver import deliver_each
from imagelabels.usecases.reconcile import Labeler

PAGE = 100
"""Rows that are asked for at once."""

DAY = 86400.0
"""Seconds by which this machine's clock may be slow: a row whose lock may be over by then is one to look at."""

_MENDED = PARKED - {Reason.BUDGET, Reason.DETECTOR_FAILING}

MOST_FOLDERS = 8
"""Permissions are given by prefix, so what is forbidden in one folder may be allowed in the next one. If a run was
refused in so many folders of a bucket, it leaves the rest of the bucket to the next run."""

MOST_THROTTLED = 5
"""A run ends after so many objects in a row that were throttled: it only makes matters worse."""

_TOO_SHORT = (
    "there was no time for a single object, since none is begun in the last {:.0f} seconds of a run: give the timer's "
    "function a longer timeout, such as 300 seconds"
)


def resume(
    labeler: Labeler,
    index: LabelIndex,
    run: str,
    scope: Scope,
    deadline: float,
    executor: Executor,
    at_once: int,
    tell: Callable[[Delivered], object],
) -> Resumed:
    """Reconcile the objects of the scope that are not done, page by page in the order of URIs, and `tell` of each one.

    `run` is an id that no other run has. `deadline` as in Labeler.reconcile. No object's failure ends the run; an error
    of the index that lists them is raised.
    """
    if not labeler.tools.time.known and not _learn_time(labeler, index, scope):
        return Resumed(Ended.DONE)
    course = _Course(labeler, index, run, scope, deadline)
    for delivered in deliver_each(labeler, course.changes(), deadline, executor, at_once):
        course.learn(delivered)
        tell(delivered)
    return course.resumed()


def _learn_time(labeler: Labeler, index: LabelIndex, scope: Scope) -> bool:
    """Look at one object, which tells the store's time, and return True. False: there is nothing that may be not done.

    Whether a hold or a lease is over must not depend on this machine's clock. Where the look fails, it does.
    """
    by = labeler.tools
    after = "" if scope.bucket else scope.begins
    refs = [row.ref for row in index.unfinished(by.time.now() + DAY, scope.bucket, scope.prefix, after, 1)]
    if not refs or refs[0].store != scope.store:
        return False
    with suppress(LabelingError):
        by.look(ObjectRef(scope.store, refs[0].bucket, refs[0].key))
    return True


class _Course:
    """The way of one run over the rows, which what became of the former ones shortens."""

    def __init__(self, labeler: Labeler, index: LabelIndex, run: str, scope: Scope, deadline: float) -> None:
        self._index, self._run, self._scope = index, run, scope
        self._time, self._clock = labeler.tools.time, labeler.tools.clock
        # What is begun later could not end: a dead worker's lock, the rate and a slow detector are all waited for.
        self._kept_free = labeler.tools.lease + PATIENCE + labeler.detector.timeout + SPARE
        self._last_start = deadline - self._kept_free
        now = self._time.now()
        spending = labeler.budget.spending(labeler.detector.name, now)
        self._holds = spending.holds
        is_spent = refusal(spending, labeler.limits, "", labeler.detector.calls) == Reason.BUDGET
        self._everywhere = frozenset({Reason.BUDGET.value} if is_spent else ())
        self._in_vain: defaultdict[str, set[str]] = defaultdict(set)
        """The reasons for which an object of this run was parked, by the bucket or the folder in it."""
        self._passed_over: defaultdict[str, set[str]] = defaultdict(set)
        if is_spent:
            self._passed_over[ALL_BUCKETS].add(Reason.BUDGET.value)
        self._tried: set[str] = set()
        """The URIs that were yielded and may be listed again."""
        self._states: Counter[str] = Counter()
        self._paid_calls = self._throttled = 0
        self._ended, self._message = Ended.DONE, ""

    def changes(self) -> Iterator[ObjectChange]:
        """Yield an event for each object that is to be tried next, until there is none or no time."""
        for number, row in enumerate(self._rows()):
            if self._throttled >= MOST_THROTTLED:
                self._ended = Ended.THROTTLED
                return
            if self._clock.monotonic() > self._last_start:
                self._ended = Ended.NO_TIME
                self._message = _TOO_SHORT.format(self._kept_free) if number == 0 else ""
                return
            ref = ObjectRef(row.ref.store, row.ref.bucket, row.ref.key)
            yield ObjectChange(ref, "created", f"resume {self._run} {number}")

    def learn(self, delivered: Delivered) -> None:
        """Count what became of an object, and remember what makes others worth no try."""
        outcome, error = delivered.outcome, delivered.error
        reason = outcome.reason if outcome is not None else error.reason if error is not None else None
        state = outcome.state if outcome is not None else _state(error)
        self._states[state] += 1
        spent = delivered.spent
        self._paid_calls += outcome.paid_calls if outcome is not None else spent.paid_calls if spent is not None else 0
        self._throttled = self._throttled + 1 if reason == Reason.THROTTLED else 0
        if state is State.PARKED and reason is not None and reason is not Reason.DETECTOR_FAILING:
            self._blame(delivered.change.ref, reason)

    def resumed(self) -> Resumed:
        """Return what came of the run."""
        passed_over = {bucket: tuple(sorted(reasons)) for bucket, reasons in sorted(self._passed_over.items())}
        return Resumed(self._ended, dict(self._states), self._paid_calls, passed_over, self._message)

    def _rows(self) -> Iterator[Unfinished]:
        """Yield the rows that are worth a try. A million that are not cost a few questions, since the index leaves them
        out: those over the budget everywhere, and those that are in vain once their bucket or folder is the only one
        asked for.
        """
        scope, only = self._scope, ""
        after = "" if scope.bucket else scope.begins
        while True:
            (bucket, prefix), without = self._narrowed(only), self._everywhere | self._vain_in(only)
            page = self._index.unfinished(self._time.now(), bucket, prefix, after, PAGE, without)
            for row in in_turn(page, self._run):
                here = _bucket(row.ref)
                if row.ref.store != scope.store:
                    return
                if here in self._holds:
                    self._passed_over[here].add(self._holds[here].reason)
                    after, only = _behind(f"{here}/"), ""
                    break
                if (place := self._vain_place(row)) is not None:
                    self._passed_over[here].add(str(row.reason))
                    if only.startswith(place) and row.reason in without:
                        continue  # The search index lags behind the table.
                    only = place
                    break
                if row.ref.uri not in self._tried and not self._rests(row):
                    self._tried.add(row.ref.uri)
                    yield row
            else:
                if len(page) == PAGE:
                    after = page[-1].ref.uri
                elif only and not scope.begins.startswith(only):
                    after, only = _behind(only), ""
                else:
                    return
                self._tried = {uri for uri in self._tried if uri > after}

    def _rests(self, row: Unfinished) -> bool:
        """Tell whether the row was parked for failures of the detector so lately that its content still rests."""
        is_failing = row.reason == Reason.DETECTOR_FAILING and row.parked_at is not None
        return is_failing and (row.parked_at or 0) > 1000 * (self._time.now() - FIRST_REST)

    def _blame(self, ref: ObjectRef, reason: Reason) -> None:
        """Note where no other object with the reason is worth a try: in the folder, or in all of the bucket."""
        bucket, folder = _bucket(ref), _folder(ref)
        places = {place for place in self._in_vain if place.startswith(f"{bucket}/") and reason in self._in_vain[place]}
        is_everywhere = reason is not Reason.FORBIDDEN or len(places | {folder}) > MOST_FOLDERS
        self._in_vain[f"{bucket}/" if is_everywhere else folder].add(reason.value)

    def _vain_place(self, row: Unfinished) -> str | None:
        """Return the widest place of the row in which its reason has shown that a try is in vain."""
        uri = row.ref.uri
        places = (place for place, reasons in self._in_vain.items() if row.reason in reasons and uri.startswith(place))
        return min(places, key=len, default=None)

    def _vain_in(self, only: str) -> frozenset[str]:
        """Return the reasons with which no row of a place is worth a try."""
        return frozenset().union(*(reasons for place, reasons in self._in_vain.items() if only.startswith(place)))

    def _narrowed(self, only: str) -> tuple[str, str]:
        """Return the bucket and the prefix to ask for: those of the scope, or of the place if that is narrower."""
        if len(only) <= len(self._scope.begins):
            return self._scope.bucket, self._scope.prefix
        head, _, prefix = only.partition("://")[2].partition("/")
        return f"{self._scope.store}://{head}", prefix


def in_turn(page: Sequence[Unfinished], run: str) -> list[Unfinished]:
    """Let another one of the rows that a person must mend be first in each run, among those of a folder with the same
    reason. If it always were the same, one picture that nobody can mend would keep all behind it waiting."""
    groups: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    # Rows before and after a folder's own folders are two parts: none may come behind a folder that a run passes over.
    for part, (_, those) in enumerate(groupby(enumerate(page), lambda pair: _folder(pair[1].ref))):
        for number, row in those:
            if row.reason in _MENDED:
                groups[part, str(row.reason)].append(number)
    turned = list(page)
    for numbers in groups.values():
        first = crc32(run.encode()) % len(numbers)
        for place, number in zip(numbers, numbers[first:] + numbers[:first], strict=True):
            turned[place] = page[number]
    return turned


def _state(error: LabelingError | None) -> State:
    """Return the state of an object whose work raised an error: it waits, unless a person must act."""
    return error.reason.state if error is not None else State.WAITING


def _bucket(ref: ObjectRef) -> str:
    return f"{ref.store}://{ref.bucket}"


def _folder(ref: ObjectRef) -> str:
    """Return what the URIs of an object's folder begin with, up to the last slash."""
    return ref.uri[: ref.uri.rindex("/") + 1]


def _behind(place: str) -> str:
    """Return what stands behind all URIs that begin so, and before all others that stand behind them: no key is as long
    as so many of the last character."""
    return place + "\U0010ffff" * 256
