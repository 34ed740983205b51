"""Keep an index of pictures that are files on this machine: many are looked at at once, and many rows are written at
once. There are no events, no other workers and no tags here, so a transaction does what locks do for buckets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from imagelabels.domain import content
from imagelabels.domain.errors import Gone, Rejected, Unavailable
from imagelabels.domain.model import Answer, EventEntry, ObjectHead, ObjectRef, Outcome, Picture
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.plan import needs_no_answer, plan
from imagelabels.ports import BulkLedger, LabelIndex
from imagelabels.records.rows import milliseconds
from imagelabels.usecases.looks import look_into, refused
from imagelabels.usecases.reconcile import Labeler
from imagelabels.usecases.tools import LEASE, Tools
from imagelabels.usecases.walk import Place, recorded


@dataclass(frozen=True, slots=True)
class Examined:
    """A file and the answer for what it holds now; without an answer its row is right already."""

    ref: ObjectRef
    head: ObjectHead | None = None
    answer: Answer | None = None
    new: bool = False
    """The answer is not kept yet."""


def examine(by: Labeler, ref: ObjectRef) -> Examined:
    """Look at a file, and label it if it, the detector or the policy changed since its row was written. Writes nothing,
    so it may run in many threads. Unavailable: it cannot be read now."""
    tools = by.tools
    head = tools.look(ref).head
    if head is None:
        raise Unavailable("store_error", f"there is no file or folder /{ref.key}")
    seen, stored = tools.seen(ref, head), tools.rows.row(ref)
    record = stored.record if stored is not None and stored.waiting is None else None
    wanted = (head, seen.setting, seen.policy.digest(seen.taxonomy.version))
    if record is not None and (record.head, record.setting, record.policy) == wanted:
        return Examined(ref)
    if (refusal := needs_no_answer(seen)) is not None:
        return Examined(ref, head, refusal)
    kept = tools.answers.answer(_answer_id(tools, ref, head))
    if kept is not None and kept.answer is not None and kept.answer.asked is None:
        return Examined(ref, head, kept.answer)
    try:
        return Examined(ref, head, _asked(by, ref, head), new=True)
    except Gone:
        raise Unavailable("unsettled", "the file changed while it was looked at") from None


def write(by: Labeler, ledger: BulkLedger, examined: Sequence[Examined]) -> list[Outcome]:
    """Write the rows, all of them or none, and say what became of each file."""
    with ledger.together():
        return [_written(by.tools, ledger, one) for one in examined]


def forget_missing(by: Labeler, ledger: BulkLedger, index: LabelIndex, place: Place, there: set[str]) -> int:
    """Remove the rows below a folder whose file is gone, and say how many; `there` are keys that need no look. What
    cannot be looked at may still be there."""
    missing = [ref for ref in recorded(index, place) if ref.key not in there and _is_missing(by.tools, ref)]
    with ledger.together():
        return sum(_dropped(by.tools, ledger, ref) for ref in missing)


def _asked(by: Labeler, ref: ObjectRef, head: ObjectHead) -> Answer:
    def read(start: int, length: int) -> bytes:
        return by.tools.objects.read(ref, head, start, length)

    seen, refusal = look_into(read, head.size, by.detector)
    if refusal is not None:
        return refusal
    try:
        detection = by.detector.detect(Picture(ref, head, read, seen))
    except Rejected as error:
        return refused(seen, error.reason, str(error))
    return Answer(None, "", detection, seen.width, seen.height, seen.taken_at, seen.format)


def _written(by: Tools, ledger: BulkLedger, one: Examined) -> Outcome:
    if one.head is None or one.answer is None:
        return Outcome(State.UNCHANGED)
    token, now = uuid4().hex, by.time.now()
    if one.new:
        answer_id = _answer_id(by, one.ref, one.head)
        if ledger.claim(answer_id, token, now + LEASE, now).kind == "mine":
            ledger.store(answer_id, token, one.answer)
    if not ledger.lock(one.ref, token, now + LEASE, now, token):
        return Outcome(State.WAITING, Reason.BUSY)
    stored = ledger.row(one.ref)
    before = stored.record if stored is not None else None
    seen = replace(by.seen(one.ref, one.head, {}, before), answer=one.answer, may_stay=True)
    planned, at = plan(seen), milliseconds(now)
    entry = EventEntry(f"detect {token}", planned.state, planned.reason, at, notes=planned.notes)
    ledger.finish(one.ref, token, planned.row(seen, at), entry)
    return Outcome(planned.state, planned.reason, planned.notes, tuple(label.id for label in planned.chosen.labels))


def _dropped(by: Tools, ledger: BulkLedger, ref: ObjectRef) -> bool:
    token, now = uuid4().hex, by.time.now()
    entry = EventEntry(f"detect {token}", State.REMOVED, None, milliseconds(now))
    return ledger.lock(ref, token, now + LEASE, now, token) and ledger.drop(ref, token, entry)


def _is_missing(by: Tools, ref: ObjectRef) -> bool:
    try:
        return by.look(ref).head is None
    except Unavailable:
        return False


def _answer_id(by: Tools, ref: ObjectRef, head: ObjectHead) -> str:
    return content.answer_id(ref, head, by.detector.setting, by.reuse)
