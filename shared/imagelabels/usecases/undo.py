"""Take back what we wrote about an object: its tags, by the rule of whose they are, and its row."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from imagelabels.domain.errors import Gone, Rejected
from imagelabels.domain.model import ObjectRef, Tags
from imagelabels.domain.plan import parted, take_back
from imagelabels.usecases.attempt import attempt
from imagelabels.usecases.tools import Tools, tags_of
from imagelabels.usecases.work import Errand


@dataclass(frozen=True, slots=True)
class Written:
    """What stands of ours about one object."""

    ref: ObjectRef
    tags: Tags
    """Ours alone."""
    row: bool
    corrected: bool = False
    """The row holds what a person said."""

    @property
    def anything(self) -> bool:
        return bool(self.tags) or self.row


def written(by: Tools, ref: ObjectRef) -> Written:
    """Return what undo would take back now; writes nothing and takes no lock."""
    row = by.rows.row(ref)
    try:
        head = by.look(ref).head
        held = tags_of(by, ref, head)
    except (Gone, Rejected):  # a key that cannot be signed has a row at most
        held = {}
    said = row.record.corrections if row is not None and row.record is not None else None
    return Written(ref, parted(by.seen(ref, None, held))[0], row is not None, bool(said))


def undo(by: Tools, ref: ObjectRef, deadline: float) -> Written:
    """Take it back, under the lock and fenced as every write; return what there was to take back.

    The kept answer stays, so labels that are wanted again cost no call. `deadline` is that of Labeler.reconcile. Raises
    Unavailable when it should be tried again, Misconfigured and Rejected when the store refused; then all still stands,
    unless the answer to a write was lost: undoing again finishes it.
    """
    there = written(by, ref)
    if there.anything:
        attempt(by, Errand(ref, f"undo {uuid4().hex}", deadline, take_back))
    return there
