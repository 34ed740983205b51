"""A person says what a picture shows: the row keeps it, and labels and tags follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from uuid import uuid4

from imagelabels.domain import content
from imagelabels.domain.corrections import merged
from imagelabels.domain.errors import Gone, Rejected
from imagelabels.domain.model import Corrections, ImageRecord, ObjectHead, ObjectRef
from imagelabels.domain.outcomes import State
from imagelabels.domain.plan import Plan, Seen, plan
from imagelabels.usecases.attempt import attempt
from imagelabels.usecases.kept import KeptAnswers
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.work import Errand


@dataclass(frozen=True, slots=True)
class Said:
    """Words that are not so, words that are, and whether what was said before is forgotten first."""

    without: Sequence[str] = ()
    add: Sequence[str] = ()
    forget: bool = False


def correct(by: Tools, ref: ObjectRef, said: Said, deadline: float) -> ImageRecord:
    """Return the row as it then is. ValueError, saying why, where there is nothing that could be corrected, or a word
    cannot be taken; errors of the store are those of undo. `deadline` is that of Labeler.reconcile.
    """
    head, record = _labelled(by, ref)
    decide = partial(_corrected, said, record)
    _merged(said, record, by.seen(ref, head, None, record))  # a word that cannot be taken is told before any lock
    errand = Errand(ref, f"correct {uuid4().hex}", deadline, decide, KeptAnswers(by).find, expected=head)
    done = attempt(by, errand)
    if done.seen is None or done.record is None or not _is_about(record, done.seen):
        raise ValueError(f"{ref.uri}: the object changed just now, or no answer is kept for it: nothing was corrected")
    return done.record


def _labelled(by: Tools, ref: ObjectRef) -> tuple[ObjectHead, ImageRecord]:
    try:
        head = by.look(ref).head
    except (Gone, Rejected):
        head = None
    if head is None:
        raise ValueError(f"{ref.uri}: there is no such object (any more), so there is nothing to correct")
    row = by.rows.row(ref)
    if row is None or row.record is None:
        raise ValueError(f"{ref.uri}: it has not been labelled yet, so there is nothing to correct")
    record = row.record
    if record.content != content.content_id(head):
        raise ValueError(f"{ref.uri}: the object was replaced, and its new labels are not there yet: try again later")
    if record.state is not State.LABELLED:
        raise ValueError(f"{ref.uri}: it has no labels that could be corrected: {record.state}, {record.reason}")
    return head, record


def _corrected(said: Said, of: ImageRecord, seen: Seen) -> Plan:
    """Plan with what the row says under the lock, and now this. A content that came meanwhile keeps its own."""
    return plan(replace(seen, said=_merged(said, of, seen)) if _is_about(of, seen) else seen)


def _is_about(of: ImageRecord, seen: Seen) -> bool:
    return seen.head is not None and content.content_id(seen.head) == of.content


def _merged(said: Said, of: ImageRecord, seen: Seen) -> Corrections:
    old = seen.recorded
    if old is None or said.forget or old.content != of.content:
        old = Corrections(of.content or "")
    answered = [label.id for label in of.labels]
    shown = [*seen.policy.rename, *((label.id, label.name) for label in of.labels)]
    return merged(old, said.without, said.add, seen.taxonomy, answered, shown)
