"""Chooses the objects that are to be tried again, and lets the detector be asked again where it had refused them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from imagelabels.domain import content
from imagelabels.domain.errors import Gone, Rejected
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.query import LIMIT, Query
from imagelabels.ports import LabelIndex
from imagelabels.usecases.outcomes import Chosen, listed, unfinished
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.walk import Place


@dataclass(frozen=True, slots=True)
class Candidate:
    """An object that is to be tried again, and what its row says of it."""

    ref: ObjectRef
    state: str
    reason: str


def candidates(index: LabelIndex, place: Place, chosen: Chosen, now: float) -> Iterator[Candidate]:
    """Yield the objects of the place that match now. Without a state, and for those that are parked or waiting, these
    are the ones that `outcomes` lists as not done; the rows of other states are finished, and have their time."""
    bucket = place.bucket_uri
    if chosen.state not in ("", State.PARKED, State.WAITING):
        yield from _finished(index, bucket, place.prefix, chosen)
        return
    for row in unfinished(index, now, bucket, place.prefix, chosen):
        yield Candidate(row.ref, row.state or "died", row.reason or "")


def _finished(index: LabelIndex, bucket: str, prefix: str, chosen: Chosen) -> Iterator[Candidate]:
    query = Query(
        bucket=bucket,
        prefix=prefix,
        state=chosen.state,
        reason=chosen.reason,
        since=chosen.since,
        order="uri",
        limit=LIMIT,
    )
    for record in listed(index, query, 10**9):
        if chosen.until is None or record.updated_at < chosen.until:
            yield Candidate(record.ref, chosen.state, str(record.reason or ""))


def forget_refusal(by: Tools, ref: ObjectRef) -> bool:
    """Forget that the detector refused what the object holds now, so that its next delivery asks again. False: no
    refusal is kept for it."""
    forgotten = [by.answers.forget_refusal(answer_id) for answer_id in _answer_ids(by, ref)]
    return any(forgotten)


def end_rest(by: Tools, candidate: Candidate) -> None:
    """Let the next delivery call the detector for what the object holds now, although it rests after failures."""
    if candidate.reason != Reason.DETECTOR_FAILING:
        return
    for answer_id in _answer_ids(by, candidate.ref):
        stored = by.answers.answer(answer_id)
        answer = stored.answer if stored is not None else None
        if answer is not None and answer.failures and answer.asked is not None:
            by.answers.give_back(answer_id, answer.asked.nonce)


def _answer_ids(by: Tools, ref: ObjectRef) -> list[str]:
    """Return the ids of the answers that may be kept for what the object holds now; none if it holds nothing.

    The row names the setting of the function's detector. Where this command runs, another one may be set.
    """
    try:
        head = by.look(ref).head
    except (Gone, Rejected):
        return []
    if head is None:
        return []
    row = by.rows.row(ref)
    record = row.record if row is not None else None
    settings = {by.detector.setting, *([record.setting] if record is not None and record.setting else [])}
    return [content.answer_id(ref, head, setting, by.reuse) for setting in sorted(settings)]
