"""Chooses the objects that are to be tried again, and lets the detector be asked again where it had refused them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from imagelabels.domain import content
from imagelabels.domain.errors import Gone, Rejected
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.outcomes import State
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
    refusal is kept for it.

    The refusal is kept under the setting of the function's detector, which the row names. Where this command runs,
    another one may be set.
    """
    try:
        head = by.look(ref).head
    except (Gone, Rejected):
        return False
    if head is None:
        return False
    row = by.rows.row(ref)
    record = row.record if row is not None else None
    settings = {by.detector.setting, *([record.setting] if record is not None and record.setting else [])}
    forgotten = [by.answers.forget_refusal(content.answer_id(ref, head, one, by.reuse)) for one in sorted(settings)]
    return any(forgotten)
