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
from imagelabels.usecases.outcomes import listed, unfinished
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.walk import Place


@dataclass(frozen=True, slots=True)
class Chosen:
    """These objects are tried again. Without a state, they are those on which work is not done."""

    place: Place
    state: str = ""
    reason: str = ""
    since: int | None = None
    until: int | None = None
    """Milliseconds since 1970: the row was written then or later, and before. Rows that no delivery has finished have
    no such time, and match only where neither is given."""

    @property
    def bucket(self) -> str:
        return f"{self.place.store}://{self.place.bucket}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An object that is to be tried again, and what its row says of it."""

    ref: ObjectRef
    state: str
    reason: str


def candidates(index: LabelIndex, chosen: Chosen, now: float) -> Iterator[Candidate]:
    """Yield the objects that match now."""
    timed = chosen.since is not None or chosen.until is not None
    if not chosen.state and not timed:
        for row in unfinished(index, now, chosen.bucket, chosen.place.prefix, chosen.reason):
            yield Candidate(row.ref, row.state or "died", row.reason or "")
        return
    for state in (chosen.state,) if chosen.state else (State.PARKED, State.WAITING):
        yield from _recorded(index, chosen, state)


def _recorded(index: LabelIndex, chosen: Chosen, state: str) -> Iterator[Candidate]:
    query = Query(
        bucket=chosen.bucket,
        prefix=chosen.place.prefix,
        state=state,
        reason=chosen.reason,
        since=chosen.since,
        order="uri",
        limit=LIMIT,
    )
    for record in listed(index, query, 10**9):
        if chosen.until is None or 0 < record.updated_at < chosen.until:
            yield Candidate(record.ref, state, str(record.reason or ""))


def forget_refusal(by: Tools, ref: ObjectRef) -> bool:
    """Forget that the detector refused what the object holds now, so that its next delivery asks again. False: no
    refusal is kept for it."""
    try:
        head = by.look(ref).head
    except (Gone, Rejected):
        return False
    if head is None:
        return False
    return by.answers.forget_refusal(content.answer_id(ref, head, by.detector.setting, by.reuse))
