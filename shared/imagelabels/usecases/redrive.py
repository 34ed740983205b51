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
    answer_id = _answer_id(by, ref)
    return answer_id is not None and by.answers.forget_refusal(answer_id)


def end_rest(by: Tools, candidate: Candidate) -> None:
    """Let the next delivery call the detector for what the object holds now, although it rests after failures."""
    if candidate.reason != Reason.DETECTOR_FAILING or (answer_id := _answer_id(by, candidate.ref)) is None:
        return
    stored = by.answers.answer(answer_id)
    if stored is not None and stored.answer is not None and stored.answer.failures and stored.answer.asked is not None:
        by.answers.give_back(answer_id, stored.answer.asked.nonce)


def _answer_id(by: Tools, ref: ObjectRef) -> str | None:
    """Return the id of the answer for what the object holds now; None if it holds nothing that could have one."""
    try:
        head = by.look(ref).head
    except (Gone, Rejected):
        return None
    return content.answer_id(ref, head, by.detector.setting, by.reuse) if head is not None else None
