"""Why a picture has the labels that it has: everything that is known of one object, and nothing written."""

from __future__ import annotations

from dataclasses import dataclass, replace

from imagelabels.domain import content
from imagelabels.domain.errors import Gone, Misconfigured, NoBucket, Rejected
from imagelabels.domain.explain import Explained, explain
from imagelabels.domain.model import Answer, EventEntry, ObjectHead, ObjectRef, Tags
from imagelabels.domain.plan import Plan, needs_no_answer, parted, plan
from imagelabels.ports import StoredRow
from imagelabels.usecases.tools import Tools, tags_of


@dataclass(frozen=True, slots=True)
class Reasons:
    """`plan` and `labels` are what the policy of now makes of the kept answer; None and () where none is kept."""

    ref: ObjectRef
    head: ObjectHead | None
    row: StoredRow | None
    content: str | None
    """What the object holds now; None without one."""
    answer: Answer | None
    """Kept for this content, under the row's detector setting."""
    plan: Plan | None
    labels: tuple[Explained, ...]
    policy_changed: bool
    """The row was chosen by another policy than the one of now."""
    ours: Tags
    theirs: Tags
    history: tuple[EventEntry, ...]


def why(by: Tools, ref: ObjectRef) -> Reasons:
    """Everything is read by strong reads. A key that no request can be signed for has a row at most.

    Misconfigured where there is neither a row nor such a bucket: its name is mistyped.
    """
    return replace(known(by, ref), history=by.rows.history(ref))


def known(by: Tools, ref: ObjectRef) -> Reasons:
    """Return what `why` does, but with an empty history, which costs a read."""
    row = by.rows.row(ref)
    record = row.record if row is not None else None
    try:
        head = by.look(ref).head
        tags = tags_of(by, ref, head)
        if head is None:
            by.objects.tags(ref)  # HEAD answers the same for a missing bucket as for a missing object
    except (Gone, Rejected) as error:
        if row is None and isinstance(error, NoBucket):
            raise Misconfigured(f"there is no bucket {ref.bucket!r}, or it is in another region") from error
        head, tags = None, {}
    setting = record.setting if record is not None and record.setting else by.detector.setting
    stored = by.answers.answer(content.answer_id(ref, head, setting, by.reuse)) if head is not None else None
    # One that is not confirmed yet may describe another content.
    answer = stored.answer if stored is not None and stored.answer and stored.answer.asked is None else None
    seen = replace(by.seen(ref, head, tags, record), answer=answer, setting=setting)
    decidable = head is not None and (answer is not None or needs_no_answer(seen) is not None)
    planned = plan(seen) if decidable else None
    ours, theirs = parted(seen)
    return Reasons(
        ref,
        head,
        row,
        content.content_id(head) if head is not None else None,
        answer,
        planned,
        explain(planned, seen.policy, by.taxonomy) if planned is not None else (),
        record is not None and record.policy != seen.policy.digest(by.taxonomy.version),
        ours,
        theirs,
        (),
    )
