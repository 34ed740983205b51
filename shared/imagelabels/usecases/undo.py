"""Take back what we wrote about an object: its tags, by the rule of whose they are, and its row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import uuid4

from imagelabels.domain.errors import Gone, Rejected
from imagelabels.domain.model import EventEntry, ObjectHead, ObjectRef, Outcome, Tags
from imagelabels.domain.tags import ours
from imagelabels.usecases.delivery import ROUNDS, Delivery
from imagelabels.usecases.lock import FENCE, Lock
from imagelabels.usecases.storetime import RESOLUTION
from imagelabels.usecases.tools import Tools


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
    """What undo would take back now; writes nothing and takes no lock."""
    row = by.ledger.row(ref)
    try:
        head = by.look(ref).head
        held = tags_of(by, ref, head)
    except (Gone, Rejected):  # a key that cannot be signed has a row at most
        held = {}
    said = row.record.corrections if row is not None and row.record is not None else None
    return Written(ref, parted(by, ref, held)[0], row is not None, bool(said))


def undo(by: Tools, ref: ObjectRef, deadline: float) -> Written:
    """Take it back, under the lock and fenced as every write; what was found, with nothing in it where nothing was.

    The kept answer stays, so labels that are wanted again cost no call. `deadline` as in Labeler.reconcile. Raises
    Unavailable when it should be tried again, Misconfigured and Rejected when the store refused; then all still stands,
    unless the answer to a write was lost: undoing again finishes it.
    """
    found = written(by, ref)
    if found.anything:
        _Undoing(by, ref, f"undo {uuid4().hex}", deadline, ()).run()
    return found


def parted(by: Tools, ref: ObjectRef, tags: Tags) -> tuple[Tags, Tags]:
    """Ours and theirs."""
    prefix = by.policy.at(ref.uri).tag_prefix
    mine = {key: value for key, value in tags.items() if ours(key, value, prefix, by.taxonomy)}
    return mine, {key: value for key, value in tags.items() if key not in mine}


def tags_of(by: Tools, ref: ObjectRef, head: ObjectHead | None) -> Tags:
    """The object's own: those of a link may be its target's, which is not ours to touch."""
    if head is None or head.symlink:
        return {}
    return by.objects.tags(replace(ref, version=head.version))


class _Undoing(Delivery):
    leaves_a_trace = False

    def _attempt(self, lock: Lock) -> Outcome | None:
        try:
            head = self._enter(lock).head
        except Rejected:
            if not lock.held and not self._lock(lock):
                self._acquire(lock)
            head = None
        return self._section(lock, head)

    def _section(self, lock: Lock, head: ObjectHead | None) -> Outcome | None:
        for _ in range(ROUNDS):
            try:
                before = tags_of(self.by, self.ref, head)
                mine, theirs = parted(self.by, self.ref, before)
                if mine and self.by.time.now() + RESOLUTION + FENCE > lock.until:
                    return None  # too little of the lease is left to write under it
                if head is not None and mine:
                    self._write(lock, head, theirs)
            except Gone:
                head = self.by.look(self.ref).head
                continue
            entry = EventEntry(self.event_id, "undone", None, round(self.by.time.now() * 1000), 0, before, theirs)
            if not self.by.ledger.drop(self.ref, lock.token, entry):
                return None  # the lock was lost: somebody else is at work
            lock.keep = True
            return Outcome("undone")
        return None
