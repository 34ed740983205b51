"""Locks on keys, and what is written by whoever holds one."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from imagelabels.domain.model import EventEntry, ImageRecord, ObjectRef

MARGIN = 2.0
"""Seconds between the end of a lease and the moment somebody else may take the lock: bounds the skew inside a store."""


class Proof(NamedTuple):
    """A second look has shown that this answer belongs to its content: it names the answer and the call."""

    answer_id: str
    nonce: str
    refused: bool
    """The answer is a refusal."""


class Locks(Protocol):
    """One worker per key, whose writes are refused once the lock is lost. Every write is atomic; times are seconds of
    the store's clock."""

    def lock(
        self, ref: ObjectRef, token: str, until: float, now: float, event_id: str, former: str | None = None
    ) -> bool:
        """Take the key if it is free, held by `token` or `former`, or its lease ended more than MARGIN before `now`."""

    def release(self, ref: ObjectRef, token: str, waiting: str | None = None) -> None:
        """Free the key if it is ours. A row without a state keeps `waiting` as its trace; without one it vanishes."""

    def finish(
        self,
        ref: ObjectRef,
        token: str,
        record: ImageRecord | None,
        entry: EventEntry,
        proof: Proof | None = None,
        waiting: str | None = None,
    ) -> bool:
        """If the key is ours: write the row (None: leave it), the history line, and free the key. Else return False.

        False is also returned where the row holds corrections of the record's content and the record none
        (rows.forgets). `proof` names an answer that is confirmed in the same write, if it still is the one of that
        call. `waiting` is the reason, noted beside a row that is left, why its object could not be looked after now.
        """

    def drop(self, ref: ObjectRef, token: str, entry: EventEntry) -> bool:
        """If the key is ours: delete the row, write the history line, and free the key. Else return False."""
