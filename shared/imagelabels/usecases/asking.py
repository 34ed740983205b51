"""Get the answer for a content: kept from before, or asked for once by whoever holds the claim.

A new answer is stored at once, as unconfirmed, with the object that it was asked for. It counts for the content only
when a look after the call shows the same object as the look before it: docs/architecture.md has the rule.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from uuid import uuid4

from imagelabels.domain import content
from imagelabels.domain.budget import UNLIMITED, Limits
from imagelabels.domain.errors import Gone, LabelingError, Misconfigured, Rejected, Unavailable
from imagelabels.domain.model import Answer, Asked, ObjectHead, ObjectRef, Picture
from imagelabels.domain.outcomes import Reason
from imagelabels.domain.pauses import IN_VAIN, rest_until, rests
from imagelabels.domain.plan import Seen, needs_no_answer
from imagelabels.ports import Budget, Claim, LabelDetector, Proof
from imagelabels.usecases.calling import Calling
from imagelabels.usecases.found import Found
from imagelabels.usecases.looks import is_unchanged, look_into, refused
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.waiting import until_answered

CLAIM_AFTER_KILL = 15.0
"""Seconds that a claim outlives the moment its owner is killed: it can only be taken from the dead."""


MOST_WORDS = 500
"""So many characters of an error are kept beside the count of failures."""

_DEATH = Unavailable(Reason.TIMEOUT, "the worker that asked about this content before died")
"""A worker that dies counts like a call that fails, whether or not it had begun the call: a content that kills each
worker is not to be paid for again and again."""


class Asking:
    """Gets the answers of one delivery, and counts the billed calls that it makes."""

    def __init__(
        self,
        by: Tools,
        detector: LabelDetector,
        budget: Budget,
        claim_until: float,
        deadline: float,
        limits: Limits = UNLIMITED,
    ) -> None:
        """`claim_until` and `deadline` are times of the local monotonic clock. The platform may kill us at `deadline`,
        and the claim must last longer than that."""
        self._by, self._detector = by, detector
        self._calling = Calling(by, detector, budget, limits, deadline)
        self._answers, self._clock, self._time = by.answers, by.clock, by.time
        self._claim_until, self._deadline = claim_until, deadline

    @property
    def paid_calls(self) -> int:
        """Return how many billed calls have been made so far."""
        return self._calling.paid_calls

    def find(self, seen: Seen) -> Found:
        """Return the answer for what was seen, asked for if none is kept and if it needs one.

        It waits while another delivery asks about the same content; Unavailable("busy") when there is no time left.
        """
        if seen.head is None:
            return Found(Answer())
        if (refusal := needs_no_answer(seen)) is not None:
            return Found(refusal)
        ref, head = seen.ref, seen.head
        answer_id = content.answer_id(ref, head, self._detector.setting, self._by.reuse)
        # One for the call that we may make: a claim that landed though its reply was lost is known by it as our own.
        nonce, waited = uuid4().hex, False
        former: Answer | None = None  # Failures that were counted before; kept over a take-over whose reply was lost.
        while True:
            claim, busy = self._claim(answer_id, nonce)
            waited = waited or busy
            if claim.answer is None:
                if claim.failures > (former.failures if former is not None else 0):
                    former = self._failed(_DEATH, Asked(nonce, ref, head), claim.failures)
                    if rests(former, self._time.now()):
                        self._count_failures(answer_id, former)
                        return Found(Answer(Reason.DETECTOR_FAILING, former.message))
                return self._try(ref, head, answer_id, nonce, waited, former)
            if (found := self._judged(ref, head, answer_id, claim.answer)) is not None:
                return found
            asked, former = claim.answer.asked, claim.answer if claim.answer.failures else None
            assert asked is not None, "a confirmed answer is always worth something"
            until, failures = self._time.at(self._claim_until), claim.answer.failures
            if self._answers.take_over(answer_id, asked.nonce, nonce, until, failures):
                return self._try(ref, head, answer_id, nonce, waited, former)

    def _judged(self, ref: ObjectRef, head: ObjectHead, answer_id: str, answer: Answer) -> Found | None:
        """Return what a stored answer is worth for the object; None: it must be asked for anew."""
        if answer.asked is None:
            return Found(answer, kept=True)
        if answer.failures:
            is_early = rests(answer, self._time.now())
            return Found(Answer(Reason.DETECTOR_FAILING, answer.message)) if is_early else None
        asked, proof = answer.asked, Proof(answer_id, answer.asked.nonce, answer.reason is not None)
        if (asked.ref.uri, asked.head) == (ref.uri, head):
            return Found(answer, kept=True, proof=proof, to_void=True)
        if asked.ref.store == ref.store and is_unchanged(self._by, asked):
            return Found(answer, kept=True, proof=proof)
        return None

    def _claim(self, answer_id: str, nonce: str) -> tuple[Claim, bool]:
        """Return the claim or the answer, and whether we had to wait for it. While we wait we only read, and
        claim again when the claim looks free."""

        def claim() -> Claim:
            return self._answers.claim(answer_id, nonce, self._time.at(self._claim_until), self._time.now())

        def again() -> Claim | None:
            there = self._answers.answer(answer_id)
            until = there.claimed_until if there is not None else None
            if until is not None and until >= self._time.now():
                return None
            claimed = claim()
            return None if claimed.kind == "busy" else claimed

        first = claim()
        if first.kind != "busy":
            return first, False
        return until_answered(again, self._clock, self._deadline), True

    def _try(
        self, ref: ObjectRef, head: ObjectHead, answer_id: str, nonce: str, waited: bool, former: Answer | None = None
    ) -> Found:
        """Ask under our claim, which ends in any case. `former` counts the calls in a row that failed before."""
        paid_before, asked = self.paid_calls, Asked(nonce, ref, head)
        if former is not None:
            former = replace(former, asked=asked)
        try:
            return self._ask(ref, head, answer_id, nonce, waited)
        except Gone:
            found = Found(Answer(Reason.UNSETTLED), gone=True)
        except (Unavailable, Misconfigured, Rejected) as error:
            found = Found(Answer(error.reason, str(error)))
            if error.reason in IN_VAIN and self.paid_calls > paid_before:
                failed = self._failed(error, asked, former.failures + 1 if former is not None else 1)
                if self._count_failures(answer_id, failed):
                    return Found(Answer(Reason.DETECTOR_FAILING, str(error))) if failed.rests_until else found
        except BaseException:
            self._end_claim(answer_id, nonce, former)
            raise
        self._end_claim(answer_id, nonce, former)
        return found

    def _failed(self, error: LabelingError, asked: Asked, failures: int) -> Answer:
        until = rest_until(failures, self._time.now())
        return Answer(error.reason, str(error)[:MOST_WORDS], asked=asked, failures=failures, rests_until=until)

    def _count_failures(self, answer_id: str, failed: Answer) -> bool:
        """Store how often the detector failed in the place of our claim; False if that failed too, so that only the
        claim is to be ended."""
        with suppress(LabelingError):
            return failed.asked is not None and self._answers.store(answer_id, failed.asked.nonce, failed)
        return False

    def _end_claim(self, answer_id: str, nonce: str, former: Answer | None) -> None:
        """End our claim without an answer. The count of failures that it took the place of is put back, since nothing
        was learnt about the picture. If the index fails now, the claim ends by itself, and the first error must not
        get lost."""
        if former is not None and self._count_failures(answer_id, former):
            return
        with suppress(LabelingError):
            self._answers.give_back(answer_id, nonce)

    def _ask(self, ref: ObjectRef, head: ObjectHead, answer_id: str, nonce: str, waited: bool) -> Found:
        def read(start: int, length: int) -> bytes:
            return self._by.objects.read(ref, head, start, length)

        def found(answer: Answer) -> Found:
            proof = Proof(answer_id, nonce, answer.reason is not None)
            return Found(replace(answer, asked=Asked(nonce, ref, head)), new=True, proof=proof, to_void=True)

        seen, refusal = look_into(read, head.size, self._detector)
        if refusal is not None:
            return found(refusal)
        if (self._wait_out_the_second(head) or waited) and self._by.look(ref).head != head:
            raise Gone
        try:
            detection = self._calling.detect(Picture(ref, head, read, seen), nonce)
        except Rejected as error:
            return found(refused(seen, error.reason, str(error)))
        return found(Answer(None, "", detection, seen.width, seen.height, seen.taken_at, seen.format))

    def _wait_out_the_second(self, head: ObjectHead) -> bool:
        """Last-Modified has whole seconds: A, B, A within one second around the call would look like A throughout.

        True: it had to be waited for, so the object must be looked at again before anything is paid.
        """
        left = head.last_modified + 1 - self._time.now()
        if left > 0:
            self._clock.sleep(min(left, 1.0))
        return left > 0
