"""A person says what a picture shows: the row keeps it, and labels and tags follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from imagelabels.domain import content
from imagelabels.domain.corrections import merged
from imagelabels.domain.errors import Gone, Rejected
from imagelabels.domain.model import Corrections, ImageRecord, ObjectHead, ObjectRef, Outcome
from imagelabels.usecases.lock import Lock
from imagelabels.usecases.relabel import Replanning
from imagelabels.usecases.tools import Tools


@dataclass(frozen=True, slots=True)
class Said:
    """Words that are not so, words that are, and whether what was said before is forgotten first."""

    without: Sequence[str] = ()
    add: Sequence[str] = ()
    forget: bool = False


def correct(by: Tools, ref: ObjectRef, said: Said, deadline: float) -> ImageRecord:
    """The row as it then is. ValueError, saying why, where there is nothing that could be corrected, or a word cannot
    be taken; errors of the store as undo's. `deadline` as in Labeler.reconcile.
    """
    record = _labelled(by, ref)
    delivery = _Correcting(by, ref, f"correct {uuid4().hex}", deadline, ())
    delivery.said, delivery.of = said, record
    delivery.merge(record.corrections)  # a word that cannot be taken is told before anything is locked
    delivery.run()
    stored = by.ledger.row(ref)
    if not delivery.planned or stored is None or stored.record is None:
        raise ValueError(f"{ref.uri}: the object changed just now, or no answer is kept for it: nothing was corrected")
    return stored.record


def _labelled(by: Tools, ref: ObjectRef) -> ImageRecord:
    try:
        head = by.look(ref).head
    except (Gone, Rejected):
        head = None
    if head is None:
        raise ValueError(f"{ref.uri}: there is no such object (any more), so there is nothing to correct")
    row = by.ledger.row(ref)
    if row is None or row.record is None:
        raise ValueError(f"{ref.uri}: it has not been labelled yet, so there is nothing to correct")
    record = row.record
    if record.content != content.content_id(head):
        raise ValueError(f"{ref.uri}: the object was replaced, and its new labels are not there yet: try again later")
    if record.state != "labelled":
        raise ValueError(f"{ref.uri}: it has no labels that could be corrected: {record.state}, {record.reason}")
    return record


class _Correcting(Replanning):
    said = Said()
    of: ImageRecord
    planned = False

    def _attempt(self, lock: Lock) -> Outcome | None:
        self.planned = False
        return super()._attempt(lock)

    def merge(self, old: Corrections | None) -> Corrections:
        empty = Corrections(self.of.content or "")
        if old is None or self.said.forget or old.content != empty.content:
            old = empty
        answered = [label.id for label in self.of.labels]
        shown = [*self.policy.rename, *((label.id, label.name) for label in self.of.labels)]
        return merged(old, self.said.without, self.said.add, self.by.taxonomy, answered, shown)

    def _said(self, head: ObjectHead) -> Corrections | None:
        """What the row says under the lock, and now this. A content that came meanwhile keeps its own."""
        if content.content_id(head) != self.of.content:
            return self.corrections
        self.planned = True
        return self.merge(self.corrections)
