"""What the use cases need of the world. Adapters fit by shape; a provider's door proves it by its return type."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from imagelabels.domain.model import (
    Answer,
    Detection,
    EventEntry,
    ImageRecord,
    Look,
    ObjectHead,
    ObjectRef,
    Picture,
    Tags,
)

if TYPE_CHECKING:
    from imagelabels.domain.query import Counts, Page, Query


class Clock(Protocol):
    """Time on this machine, for waiting and for measuring how long ago the store told its own."""

    def monotonic(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...
    def time(self) -> float: ...


class ObjectStore(Protocol):
    """Objects and their tags. Every method raises Unavailable or Misconfigured when the store is not to be had, and
    Rejected("unsignable_key") for a key that no request can be signed for."""

    def head(self, ref: ObjectRef) -> Look:
        """What is there now; a missing object or bucket is a Look without head, and still has the store's date."""

    def read(self, ref: ObjectRef, head: ObjectHead, start: int, length: int) -> bytes:
        """At most `length` bytes from `start` of exactly the object that `head` saw; Gone if it is another now.

        Rejected("archived"): it must be restored first.
        """

    def tags(self, ref: ObjectRef) -> Tags:
        """The object's tags (of `ref.version` if given); Gone if there is no object, NoBucket if not even a bucket."""

    def put_tags(self, ref: ObjectRef, tags: Tags, before: float, until: float) -> None:
        """Replace all tags, once, with a request that the store refuses after `before` (seconds, store clock).

        Where that moment cannot be signed (a fast local clock), it is signed to `until`; if that cannot be either,
        Unavailable. Gone: there is no object, nothing was written. Rejected("tags_refused"): nothing was written.
        Misconfigured: it was forbidden, nothing was written. Any other error: the write may have happened, or may
        still happen until it expires. Never repeated here.
        """

    def list(self, bucket: str, prefix: str = "", after: str = "") -> Iterator[tuple[ObjectRef, str, int]]:
        """(ref, etag, size) in key order, starting behind key `after`."""


class Shrinker(Protocol):
    """A store that makes a small copy of a picture by itself."""

    @property
    def name(self) -> str:
        """How the setting of a detector that sees such copies names it."""

    @property
    def formats(self) -> frozenset[str]:
        """The picture formats it can read, named as in domain.picture."""

    def shrunk(self, ref: ObjectRef, head: ObjectHead, side: int) -> bytes:
        """A JPEG, upright, of exactly the object that `head` saw; the shorter side has `side` pixels, or fewer before.

        Rejected: it makes none of this picture. Gone, Unavailable and Misconfigured as of ObjectStore.
        """


class LabelDetector(Protocol):
    """Says what is in a picture."""

    @property
    def name(self) -> str:
        """Its name in the registry."""

    @property
    def setting(self) -> str:
        """Everything that changes the raw answer: detector, model, scenes, language asked for, floor. No thresholds."""

    @property
    def paid(self) -> bool:
        """Whether every call is billed, refused ones too."""

    @property
    def formats(self) -> frozenset[str]:
        """The picture formats it can read, named as in domain.picture."""

    @property
    def least_side(self) -> int:
        """Pixels: it is not asked about a picture whose shorter side has fewer."""

    @property
    def most_bytes(self) -> int:
        """It is not asked about a larger file."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """In lower case: it is not asked about an object whose key ends in none of them. Empty: any key will do."""

    @property
    def timeout(self) -> float:
        """One call of `detect` takes at most so many seconds."""

    @property
    def default_threshold(self) -> float:
        """The confidence, 0..1, from which its labels are worth writing; no two detectors mean the same by it."""

    def detect(self, picture: Picture) -> Detection:
        """The whole answer at the floor, billed once at most. Rejected: for good, of this picture. Gone: it changed."""


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row as a strong read shows it; `record` is None while only a lock has touched it."""

    record: ImageRecord | None
    waiting: str | None
    """The reason a delivery left behind without finishing, if it did."""
    lock: str | None
    lock_until: float | None


@dataclass(frozen=True, slots=True)
class Claim:
    """What asking for a content's answer gave: it is ours to get, somebody else is getting it, or here it is.

    A kept answer whose `asked` is set is not confirmed: it may describe another content.
    """

    kind: Literal["mine", "busy", "kept"]
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What a strong read shows of a content's answer: the answer, or until when somebody's claim on it is good."""

    answer: Answer | None
    claimed_until: float | None = None


class Proof(NamedTuple):
    """A second look has shown that this answer belongs to its content: it names the answer and the call."""

    answer_id: str
    nonce: str
    refused: bool
    """The answer is a refusal."""


class Ledger(Protocol):
    """Locks, kept answers, rows and history. Every write is atomic; times are seconds of the store's clock."""

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
        """If the key is ours: write the row (None: leave it), the history line, and free the key. Else False.

        False, too, where the row holds corrections of the record's content and the record none (rows.forgets).
        `proof` names an answer that is confirmed by the way, if it still is the one of that call. `waiting` is the
        reason, noted beside a row that is left, why its object could not be looked after now.
        """

    def drop(self, ref: ObjectRef, token: str, entry: EventEntry) -> bool:
        """If the key is ours: delete the row, write the history line, and free the key. Else False."""

    def claim(self, answer_id: str, nonce: str, until: float, now: float) -> Claim:
        """Ask for the answer of a content. A claim whose lease ended before `now` is a dead worker's: taken over."""

    def store(self, answer_id: str, nonce: str, answer: Answer) -> bool:
        """Keep the answer if the claim is ours; the claim ends. Else False. An answer with `asked` is unconfirmed."""

    def answer(self, answer_id: str) -> StoredAnswer | None:
        """The answer, or the claim on it, if there is one: a strong read, which claims nothing."""

    def give_back(self, answer_id: str, nonce: str) -> None:
        """Drop the claim, or the unconfirmed answer, of that nonce; a confirmed answer stays."""

    def take_over(self, answer_id: str, old: str, nonce: str, until: float) -> bool:
        """Turn the unconfirmed answer of the nonce `old` into a claim of our own, in one step; False if it is gone."""

    def take(self, budget: str, now: float) -> str | None:
        """Count one call against a budget (a detector in a bucket); the reason why not, if it may not be made."""

    def hold(self, budget: str, reason: str, until: float) -> None:
        """Let `take` answer `reason` until then: what a person must mend is not paid for again and again."""

    def row(self, ref: ObjectRef) -> StoredRow | None:
        """The row as it is now: a strong read."""

    def history(self, ref: ObjectRef) -> tuple[EventEntry, ...]:
        """Every event that was finished for this object, oldest first."""


class BulkLedger(Ledger, Protocol):
    """A ledger that can write many rows at once."""

    def together(self) -> AbstractContextManager[object]:
        """What this thread does within it is one transaction: many times as fast, all or nothing, and others wait."""


MARGIN = 2.0
"""Seconds between the end of a lease and the moment somebody else may take the lock: bounds the skew inside a store."""


class LabelIndex(Protocol):
    """Search. It may lag behind the ledger; nothing is decided on what it says.

    Both methods raise ValueError for what no index can answer, saying what.
    """

    def search(self, query: Query) -> Page:
        """The rows that match, in the order asked for; ValueError for a page token that is not of this query."""

    def count(self, query: Query) -> Counts:
        """How many rows match, by label and by category; order, limit and page do not matter."""
