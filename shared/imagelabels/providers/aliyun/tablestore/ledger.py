"""The ledger on Tablestore: strong reads, and every write under a condition on the row that it changes.

An image's row and its lock change in one write. The line of history is in a table of its own, where lines expire; it
goes with that write in one BatchWriteRow, in which each row succeeds or fails by itself: a line whose row did not
change is taken back at once (a worker that dies between the two leaves a line about what it failed to finish, until
the event is delivered again). https://www.alibabacloud.com/help/en/tablestore/developer-reference/batchwriterow
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import tablestore as ots

from imagelabels.domain.budget import UNLIMITED, Limits, Spending
from imagelabels.domain.model import Answer, EventEntry, ImageRecord, ObjectRef
from imagelabels.ports import MARGIN, Claim, Proof, StoredAnswer, StoredRow
from imagelabels.providers.aliyun.tablestore import changes, image_columns
from imagelabels.providers.aliyun.tablestore.budgets import TablestoreBudget
from imagelabels.providers.aliyun.tablestore.client import (
    EXISTS,
    NEW,
    Columns,
    Instance,
    another,
    below,
    either,
    equals,
    every,
    missing,
    there,
)
from imagelabels.providers.aliyun.tablestore.tables import ANSWERS, CHANGES, EVENTS, IMAGES
from imagelabels.records import rows

# Every finished row has a schema, and no other row has one.
_FINISHED, _UNFINISHED = there("schema", -1), missing("schema", -1)

_ROW = (*image_columns.NAME, "schema", "record", "waiting", "lock", "lock_until")


class TablestoreLedger:
    """Implements ports.Ledger."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._budget = TablestoreBudget(instance)

    def lock(
        self, ref: ObjectRef, token: str, until: float, now: float, event_id: str, former: str | None = None
    ) -> bool:
        key = (rows.image_pk(ref),)
        held = {"lock": token, "lock_until": rows.milliseconds(until), "lock_event": event_id}
        held |= image_columns.name(ref)
        free = either(below("lock_until", rows.milliseconds(now - MARGIN)), equals("lock", token))
        if former is not None:
            free = either(free, equals("lock", former))
        # Unproven lock-on-missing-row: An update under a condition that a missing column meets may fail for a
        #   missing row; then the row is put.
        # Why: no page says whether a missing row meets such a condition.
        # Ask: UpdateRow with IGNORE and SingleColumnCondition("c", 1, pass_if_missing=True) on a row that does
        #   not exist: whether it is refused.
        return self._instance.update(IMAGES, key, held, when=free) or self._instance.put(IMAGES, key, held)

    def release(self, ref: ObjectRef, token: str, waiting: str | None = None) -> None:
        key, ours = (rows.image_pk(ref),), equals("lock", token)
        if waiting is not None:
            # Without a record, the row is searched by its state all the same.
            trace = {"waiting": waiting, "state": "waiting", "reason": waiting, "updated_at": 0, "confidence": 0.0}
            when = every(ours, _UNFINISHED)
            if not self._instance.update(IMAGES, key, trace, image_columns.LOCK, when, EXISTS):
                self._instance.update(IMAGES, key, {"waiting": waiting}, image_columns.LOCK, ours, EXISTS)
        elif not self._instance.delete(IMAGES, key, every(ours, _UNFINISHED, missing("waiting"))):
            self._instance.update(IMAGES, key, {}, image_columns.LOCK, ours, EXISTS)

    def finish(
        self,
        ref: ObjectRef,
        token: str,
        record: ImageRecord | None,
        entry: EventEntry,
        proof: Proof | None = None,
        waiting: str | None = None,
    ) -> bool:
        key, ours = (rows.image_pk(ref),), equals("lock", token)
        free = (*image_columns.LOCK, "waiting")
        if record is not None:
            put = image_columns.finished(record)
            if record.corrections is None:
                ours = every(ours, another("corrected", record.content or ""))
            gone = [*free, *(column for column in image_columns.RECORD if column not in put)]
            return self._end(ref, token, entry, [self._update(key, put, gone, ours)], proof)
        noted = {} if waiting is None else {"waiting": waiting}
        kept = self._update(key, noted, [column for column in free if column not in noted], every(ours, _FINISHED))
        never = self._delete(key, every(ours, _UNFINISHED))
        return self._end(ref, token, entry, [kept, never], proof)

    def drop(self, ref: ObjectRef, token: str, entry: EventEntry) -> bool:
        key = (rows.image_pk(ref),)
        return self._end(ref, token, entry, [self._delete(key, equals("lock", token))])

    def claim(self, answer_id: str, nonce: str, until: float, now: float) -> Claim:
        key = (answer_id,)
        mine = {"state": "calling", "owner": nonce, "until": rows.milliseconds(until)}
        if self._instance.put(ANSWERS, key, mine):
            return Claim("mine")
        found = self._instance.get(ANSWERS, key)
        if found is None:
            return Claim("busy")  # given back this moment: the caller asks again
        if (answer := _stored(answer_id, found).answer) is not None:
            return Claim("kept", answer)
        with rows.undamaged(f"the claim of the answer {answer_id}"):
            is_ours = found["owner"] == nonce
            if not is_ours and found["until"] >= rows.milliseconds(now):
                return Claim("busy")
            failures = found.get("failures", 0) + (0 if is_ours else 1)
        as_seen = every(_asked_by(found["owner"]), equals("until", found["until"]), missing("answer"))
        if not self._instance.update(ANSWERS, key, mine | {"failures": failures}, when=as_seen, row=EXISTS):
            return Claim("busy")
        return Claim("mine", failures=failures)

    def store(self, answer_id: str, nonce: str, answer: Answer) -> bool:
        state = "calling" if answer.asked is not None else "ok" if answer.reason is None else "refused"
        kept = {"state": state, "answer": image_columns.answer(answer)}
        return self._instance.update(ANSWERS, (answer_id,), kept, ["until", "failures"], _asked_by(nonce), EXISTS)

    def answer(self, answer_id: str) -> StoredAnswer | None:
        found = self._instance.get(ANSWERS, (answer_id,))
        return _stored(answer_id, found) if found is not None else None

    def give_back(self, answer_id: str, nonce: str) -> None:
        self._instance.delete(ANSWERS, (answer_id,), _asked_by(nonce))

    def take_over(self, answer_id: str, old: str, nonce: str, until: float, failures: int = 0) -> bool:
        mine = {"owner": nonce, "until": rows.milliseconds(until), "failures": failures}
        when = every(_asked_by(old), there("answer"))
        return self._instance.update(ANSWERS, (answer_id,), mine, ["answer"], when, EXISTS)

    def forget_refusal(self, answer_id: str) -> bool:
        return self._instance.delete(ANSWERS, (answer_id,), equals("state", "refused"))

    def take(self, detector: str, bucket: str, now: float, limits: Limits = UNLIMITED, calls: int = 1) -> str | None:
        return self._budget.take(detector, bucket, now, limits, calls)

    def hold(self, detector: str, bucket: str, reason: str, until: float) -> None:
        self._budget.hold(detector, bucket, reason, until)

    def free(self, detector: str, bucket: str) -> None:
        self._budget.free(detector, bucket)

    def spending(self, detector: str, now: float) -> Spending:
        return self._budget.spending(detector, now)

    def row(self, ref: ObjectRef) -> StoredRow | None:
        return _stored_row(ref, self._instance.get(IMAGES, (rows.image_pk(ref),), _ROW))

    def rows(self, refs: Sequence[ObjectRef]) -> tuple[StoredRow | None, ...]:
        there = self._instance.get_many(IMAGES, [(rows.image_pk(ref),) for ref in refs], _ROW)
        return tuple(_stored_row(ref, columns) for ref, columns in zip(refs, there, strict=True))

    def ref_by_id(self, picture: str) -> ObjectRef | None:
        found = self._instance.get(IMAGES, (rows.storable(picture),), image_columns.NAME) if picture else None
        if found is None:
            return None
        with rows.undamaged(f"the row {picture!r}"):
            return image_columns.read_name(found)

    def history(self, ref: ObjectRef) -> tuple[EventEntry, ...]:
        lines: list[tuple[int, int, EventEntry]] = []
        for _, columns, written in self._instance.range(EVENTS, (rows.image_pk(ref),)):
            entry = rows.read_entry(columns.get("entry", ""), ref)
            lines.append((entry.at, written, entry))
        return tuple(entry for *_, entry in sorted(lines, key=lambda line: line[:2]))

    def _end(
        self, ref: ObjectRef, token: str, entry: EventEntry, updates: Sequence[Any], proof: Proof | None = None
    ) -> bool:
        """Make the first change of the row whose condition holds, with the line; without one, there is no line.

        Each delivery's line has the delivery's token in its key. An answer that `proof` names is confirmed in the same
        call, whatever becomes of the row: what was seen of the object holds.

        A line of changes goes along with each attempt at the row, also when the row stays as it was: the delivery
        before this one may have died when the row was written and the line was not, and its event is delivered again.
        """
        key = (rows.image_pk(ref),)
        event = (*key, hashlib.sha256(rows.octets(entry.event_id)).hexdigest()[:32], token)
        line = ots.Row(self._instance.key(EVENTS, event), [("entry", rows.entry_json(entry)), ("at", entry.at)])
        change = changes.line(self._instance, ref, token, entry.at)
        proofs = [proof] if proof is not None else []
        noted = False
        for number, update in enumerate(updates):
            if number:
                (done,) = self._instance.batch((IMAGES, update))
            else:
                done, noted, *_ = self._instance.batch(
                    (IMAGES, update),
                    (EVENTS, ots.PutRowItem(line, ots.Condition(NEW))),
                    (CHANGES, change),
                    *((ANSWERS, self._confirmed(proof)) for proof in proofs),
                    beside=CHANGES,
                )
            if done:
                return True
        if noted:
            self._instance.delete(EVENTS, event)
        return False

    def _confirmed(self, proof: Proof) -> Any:
        changed = self._instance.changed(ANSWERS, (proof.answer_id,), {"state": "refused" if proof.refused else "ok"})
        when = every(_asked_by(proof.nonce), there("answer"))
        return ots.UpdateRowItem(changed, ots.Condition(EXISTS, when))

    def _update(self, key: tuple[str], put: dict[str, Any], gone: Any, when: Any) -> Any:
        return ots.UpdateRowItem(self._instance.changed(IMAGES, key, put, gone), ots.Condition(EXISTS, when))

    def _delete(self, key: tuple[str], when: Any) -> Any:
        return ots.DeleteRowItem(ots.Row(self._instance.key(IMAGES, key)), ots.Condition(EXISTS, when))


def _asked_by(nonce: str) -> Any:
    """A claim, or an answer that nobody has confirmed: it keeps the state and the owner of the claim it came from."""
    return every(equals("state", "calling"), equals("owner", nonce))


def _stored(answer_id: str, found: Mapping[str, Any]) -> StoredAnswer:
    if "answer" not in found:
        with rows.undamaged(f"the claim of the answer {answer_id}"):
            until = found.get("until")
            return StoredAnswer(None, until / 1000 if until is not None else None)
    answer = rows.read_answer(found["answer"], answer_id)
    return StoredAnswer(answer if found.get("state") == "calling" else replace(answer, asked=None))


def _stored_row(ref: ObjectRef, columns: Columns | None) -> StoredRow | None:
    if columns is None:
        return None
    rows.check_name(ref, *((columns.get(name), value) for name, value in image_columns.name(ref).items()))
    there = ObjectRef(ref.store, ref.bucket, ref.key, columns.get("version"))
    record, until = image_columns.read_finished(columns, there), columns.get("lock_until")
    with rows.undamaged_row(ref.uri):
        free_at = until / 1000 if until is not None else None
        return StoredRow(record, columns.get("waiting"), columns.get("lock"), free_at)
