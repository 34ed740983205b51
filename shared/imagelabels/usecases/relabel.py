"""Choose anew from the answer that is kept: what a changed policy makes of a picture, without asking a detector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from imagelabels.domain import content
from imagelabels.domain.errors import Gone, Misconfigured, Rejected
from imagelabels.domain.model import Answer, ImageRecord, ObjectHead, ObjectRef, Outcome, Tags
from imagelabels.domain.plan import Plan, plan
from imagelabels.usecases.answers import Found, refused_at_sight
from imagelabels.usecases.delivery import Delivery
from imagelabels.usecases.lock import Lock
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.undo import parted, tags_of

Fate = Literal["changed", "unchanged", "no_answer"]


@dataclass(frozen=True, slots=True)
class Change:
    """What relabelling does to one object: ids of labels, and keys of tags of ours, that come and go.

    Changed, too, is a row that shows its labels otherwise: in another language, say. no_answer: it is left as it is,
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
    """What relabel would do now; writes nothing, takes no lock and claims nothing."""
    stored = by.ledger.row(ref)
    record = stored.record if stored is not None else None
    if record is None:
        return Change(ref, "no_answer")
    try:
        head = by.look(ref).head
        tags = tags_of(by, ref, head)
    except (Gone, Rejected):
        return Change(ref, "no_answer")
    kept = _kept(by, ref, head, record) if head is not None else None
    if kept is None:
        return Change(ref, "no_answer")
    setting, answer = kept
    policy = by.policy.at(ref.uri)
    made = plan(head, record, tags, answer, policy, by.taxonomy, setting, record.corrections)
    current = record.policy == policy.digest(by.taxonomy.version)
    return _change(record, made, parted(by, ref, tags)[0], current)


def relabel(by: Tools, ref: ObjectRef, deadline: float) -> Change:
    """Do it, as reconcile does; what was foreseen. Errors as undo's: all then stands as before."""
    change = foresee(by, ref)
    if change.fate == "changed" or (change.fate == "unchanged" and not change.current):
        Replanning(by, ref, f"relabel {uuid4().hex}", deadline, ()).run()
    return change


class Replanning(Delivery):
    """A delivery that leaves the object as it is where no answer is kept, and asks nobody."""

    leaves_a_trace = False

    def _attempt(self, lock: Lock) -> Outcome | None:
        try:
            return self._section(lock, self._enter(lock).head)
        except _NoAnswer:
            return Outcome("unchanged")

    def _found(self, head: ObjectHead | None) -> tuple[Found, ImageRecord | None]:
        stored = self.by.ledger.row(self.ref)
        record = stored.record if stored is not None else None
        kept = _kept(self.by, self.ref, head, record) if head is not None and record is not None else None
        if kept is None:
            raise _NoAnswer
        self.setting, answer = kept
        return Found(answer, kept=True), self._recorded()

    def _refused(self, made: Plan, error: Rejected | Misconfigured) -> Plan:
        """Whoever relabels may have fewer rights than the function: no reason to call the row failed."""
        raise error


class _NoAnswer(Exception):
    """Nothing is kept for what the object holds now, or somebody undid it."""


def _kept(by: Tools, ref: ObjectRef, head: ObjectHead, record: ImageRecord) -> tuple[str, Answer] | None:
    """The answer to choose from, and the detector setting it was given under: that of now, else the row's own."""
    if not by.policy.at(ref.uri).label:
        return record.setting, Answer("excluded")
    if (reason := refused_at_sight(ref, head, by.detector)) is not None:
        return by.detector.setting, Answer(reason)
    for setting in dict.fromkeys((by.detector.setting, record.setting)):
        stored = by.ledger.answer(content.answer_id(ref, head, setting, by.reuse))
        if stored is not None and stored.answer is not None and stored.answer.asked is None:
            return setting, stored.answer
    return None


def _change(record: ImageRecord, made: Plan, ours: Tags, current: bool) -> Change:
    before = {label.id for label in record.labels} if record.state == "labelled" else set()
    after = {label.id for label in made.chosen.labels}
    written = ours if made.tags is None else made.written
    come = {key for key, value in written.items() if ours.get(key) != value}
    go = {key for key, value in ours.items() if written.get(key) != value}
    same = made.state == "unchanged" or (
        made.tags is None
        and (record.state, record.reason) == (made.state, made.reason)
        and record.labels == made.chosen.labels
    )
    return Change(
        record.ref,
        "unchanged" if same else "changed",
        frozenset(after - before),
        frozenset(before - after),
        frozenset(come),
        frozenset(go),
        current,
    )
