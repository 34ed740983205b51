"""Get the answer for a content: kept from before, or asked for once by whoever holds the claim."""

from __future__ import annotations

from dataclasses import dataclass

from imagelabels.domain import content, picture
from imagelabels.domain.errors import Gone, Misconfigured, Rejected, Unavailable
from imagelabels.domain.model import Answer, ObjectHead, ObjectRef, Picture
from imagelabels.ports import Claim, Clock, LabelDetector, Ledger, ObjectStore
from imagelabels.usecases.storetime import StoreTime
from imagelabels.usecases.waiting import until_answered

CLAIM_AFTER_KILL = 15.0
"""Seconds that a claim outlives the moment its owner is killed: it can only be taken from the dead."""

HOLD = 600.0
"""Seconds without calls after a detector said that a person must mend something: such calls may be billed too."""


@dataclass(frozen=True, slots=True)
class Found:
    """An answer and where it came from."""

    answer: Answer
    claim: str | None = None
    """The answer id while our claim on it is open: the answer is new and not stored yet."""
    kept: bool = False
    """It was there already: this content has been through here before."""
    gone: bool = False
    """The object changed while it was asked about; the answer says nothing."""


class Answers:
    """The answers that one delivery gets; counts the billed calls that it makes."""

    def __init__(
        self,
        objects: ObjectStore,
        detector: LabelDetector,
        ledger: Ledger,
        clock: Clock,
        time: StoreTime,
        reuse: content.Reuse,
        claim_until: float,
        deadline: float,
    ) -> None:
        """`claim_until` and `deadline` on the local monotonic clock: a claim must outlive us, who die at `deadline`."""
        self._objects, self._detector, self._ledger = objects, detector, ledger
        self._clock, self._time, self._reuse = clock, time, reuse
        self._claim_until, self._deadline = claim_until, deadline
        self.paid_calls = 0

    def get(self, ref: ObjectRef, head: ObjectHead, token: str) -> Found:
        """Waits while another delivery asks about the same content; Unavailable("busy") when there is no time left."""
        if (reason := refused_at_sight(ref, head, self._detector)) is not None:
            return Found(Answer(reason))
        id = content.answer_id(ref, head, self._detector.setting, self._reuse)
        claim = until_answered(lambda: self._claim(id, token), self._clock, self._deadline)
        if claim.answer is not None:
            return Found(claim.answer, kept=True)
        try:
            return self._ask(ref, head, id)
        except Gone:
            self._ledger.give_back(id, token)
            return Found(Answer("unsettled"), gone=True)
        except (Unavailable, Misconfigured) as error:
            self._ledger.give_back(id, token)
            return Found(Answer(error.reason, str(error)))
        except BaseException:
            self._ledger.give_back(id, token)
            raise

    def keep(self, found: Found, token: str) -> None:
        """Store a new answer, once a second look has shown that it belongs to the content."""
        if found.claim is not None:
            self._ledger.store(found.claim, token, found.answer)

    def void(self, found: Found, token: str) -> None:
        """Give the claim back: the answer may describe another picture than the one we saw."""
        if found.claim is not None:
            self._ledger.give_back(found.claim, token)

    def _claim(self, id: str, token: str) -> Claim | None:
        claim = self._ledger.claim(id, token, self._time.at(self._claim_until), self._time.now())
        return None if claim.kind == "busy" else claim

    def _ask(self, ref: ObjectRef, head: ObjectHead, id: str) -> Found:
        def read(start: int, length: int) -> bytes:
            return self._objects.read(ref, head, start, length)

        seen = picture.probe(read, head.size)
        if (reason := picture.refusal(seen, self._detector.formats, self._detector.least_side)) is not None:
            return Found(_refused(seen, reason), claim=id)
        if (reason := self._ledger.take(self._detector.name, self._time.now())) is not None:
            raise Misconfigured(f"no calls to detector {self._detector.name} at present: {reason}", reason)
        self._wait_out_the_second(head)
        self.paid_calls += self._detector.paid
        try:
            detection = self._detector.detect(Picture(ref, head, read, seen))
        except Rejected as error:
            return Found(_refused(seen, error.reason, str(error)), claim=id)
        except Misconfigured as error:
            self._ledger.hold(self._detector.name, error.reason, self._time.now() + HOLD)
            raise
        return Found(Answer(None, "", detection, seen.width, seen.height, seen.taken_at, seen.format), claim=id)

    def _wait_out_the_second(self, head: ObjectHead) -> None:
        """Last-Modified has whole seconds: A, B, A within one second around the call would look like A throughout."""
        if (left := head.last_modified + 1 - self._time.now()) > 0:
            self._clock.sleep(min(left, 1.0))


def _refused(seen: picture.Head, reason: str, message: str = "") -> Answer:
    return Answer(reason, message, None, seen.width, seen.height, seen.taken_at, seen.format)


def refused_at_sight(ref: ObjectRef, head: ObjectHead, detector: LabelDetector) -> str | None:
    """Why an object is no picture of ours, as far as its name and HEAD tell: costs nothing, and is not kept."""
    if head.symlink:
        return "symlink"
    if head.size == 0:
        return "folder_marker" if ref.key.endswith("/") else "empty"
    if head.size > detector.most_bytes:
        return "too_large"
    if head.archived:
        return "archived"
    return None if not detector.suffixes or ref.key.lower().endswith(detector.suffixes) else "unsupported_format"
