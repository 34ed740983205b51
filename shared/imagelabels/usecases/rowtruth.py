"""Tells from the index what became of objects on which something else worked, a function for example."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.fates import holds
from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.outcomes import Reason, State, reason_of
from imagelabels.ports import StoredRow
from imagelabels.usecases.backfill import STANDING, TRIES, Backfill, Worked, is_of
from imagelabels.usecases.readable_rows import readable_rows
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.walking import Work


class RowTruth:
    """It judges the objects of one pass. `judge` may be called in threads, the other methods in one."""

    def __init__(self, by: Tools, job: Backfill) -> None:
        self._by, self._job = by, job
        self._told: Counter[int] = Counter()
        """The calls that were reported after former tries, by the number of the object."""

    def all_done(self, works: Sequence[Work[Worked]]) -> bool:
        """Return whether nothing is left to be done about the objects. It costs one request."""
        rows = readable_rows(self._by, [work.listed.ref for work in works])
        return all(_is_finished(work, stored) for work, stored in zip(works, rows, strict=True))

    def judge(self, work: Work[Worked], stored: StoredRow | None, succeeded: bool) -> Worked:
        """Return what became of the object, with all calls that the pass has made for it.

        `succeeded` says that the work on it ended well. If not, a row that stands still may be an old one.
        """
        kind, ref = self._job.fate_of(work), work.listed.ref
        history = self._by.rows.history(ref) if work.paid else ()
        lines = [line for line in history if is_of(self._job.event, line.event_id)]
        waits = Worked(kind, State.WAITING, Reason.UNSETTLED, paid_calls=sum(line.paid_calls for line in lines))
        record = stored.record if stored is not None else None
        if stored is None or record is None:
            is_there = stored is not None or self._by.look(ref).head is not None
            return _with_reason(waits, stored) if is_there else replace(waits, state=State.REMOVED, reason=None)
        if stored.waiting is not None or stored.lock is not None or not self._is_of_now(work, record):
            return _with_reason(waits, stored)
        if succeeded and record.state is State.LABELLED and record.setting != self._by.detector.setting:
            raise Misconfigured(
                f"the function labels by the detector setting {record.setting!r}, and the settings here name "
                f"{self._by.detector.setting!r}: give both the same IMAGELABELS_ settings"
            )
        was_tried = succeeded or bool(lines) or work.tries + 1 >= TRIES
        if record.state in STANDING and not was_tried:
            return waits
        return Worked(kind, record.state, record.reason, record.notes, len(record.labels), waits.paid_calls)

    def newly(self, work: Work[Worked], worked: Worked) -> Worked:
        """Return the result with those calls alone that no former try has reported."""
        before = self._told.pop(work.number, 0)
        if worked.state is State.WAITING:
            self._told[work.number] = worked.paid_calls
        return replace(worked, paid_calls=max(worked.paid_calls - before, 0))

    def _is_of_now(self, work: Work[Worked], record: ImageRecord) -> bool:
        """Return whether the row was written for the content that was listed, or for what the object holds now."""
        if holds(record, work.listed):
            return True
        head = self._by.look(work.listed.ref).head
        return head is not None and record.head is not None and head.etag == record.head.etag


def writes_elsewhere(function: str, rows: Sequence[StoredRow | None], results: Sequence[Worked]) -> str | None:
    """Say that a function whose work ended well has left no row, though objects are there; None if that is not so."""
    if any(rows) or all(worked.state is State.REMOVED for worked in results):
        return None
    return _elsewhere(function)


def check_written(by: Tools, function: str, told: Mapping[ObjectRef, str]) -> None:
    """Raise Misconfigured if a function says that it is done with objects, and the index tells that of none of them.
    `told` has the state that the function tells of each object."""
    ends = {ref: state for ref, state in told.items() if state in (State.LABELLED, State.SKIPPED)}
    rows = readable_rows(by, [*ends])
    if ends and all(_is_untouched(by, ref, row, ends[ref]) for ref, row in zip(ends, rows, strict=True)):
        raise Misconfigured(_elsewhere(function))


def _is_untouched(by: Tools, ref: ObjectRef, stored: StoredRow | None, state: str) -> bool:
    """Return whether nothing was written for an object that is there, nor is about to be."""
    if stored is None:
        return by.look(ref).head is not None
    is_at_rest = stored.lock is None and stored.waiting is None
    return is_at_rest and (stored.record is None or stored.record.state != state)


def _elsewhere(function: str) -> str:
    return (
        f"the function {function!r} says that it is done, and the index tells nothing of it: the function writes to "
        "another index. Name that one by --index or IMAGELABELS_INDEX"
    )


def _is_finished(work: Work[Worked], stored: StoredRow | None) -> bool:
    if stored is None or stored.record is None or stored.waiting is not None or stored.lock is not None:
        return False
    return stored.record.state not in STANDING and holds(stored.record, work.listed)


def _with_reason(waits: Worked, stored: StoredRow | None) -> Worked:
    """Return the result with the reason that a delivery has left in the row, if it did."""
    if stored is None or stored.waiting is None:
        return waits
    try:
        return replace(waits, reason=reason_of(stored.waiting))
    except ValueError:  # A newer version wrote it.
        return replace(waits, reason=stored.waiting)
