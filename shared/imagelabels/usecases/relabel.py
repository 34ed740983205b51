"""Choose anew from the answer that is kept: what a changed policy makes of a picture, without asking a detector."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal
from uuid import uuid4

from imagelabels.domain.errors import Gone, Rejected
from imagelabels.domain.model import ImageRecord, ObjectHead, ObjectRef
from imagelabels.domain.outcomes import State
from imagelabels.domain.plan import Plan, Seen, parted, plan
from imagelabels.usecases.attempt import attempt
from imagelabels.usecases.kept import KeptAnswers
from imagelabels.usecases.tools import Tools, tags_of
from imagelabels.usecases.work import Errand

Fate = Literal["changed", "unchanged", "no_answer"]


@dataclass(frozen=True, slots=True)
class Change:
    """What relabelling does to one object: ids of labels, and keys of tags of ours, that come and go.

    A row that shows its labels otherwise, say in another language, is changed too. no_answer: it is left as it is,
    since no answer is kept for what the object holds now, or there is no object or no row.
    """

    ref: ObjectRef
    fate: Fate
    labels_come: frozenset[str] = frozenset()
    labels_go: frozenset[str] = frozenset()
    tags_come: frozenset[str] = frozenset()
    tags_go: frozenset[str] = frozenset()
    current: bool = True
    """The row names the policy of now already."""


def foresee(by: Tools, ref: ObjectRef) -> Change:
    """Return what relabel would do now; writes nothing, takes no lock and claims nothing."""
    record = _record(by, ref)
    return Change(ref, "no_answer") if record is None else _foreseen(by, record, KeptAnswers(by))


def relabel(by: Tools, ref: ObjectRef, deadline: float) -> Change:
    """Choose anew, and return what was changed. Errors are those of undo: all then stands as before.

    No lock is taken where nothing is to be done. A row that does not name the policy of now is written in any case.
    """
    record, kept = _record(by, ref), KeptAnswers(by)
    if record is None:
        return Change(ref, "no_answer")
    if _is_current(by, record):
        change = _foreseen(by, record, kept)
        if change.fate != "changed":
            return change
    head = _expected(by, record)
    if kept.find(by.seen(ref, head, None, record)) is None:
        return Change(ref, "no_answer")
    errand = Errand(ref, f"relabel {uuid4().hex}", deadline, plan, kept.find, expected=head)
    done = attempt(by, errand)
    if done.seen is None or done.plan is None:
        return Change(ref, "no_answer")
    return _change(by, done.seen.record or record, done.seen, done.plan)


def _foreseen(by: Tools, record: ImageRecord, kept: KeptAnswers) -> Change:
    ref = record.ref
    try:
        head = by.look(ref).head
        tags = tags_of(by, ref, head)
    except (Gone, Rejected):
        return Change(ref, "no_answer")
    seen = replace(by.seen(ref, head, tags, record), may_stay=True)
    found = kept.find(seen)
    if found is None:
        return Change(ref, "no_answer")
    seen = replace(seen, answer=found.answer, setting=found.setting or seen.setting)
    return _change(by, record, seen, plan(seen))


def _record(by: Tools, ref: ObjectRef) -> ImageRecord | None:
    stored = by.rows.row(ref)
    return replace(stored.record, ref=ref) if stored is not None and stored.record is not None else None


def _is_current(by: Tools, record: ImageRecord) -> bool:
    return record.policy == by.policy.at(record.ref.uri).digest(by.taxonomy.version)


def _expected(by: Tools, record: ImageRecord) -> ObjectHead | None:
    """What the object is, as far as the row tells: it is looked at under the lock. The first look of a process tells
    the store's time, without which no lock is taken."""
    if by.time.known and record.head is not None:
        return record.head
    try:
        return by.look(record.ref).head
    except (Gone, Rejected):
        return None


def _change(by: Tools, record: ImageRecord, seen: Seen, planned: Plan) -> Change:
    ours = parted(seen)[0]
    before = {label.id for label in record.labels} if record.state is State.LABELLED else set()
    after = {label.id for label in planned.chosen.labels}
    written = ours if planned.tags is None else planned.written
    same = planned.state is State.UNCHANGED or (
        planned.tags is None
        and (record.state, record.reason) == (planned.state, planned.reason)
        and record.labels == planned.chosen.labels
    )
    return Change(
        seen.ref,
        "unchanged" if same else "changed",
        frozenset(after - before),
        frozenset(before - after),
        frozenset(key for key, value in written.items() if ours.get(key) != value),
        frozenset(key for key, value in ours.items() if written.get(key) != value),
        _is_current(by, record),
    )
