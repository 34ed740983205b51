"""Calls a detector: counted before it is made, within the budget and the rate, and again where it was throttled."""

from __future__ import annotations

from imagelabels.domain.budget import Limits, next_second
from imagelabels.domain.errors import Gone, Misconfigured, Unavailable
from imagelabels.domain.model import Detection, Picture
from imagelabels.domain.outcomes import Reason
from imagelabels.domain.pauses import growing
from imagelabels.ports import Budget, LabelDetector
from imagelabels.usecases.tools import Tools

HOLD = 600.0
"""Seconds without calls after a detector said that a person must mend something: such calls may be billed too."""

SPARE = 5.0
"""A paid call is begun only if so many seconds are left after its time-out: its answer must still be stored."""

PATIENCE = 10.0
"""Seconds that a delivery waits for room under the rate, before it leaves the rest to the platform's retries."""

TRIES = 3
"""Calls that one delivery makes while the detector answers that it is throttled."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 4.0
"""Seconds between two such calls, before chance shortens them."""


class Calling:
    """Makes the calls of one delivery, and counts those that are billed."""

    def __init__(self, by: Tools, detector: LabelDetector, budget: Budget, limits: Limits, deadline: float) -> None:
        """`deadline` is the time of the local monotonic clock at which the platform may kill us."""
        self._by, self._detector, self._budget, self._limits = by, detector, budget, limits
        self._deadline = deadline
        self.paid_calls = 0

    def detect(self, picture: Picture, nonce: str) -> Detection:
        """Return the detector's answer. Gone: the object changed while we waited, so nothing is paid for it.

        The reasons for Misconfigured are those of the budget too. Chance, which shortens pauses so that deliveries part
        that failed together, comes from the nonce.
        """
        chance = int(nonce[:8], 16) / 2**32
        patient_until = self._by.clock.monotonic() + PATIENCE
        pauses = growing(FIRST_PAUSE, LONGEST_PAUSE)
        tries = 0
        while True:
            tries += 1
            self._count(picture, chance, patient_until)
            self.paid_calls += self._detector.calls if self._detector.paid else 0
            try:
                return self._detector.detect(picture)
            except Misconfigured as error:
                self._budget.hold(self._detector.name, _bucket(picture), error.reason, self._by.time.now() + HOLD)
                raise
            except Unavailable as error:
                pause = next(pauses) * (1 - chance / 2)
                if tries == TRIES or error.reason != Reason.THROTTLED or not self._has_time(pause):
                    raise
            self._wait(picture, pause)

    def leave_in_time(self) -> None:
        """Begin no paid call whose answer could not be stored any more before the platform kills us."""
        if not self._has_time(0):
            raise Unavailable("busy", "too little time is left for a paid call")

    def _count(self, picture: Picture, chance: float, patient_until: float) -> None:
        """Count the call. While the present second is full, wait for the next one, but not beyond `patient_until`."""
        name = self._detector.name
        self.leave_in_time()
        while True:
            now = self._by.time.now()
            reason = self._budget.take(name, _bucket(picture), now, self._limits, self._detector.calls)
            if reason is None:
                break
            if reason != Reason.THROTTLED:
                raise Misconfigured(f"no calls to detector {name} at present: {reason}", reason)
            pause = next_second(now) + chance
            if not self._has_time(pause) or self._by.clock.monotonic() + pause > patient_until:
                most = self._limits.per_second
                raise Unavailable(reason, f"the detector {name} is called as often as it may be, {most} times a second")
            self._wait(picture, pause)
        self.leave_in_time()  # The budget may have been slow: one call too many is counted then, and none is lost.

    def _wait(self, picture: Picture, pause: float) -> None:
        """Wait, and look again: nothing is paid for an object that changed meanwhile."""
        self._by.clock.sleep(pause)
        if self._by.look(picture.ref).head != picture.head:
            raise Gone

    def _has_time(self, pause: float) -> bool:
        """Tell whether a call that is begun after the pause can end, and its answer be stored, before the deadline."""
        if not self._detector.paid:
            return True
        return self._by.clock.monotonic() + pause + self._detector.timeout + SPARE <= self._deadline


def _bucket(picture: Picture) -> str:
    return f"{picture.ref.store}://{picture.ref.bucket}"
