"""What to do about one object: the one decision, pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from imagelabels.domain.content import content_id
from imagelabels.domain.corrections import corrected
from imagelabels.domain.errors import state_of
from imagelabels.domain.model import Answer, Corrections, ImageRecord, ObjectHead, ObjectRef, Tags
from imagelabels.domain.policy import Chosen, Policy, choose
from imagelabels.domain.tags import Wanted, wanted
from imagelabels.domain.taxonomy import Taxonomy

NOTHING = Chosen((), {})


@dataclass(frozen=True, slots=True)
class Plan:
    """The state that will be true, and the tags to write to make it so (None: they are right already)."""

    state: str
    reason: str | None = None
    notes: tuple[str, ...] = ()
    chosen: Chosen = NOTHING
    tags: Tags | None = None
    written: Tags = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    """Those of `left_out` whose tag key the user holds."""
    corrections: Corrections | None = None
    """Of this content, as they are to be kept with the row."""

    def row(
        self,
        ref: ObjectRef,
        head: ObjectHead | None,
        answer: Answer,
        detector: str,
        setting: str,
        policy: str,
        at: int,
    ) -> ImageRecord | None:
        """The index row that says so, finished at `at` (milliseconds); None where it stands as it should already."""
        if self.state == "unchanged":
            return None
        seen = answer.detection
        return ImageRecord(
            ref=ref,
            state=self.state,
            reason=self.reason,
            head=head,
            content=content_id(head) if head is not None else None,
            setting=setting,
            policy=policy,
            detector=seen.detector if seen is not None else detector,
            model=seen.model if seen is not None else "",
            labels=self.chosen.labels,
            ancestors=self.chosen.ancestors,
            notes=self.notes,
            tags_written=self.written,
            tags_left_out=self.left_out,
            width=answer.width,
            height=answer.height,
            taken_at=answer.taken_at,
            updated_at=at,
            corrections=self.corrections,
        )


def plan(
    head: ObjectHead | None,
    row: ImageRecord | None,
    tags: Tags,
    answer: Answer,
    policy: Policy,
    taxonomy: Taxonomy,
    setting: str,
    corrections: Corrections | None = None,
) -> Plan:
    """Gone: no row. Same as recorded: nothing to do. Else the policy's choice of the answer, or its refusal.

    `row` is what is recorded, where somebody looked; `answer` belongs to `setting` and is not looked at when `head` is
    None. An object without labels loses the tags that we once wrote: they spoke of another content.
    """
    if head is None:
        return Plan("removed")
    said = corrections if corrections is not None and corrections.content == content_id(head) else None
    chosen = NOTHING
    if answer.reason is None and answer.detection is not None:
        chosen = choose(answer.detection.labels, policy, taxonomy)
        if said:
            chosen = corrected(chosen, said, policy, taxonomy)
    want = wanted(chosen, tags, policy, taxonomy)
    # Tags of a link may be those of its target, which is not ours to touch.
    change = want.tags if want.tags != tags and answer.reason != "symlink" else None
    state = "labelled" if answer.reason is None else state_of(answer.reason)
    left_out = want.left_out + want.taken
    notes = (*_notes(answer, chosen, want), *(("corrected",) if said else ()))
    made = Plan(state, answer.reason, notes, chosen, change, want.written, left_out, want.taken, said)
    if change is None and row is not None and _records(row, made, head, policy, taxonomy, setting):
        return Plan("unchanged", answer.reason, made.notes, chosen, None, want.written, left_out, want.taken, said)
    return made


def stands(record: ImageRecord, head: ObjectHead | None) -> bool:
    """Whether a row is right whatever keeps us from looking after its object now.

    `head` is what was seen of the object; None where it could not be seen.
    """
    return record.state in ("labelled", "skipped") and (head is None or record.head == head)


def _notes(answer: Answer, chosen: Chosen, want: Wanted) -> tuple[str, ...]:
    said = {
        "no_labels": answer.reason is None and not chosen.labels,
        "tags_left_out": bool(want.left_out),
        "tag_taken": bool(want.taken),
    }
    notes = tuple(note for note, true in said.items() if true)
    # Which format it is that a detector does not read: counting these says what to convert.
    named = answer.reason == "unsupported_format" and answer.format is not None
    return (*notes, f"format_{answer.format}") if named else notes


def _records(row: ImageRecord, made: Plan, head: ObjectHead, policy: Policy, taxonomy: Taxonomy, setting: str) -> bool:
    return (
        (row.state, row.reason, row.head, row.setting) == (made.state, made.reason, head, setting)
        and row.policy == policy.digest(taxonomy.version)
        and row.labels == made.chosen.labels
        and row.tags_written == made.written
        and row.corrections == made.corrections
    )
