"""Runs a backfill for the command: pass after pass, with its checkpoint, its report and its line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from imagelabels.cli.journal import Journal
from imagelabels.cli.progress import Stop
from imagelabels.cli.walk_line import WalkLine
from imagelabels.cli.walks import stoppable
from imagelabels.domain import budget
from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.outcomes import Reason
from imagelabels.usecases.backfill import LIMIT, Backfill, Worked
from imagelabels.usecases.lock import check_clock
from imagelabels.usecases.reconcile import Labeler
from imagelabels.usecases.run_budget import CallLimit
from imagelabels.usecases.walk import Place
from imagelabels.usecases.walking import Runner, Source, Walking
from imagelabels.views.forms import Form
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped, state_text

MOST_PASSES = 5
"""A bucket that grows faster than it is labelled is not walked for ever."""

_STOPPING = (
    "stopping: waiting for the objects that are under way, each of which may have to wait for the detector or for its "
    "turn under the rate; Ctrl-C again ends at once"
)
_STOPPING_ELSEWHERE = "waiting for what is under way elsewhere; Ctrl-C again stops that too, and ends at once"

MOST_TOLD = 20
"""So many failures are told on stderr; the report has them all."""

Run = Callable[[Backfill], Runner[Worked]]
"""It opens the runner that does the work of a pass."""


class Reporting:
    """Implements backfill.Book over a journal, and draws the line."""

    def __init__(self, journal: Journal, line: WalkLine, counts: Counter[str]) -> None:
        self._journal, self._line, self._counts = journal, line, counts
        self._told = 0

    def add(self, uri: str, worked: Worked) -> None:
        self._journal.report(worked_json(uri, worked))
        if not worked.is_fine:
            self._tell(uri, worked)
        self._line.step(self._counts)

    def save(self, position: str, counts: Counter[str]) -> None:
        self._journal.save(position, counts)

    def _tell(self, uri: str, worked: Worked) -> None:
        self._told += 1
        if self._told <= MOST_TOLD:
            self._line.wipe()
            words = f": {worked.error}" if worked.error is not None else ""
            say(f"{escaped(uri)}: {escaped(f'{state_text(worked.state, worked.reason)}{words}')}")
        if self._told == MOST_TOLD:
            say("more of them are counted, and are in the report (--report)")


@dataclass(slots=True)
class Backfilling:
    """One run of the command, which may go on with an earlier one."""

    labeler: Labeler
    place: Place
    source: Source
    journal: Journal
    line: WalkLine
    run_pass: Run
    grows: bool
    """Objects may come while it runs, as in a bucket and not in an inventory."""
    limit: CallLimit | None
    counts: Counter[str]
    give_up: Callable[[], object] | None = None
    """The second Ctrl-C calls this before the process ends, to stop what runs elsewhere. None if nothing does."""
    stopped_by: str | None = None
    """The limit that stopped it; `signal` for Ctrl-C. None if all is done."""
    _is_stopping: bool = False

    def run(self) -> None:
        """Walk until a pass finds nothing to do, or something stops it."""
        by, ref = self.labeler.tools, ObjectRef(self.place.store, self.place.bucket, self.place.prefix or "imagelabels")
        with suppress(LabelingError):  # The list, or the first object, will say what is wrong.
            by.look(ref)  # It tells the store's time, also if there is no such object.
        if self.give_up is None:  # What runs elsewhere has another clock.
            check_clock(by)
        resumed = self.journal.resumed
        with stoppable(self.give_up or (lambda: None)) as stop:
            while True:
                if self.journal.now.pass_begun is None:
                    self.journal.begin_pass(by.time.now())
                work = self._walk(resumed, lambda: self._stops(stop))
                if self.stopped_by is not None:
                    return
                if not self._goes_on(work):
                    self.journal.finish()
                    return
                self.journal.next_pass(self.journal.now.pass_begun)
                resumed = False

    def _stops(self, stop: Stop) -> bool:
        if stop.asked and not self._is_stopping:
            self.line.wipe()
            say(_STOPPING if self.give_up is None else _STOPPING_ELSEWHERE)
            self._is_stopping = True
        return stop.asked

    def _walk(self, resumed: bool, stopped: Callable[[], bool]) -> int:
        """Walk once, and return how many objects had to be worked on."""
        now = self.journal.now
        book = Reporting(self.journal, self.line, self.counts)
        event = f"backfill-{now.run}-{now.number}"
        job = Backfill(self.labeler, event, book, self.counts, now.since, resumed, self.limit)
        runner = self.run_pass(job)
        walking = Walking(self.source, job, runner, self.labeler.tools.clock, stopped)
        try:
            is_done = walking.run(now.position)
        finally:
            self.line.wipe()
        if not is_done:
            self.stopped_by = job.stopped_by or "signal"
        return job.begun_work

    def _goes_on(self, work: int) -> bool:
        """Return whether what came meanwhile is to be looked for. Without a call nothing that is left gets done."""
        is_free_only = self.limit is not None and self.limit.most == 0
        return self.grows and work > 0 and self.journal.now.number < MOST_PASSES and not is_free_only

    @property
    def ended_by(self) -> str | None:
        """Return what kept the run from doing everything: `limit`, `budget` or `signal`. None if nothing did."""
        if self.left:
            return LIMIT
        # The budget may have been spent when nothing else was left to begin.
        return self.stopped_by or (Reason.BUDGET.value if self.counts["reason:budget"] else None)

    def spent_settings(self) -> tuple[str, ...]:
        """Return the names of the settings whose budget is spent, as far as this machine's settings tell."""
        labeler = self.labeler
        with suppress(LabelingError):
            spent = labeler.budget.spending(labeler.detector.name, labeler.tools.time.now())
            return budget.spent_settings(spent, labeler.limits, labeler.detector.calls)
        return ()

    @property
    def left(self) -> bool:
        """Return whether the run's own limit left something to do."""
        is_free_only = self.limit is not None and self.limit.most == 0
        return self.stopped_by == LIMIT or (is_free_only and self.counts["reason:budget"] > 0)


def worked_json(uri: str, worked: Worked) -> Form:
    """Show what became of an object, as the report has it."""
    return {
        "uri": uri,
        "fate": worked.fate,
        "state": worked.state,
        "reason": worked.reason,
        "notes": list(worked.notes),
        "labels": worked.labels,
        "paid_calls": worked.paid_calls,
    }
