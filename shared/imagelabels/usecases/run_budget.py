"""A limit of one run's own, beside the budget that all functions share."""

from __future__ import annotations

from threading import Lock

from imagelabels.domain.budget import UNLIMITED, Limits, Spending
from imagelabels.domain.outcomes import Reason
from imagelabels.ports import Budget


class RunBudget:
    """Implements ports.Budget. The run's calls are counted under a name of its own in the same ledger, so that they
    are known however often the run was killed.

    The walk begins no object for which nothing is left, so a call is refused here only where an object needs more than
    one. Then the answer is `throttled`, so the object waits. With `budget` its row would be parked until the shared
    budget has room, which has nothing to do with it.
    """

    def __init__(self, shared: Budget, run: str, most: int, now: float) -> None:
        self._shared, self._name, self.most = shared, f"backfill {run}", most
        self._lock = Lock()
        self._taken = shared.spending(self._name, now).total

    @property
    def left(self) -> int:
        """Return how many calls the run may still make."""
        return max(self.most - self._taken, 0)

    @property
    def taken(self) -> int:
        """Return how many calls the run has made."""
        return self._taken

    def take(self, detector: str, bucket: str, now: float, limits: Limits = UNLIMITED, calls: int = 1) -> str | None:
        # The shared budget comes first: while its rate is full, it is asked again and again, and counts nothing.
        if (reason := self._shared.take(detector, bucket, now, limits, calls)) is not None:
            return reason
        if self._shared.take(self._name, "", now, Limits(total=self.most), calls) is not None:
            return Reason.THROTTLED.value
        with self._lock:
            self._taken += calls
        return None

    def hold(self, detector: str, bucket: str, reason: str, until: float) -> None:
        self._shared.hold(detector, bucket, reason, until)

    def free(self, detector: str, bucket: str) -> None:
        self._shared.free(detector, bucket)

    def spending(self, detector: str, now: float) -> Spending:
        return self._shared.spending(detector, now)
