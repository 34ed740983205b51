"""What an attempt is for, and what it must remember between its port calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from imagelabels.domain.errors import Gone, Rejected
from imagelabels.domain.model import ImageRecord, ObjectHead, ObjectRef, Outcome, Tags
from imagelabels.domain.outcomes import Note
from imagelabels.domain.plan import Plan, Seen
from imagelabels.usecases.found import Found
from imagelabels.usecases.tools import Tools

Decide = Callable[[Seen], Plan]
"""A pure function of what was seen."""

Find = Callable[[Seen], "Found | None"]
"""Gets the answer for the content that was seen. None: there is none, and the object is to be left as it is."""


def _none() -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Errand:
    """Why an object is worked on, and how it is decided what becomes of it."""

    ref: ObjectRef
    event_id: str
    deadline: float
    """The moment on the local monotonic clock at which this process is killed."""
    decide: Decide
    find: Find | None = None
    """None: no answer matters, and neither does what the object holds."""
    paid_calls: Callable[[], int] = _none
    """How many billed calls `find` has made so far."""
    by_event: bool = False
    """The platform, not a person, tries again: what goes wrong is recorded in the row. A person is told."""
    expected: ObjectHead | None = None
    """The object as an earlier look or its row showed it: a look under the lock must show the same."""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What an attempt came to. Without a plan the object was left as it is."""

    outcome: Outcome
    seen: Seen | None = None
    plan: Plan | None = None
    record: ImageRecord | None = None
    """The row as it is now."""


@dataclass(slots=True)
class Work:
    """One attempt on its way."""

    by: Tools
    errand: Errand
    notes: tuple[Note, ...] = ()
    record: ImageRecord | None = None
    """The row as it was read last, also while a delivery waits."""
    may_stay: bool = False
    """The row was read in this pass and nothing waits."""
    look_at_row: bool = False
    """The row is read before anything else: it may hold what a person said. An ordinary new picture has no row."""
    head: ObjectHead | None = None
    """The object as the last look of this round showed it; None before the first."""
    wrote: tuple[ObjectHead, Tags] | None = None
    """The object whose tags an earlier pass wrote, and these tags."""
    told_calls: int = 0
    """The billed calls that lines of history tell already: each round that ends leaves a line."""

    @property
    def ref(self) -> ObjectRef:
        return self.errand.ref

    def look(self) -> ObjectHead | None:
        """Return the object's head, or None. In a person's command, a key that no request can name counts as absent."""
        try:
            return self.by.look(self.ref).head
        except (Gone, Rejected):
            if self.errand.by_event:
                raise
            return None

    def read_row(self) -> None:
        """Read the row, and remember all that it holds."""
        row = self.by.rows.row(self.ref)
        self.record = row.record if row is not None else None
        self.may_stay = row is not None and row.waiting is None

    def seen(self, head: ObjectHead | None, found: Found | None = None, tags: Tags | None = None) -> Seen:
        """Return what is known now, as a decision takes it."""
        seen = self.by.seen(self.ref, head, tags, self.record)
        if found is None:
            return replace(seen, may_stay=self.may_stay)
        return replace(seen, may_stay=self.may_stay, answer=found.answer, setting=found.setting or seen.setting)
