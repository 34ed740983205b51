"""Looks at an object as reconcile would before it calls a detector, and tells whether it would call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from imagelabels.domain import content
from imagelabels.domain.errors import Gone, LabelingError, Misconfigured, Rejected, Unavailable
from imagelabels.domain.foreseen import Way
from imagelabels.domain.model import Answer, ObjectHead, ObjectRef
from imagelabels.domain.outcomes import State
from imagelabels.domain.pauses import growing, rests
from imagelabels.domain.plan import needs_no_answer
from imagelabels.ports import Clock
from imagelabels.usecases.contents import Member
from imagelabels.usecases.looks import is_unchanged, look_into
from imagelabels.usecases.tools import Tools

R = TypeVar("R")

FORBIDDEN = 20
"""If so many objects may not be looked at, and none may, the error is told instead of a bill."""

TRIES = 6
"""A request that fails for a while is sent so often."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 16.0
"""Seconds between two such requests. All other requests wait as long."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """This is what will become of an object, and of all others with the same content if `is_shared`."""

    way: Way
    reason: str | None = None
    answer: Answer | None = None
    """The kept answer, or the refusal that the first bytes tell."""
    answer_id: str = ""
    is_sure: bool = True
    """False: perhaps no call is made, because another delivery asks at this moment, or because the content rests."""
    is_shared: bool = True
    """False: it is about this object alone, which is not what was listed, or may not be looked at."""
    head: ObjectHead | None = None
    """The content that it is about."""


@dataclass(slots=True)
class Patience:
    """Sends requests from many threads. While the world is throttled, all of them wait longer and longer."""

    clock: Clock
    _until: float = 0.0

    def ask(self, made: Counter[str], name: str, request: Callable[[], R]) -> R:
        """Send a request, again after a pause if it fails for a while, and count what was sent."""
        for pause in islice(growing(FIRST_PAUSE, LONGEST_PAUSE), TRIES - 1):
            self._wait()
            made[name] += 1
            try:
                return request()
            except Unavailable:
                self._until = max(self._until, self.clock.monotonic() + pause)
        self._wait()
        made[name] += 1
        return request()

    def _wait(self) -> None:
        left = self._until - self.clock.monotonic()
        if left > 0:
            self.clock.sleep(left)


@dataclass(slots=True)
class Looks:
    """Looks at objects, from many threads. Nothing is written and nothing is claimed."""

    by: Tools
    patience: Patience
    _seen: int = 0
    _forbidden: int = 0

    def verdict(self, one: Member, made: Counter[str]) -> Verdict:
        """Tell what reconcile will do about an object."""
        try:
            if one.head is not None:
                try:
                    return self._judged(one.ref, one.head, one, made)
                except Gone:  # It is not any more what the row or the inventory says.
                    pass
            head = self.patience.ask(made, "head", lambda: self.by.look(one.ref).head)
            if head is None:
                return _alone(Way.NO_CALL, State.REMOVED)
            verdict = self._judged(one.ref, head, one, made)
            self._seen += 1
            return verdict
        except Gone:
            return _alone(Way.UNSEEN, "unsettled")
        except Rejected as error:
            return _alone(Way.NO_CALL, error.reason)
        except Misconfigured as error:
            self._forbidden += 1
            if self._forbidden >= FORBIDDEN and not self._seen:
                raise  # Nothing may be looked at, so there is nothing to tell.
            return _alone(Way.UNSEEN, error.reason)
        except Unavailable as error:
            # The others with this content would keep everybody waiting as long.
            return Verdict(Way.UNSEEN, error.reason)

    def kept(self, one: Member, made: Counter[str]) -> Verdict | None:
        """Tell whether an answer is kept for the content that the row names, without a look at the object; None if none
        is kept, or if the index cannot tell it now."""
        head = one.head or ObjectHead(one.etag, one.size, None, 0)
        answer_id = content.answer_id(one.ref, head, self.by.detector.setting, self.by.reuse)
        try:
            answer, _ = self._kept(one.ref, answer_id, made)
        except LabelingError:
            return None
        return None if answer is None else Verdict(Way.KEPT, answer.reason, answer, answer_id, head=head)

    def _judged(self, ref: ObjectRef, head: ObjectHead, one: Member, made: Counter[str]) -> Verdict:
        """Go on as reconcile does once it knows the head: refusals at sight, kept answers, the first bytes."""
        is_shared = (head.etag.upper(), head.size) == (one.etag.upper(), one.size)
        refusal = needs_no_answer(self.by.seen(ref, head))
        if refusal is not None:
            return _alone(Way.NO_CALL, str(refusal.reason))
        answer_id = content.answer_id(ref, head, self.by.detector.setting, self.by.reuse)
        kept, is_busy = self._kept(ref, answer_id, made)
        if kept is not None:
            return Verdict(Way.KEPT, kept.reason, kept, answer_id, is_shared=is_shared, head=head)

        def read(start: int, length: int) -> bytes:
            return self.patience.ask(made, "read", lambda: self.by.objects.read(ref, head, start, length))

        _, refusal = look_into(read, head.size, self.by.detector)
        if refusal is not None:
            return Verdict(Way.REFUSED, refusal.reason, refusal, answer_id, is_shared=is_shared, head=head)
        return Verdict(Way.CALL, None, None, answer_id, not is_busy, is_shared, head)

    def _kept(self, ref: ObjectRef, answer_id: str, made: Counter[str]) -> tuple[Answer | None, bool]:
        """Return the answer that reconcile would use without a call. Where there is none, say whether perhaps no call
        is made: another delivery asks now, or the detector has failed on this content, which rests for a while."""
        stored = self.patience.ask(made, "answer", lambda: self.by.answers.answer(answer_id))
        if stored is None:
            return None, False
        answer = stored.answer
        if answer is None:
            return None, stored.claimed_until is not None and stored.claimed_until >= self.by.time.now()
        asked = answer.asked
        if asked is None:
            return answer, False
        if answer.failures:
            return None, rests(answer, self.by.time.now())
        if asked.ref.store == ref.store and self.patience.ask(made, "head", lambda: is_unchanged(self.by, asked)):
            return answer, False
        return None, False


def _alone(way: Way, reason: str) -> Verdict:
    return Verdict(way, reason, is_shared=False)
