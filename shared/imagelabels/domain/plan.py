"""What to do about one object: every decision, pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from imagelabels.domain.content import content_id
from imagelabels.domain.corrections import corrected
from imagelabels.domain.model import (
    Answer,
    Corrections,
    DetectorTraits,
    ImageRecord,
    ObjectHead,
    ObjectRef,
    Tags,
    versioned,
)
from imagelabels.domain.outcomes import Note, Reason, State, format_note
from imagelabels.domain.policy import Chosen, Policy, choose
from imagelabels.domain.tags import Wanted, ours, wanted
from imagelabels.domain.taxonomy import Taxonomy

NOTHING = Chosen((), {})


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one object at the moment of the decision."""

    ref: ObjectRef
    head: ObjectHead | None
    """None: there is no object, or it could not be seen."""
    policy: Policy
    """The policy for this object."""
    taxonomy: Taxonomy
    detector: DetectorTraits
    """The detector of now. An object that it is never asked about is refused at sight."""
    answer: Answer | None = None
    """What was said of this content; None where nobody was asked."""
    setting: str = ""
    """The detector setting that the answer was given under."""
    tags: Tags | None = None
    """The object's tags; None where nobody looked."""
    record: ImageRecord | None = None
    """The row as it was read last, where somebody looked."""
    may_stay: bool = False
    """The row was read under the lock of now and nothing waits, so it may be left as it is if it is right."""
    said: Corrections | None = None
    """What a person says now, in place of what the row holds."""

    @property
    def recorded(self) -> Corrections | None:
        """The corrections in the row, whatever content they speak of."""
        return self.record.corrections if self.record is not None else None

    @property
    def corrections(self) -> Corrections | None:
        """What a person says, or said, of the content that the object has now."""
        words = self.said if self.said is not None else self.recorded
        return words if words is not None and self.head is not None and words.content == content_id(self.head) else None


@dataclass(frozen=True, slots=True)
class Plan:
    """The state that will be true, and the tags to write to make it so (None: they are right already)."""

    state: State
    reason: Reason | None = None
    notes: tuple[Note | str, ...] = ()
    chosen: Chosen = NOTHING
    tags: Tags | None = None
    written: Tags = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    """The members of `left_out` whose tag key the user holds."""
    corrections: Corrections | None = None
    """They speak of this content, and are to be kept with the row."""
    answer: Answer = field(default_factory=Answer)
    """The answer that was chosen from, or the refusal."""
    stands: bool = False
    """The row stays as it is, and the reason why its object could not be looked after is noted beside it."""

    def row(self, seen: Seen, at: int) -> ImageRecord | None:
        """Return the index row that says so, finished at `at` (milliseconds); None where none is to be written."""
        if self.stands or self.state in (State.UNCHANGED, State.REMOVED, State.UNDONE):
            return None
        detection = self.answer.detection
        return ImageRecord(
            ref=versioned(seen.ref, seen.head) if seen.head is not None else seen.ref,
            state=self.state,
            reason=self.reason,
            head=seen.head,
            content=content_id(seen.head) if seen.head is not None else None,
            setting=seen.setting,
            policy=seen.policy.digest(seen.taxonomy.version),
            detector=detection.detector if detection is not None else seen.detector.name,
            model=detection.model if detection is not None else "",
            labels=self.chosen.labels,
            ancestors=self.chosen.ancestors,
            notes=self.notes,
            tags_written=self.written,
            tags_left_out=self.left_out,
            width=self.answer.width,
            height=self.answer.height,
            taken_at=self.answer.taken_at,
            updated_at=at,
            corrections=self.corrections,
        )


def plan(seen: Seen) -> Plan:
    """Decide what is true of the object, and so what to write.

    An object that is gone has no row. One that is as recorded needs nothing. Any other gets what the policy chooses of
    the answer, or the answer's refusal. An object without labels loses the tags that we wrote for an earlier content.
    If no detector could be asked now, a row that is right stays.
    """
    if seen.head is None:
        return Plan(State.REMOVED)
    answer = needs_no_answer(seen) or seen.answer or Answer()
    passes = answer.reason is not None and answer.reason.may_pass
    if answer.reason is not None and passes and _is_good(seen):
        return Plan(answer.reason.state, answer.reason, stands=True)
    made = _made(seen, answer)
    # What may pass is told again each time, also where the row says so already.
    if made.tags is None and seen.may_stay and not passes and _records(seen, made):
        return replace(made, state=State.UNCHANGED)
    return made


def needs_no_answer(seen: Seen) -> Answer | None:
    """Return the refusal where nobody needs to be asked: the policy labels no such object, or it is no picture of ours
    as far as its name and HEAD tell. Such a refusal costs nothing and is not kept."""
    reason = Reason.EXCLUDED if not seen.policy.label else _refused_at_sight(seen)
    return Answer(reason) if reason is not None else None


def hindered(seen: Seen, reason: Reason) -> Plan:
    """Decide where something kept us from looking at the object: a row that is right stays, else the row says why."""
    if _is_good(seen):
        return Plan(reason.state, reason, stands=True)
    # The tags could not be looked at: those of an earlier content may still be there.
    record = seen.record
    stale = record is not None and (bool(record.tags_written) or Note.TAGS_NOT_SEEN in record.notes)
    notes = (Note.TAGS_NOT_SEEN,) if stale else ()
    return Plan(reason.state, reason, notes, corrections=seen.recorded, answer=Answer(reason))


def without_tags(made: Plan, seen: Seen, reason: Reason) -> Plan:
    """Decide where the store refused the tags: a row that is right stays if the reason may pass, else it says so."""
    if reason.may_pass and _is_good(seen):
        return Plan(reason.state, reason, stands=True)
    return replace(made, state=reason.state, reason=reason, tags=None, written={})


def take_back(seen: Seen) -> Plan:
    """Decide what undo writes: our tags go, the user's stay, and the row goes."""
    mine, theirs = parted(seen)
    return Plan(State.UNDONE, tags=theirs if mine else None)


def parted(seen: Seen) -> tuple[Tags, Tags]:
    """Part the object's tags into ours and the user's."""
    held = seen.tags or {}
    mine = {key: value for key, value in held.items() if ours(key, value, seen.policy.tag_prefix, seen.taxonomy)}
    return mine, {key: value for key, value in held.items() if key not in mine}


def _refused_at_sight(seen: Seen) -> Reason | None:
    head, key, detector = seen.head, seen.ref.key, seen.detector
    if head is None:
        return None
    if head.symlink:
        return Reason.SYMLINK
    if head.size == 0:
        return Reason.FOLDER_MARKER if key.endswith("/") else Reason.EMPTY
    if head.size > detector.most_bytes:
        return Reason.TOO_LARGE
    if head.archived:
        return Reason.ARCHIVED
    is_read = not detector.suffixes or key.lower().endswith(detector.suffixes)
    return None if is_read else Reason.UNSUPPORTED_FORMAT


def _is_good(seen: Seen) -> bool:
    """Whether the row is right whatever keeps us from looking after its object now."""
    record = seen.record
    if record is None or record.state not in (State.LABELLED, State.SKIPPED):
        return False
    return seen.head is None or record.head == seen.head


def _made(seen: Seen, answer: Answer) -> Plan:
    policy, taxonomy, tags, said = seen.policy, seen.taxonomy, seen.tags or {}, seen.corrections
    chosen = NOTHING
    if answer.reason is None and answer.detection is not None:
        chosen = choose(answer.detection.labels, policy, taxonomy)
        if said:
            chosen = corrected(chosen, said, policy, taxonomy)
    want = wanted(chosen, tags, policy, taxonomy)
    # Tags of a link may be those of its target, which is not ours to touch, whatever the policy says of the link.
    is_link = seen.head is not None and seen.head.symlink
    change = want.tags if want.tags != tags and not is_link else None
    state = State.LABELLED if answer.reason is None else answer.reason.state
    left_out = want.left_out + want.taken
    notes = (*_notes(answer, chosen, want), *((Note.CORRECTED,) if said else ()))
    return Plan(state, answer.reason, notes, chosen, change, want.written, left_out, want.taken, said, answer)


def _notes(answer: Answer, chosen: Chosen, want: Wanted) -> tuple[Note | str, ...]:
    holds = {
        Note.NO_LABELS: answer.reason is None and not chosen.labels,
        Note.TAGS_LEFT_OUT: bool(want.left_out),
        Note.TAG_TAKEN: bool(want.taken),
    }
    notes = tuple(note for note, true in holds.items() if true)
    # Which format it is that a detector does not read: counting these says what to convert.
    if answer.reason is Reason.UNSUPPORTED_FORMAT and answer.format is not None:
        return (*notes, format_note(answer.format))
    return notes


def _records(seen: Seen, made: Plan) -> bool:
    """Whether the row says all of it already."""
    row = seen.record
    return (
        row is not None
        and (row.state, row.reason, row.head, row.setting) == (made.state, made.reason, seen.head, seen.setting)
        and row.policy == seen.policy.digest(seen.taxonomy.version)
        and row.labels == made.chosen.labels
        and row.tags_written == made.written
        and row.corrections == made.corrections
    )
