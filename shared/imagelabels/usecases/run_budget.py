"""A limit of one run's own, beside the budget that all functions share."""

from __future__ import annotations

from threading import Lock
from typing import Protocol

from imagelabels.domain.budget import UNLIMITED, Limits, Spending
from imagelabels.domain.outcomes import Reason
from imagelabels.ports import Budget


class CallLimit(Protocol):
    """A run makes at most so many calls, over all of its resumes."""

    most: int

    @property
    def left(self) -> int:
        """Return how many calls the run may still make."""

    @property
    def taken(self) -> int:
        """Return how many calls the run is known to have made."""

    def count(self, calls: int) -> None:
        """Learn of calls that were made for one object."""

    def count_former(self, calls: int) -> None:
        """Learn of calls that a process of the run had made for an object and told nobody before it was killed."""


class CountedLimit:
    """Implements CallLimit where the calls are made elsewhere, and are known when the work on an object has ended.

    The walk holds the limit by beginning no object whose calls might exceed it together with those under way.
    """

    def __init__(self, most: int, taken: int, knows_former: bool = False) -> None:
        """`taken` is what earlier processes of the run have counted. `knows_former`: it holds also what those had told
        nobody that were killed, since whatever makes the calls counts them in the index."""
        self.most, self._taken, self._knows_former = most, taken, knows_former

    @property
    def left(self) -> int:
        return max(self.most - self._taken, 0)

    @property
    def taken(self) -> int:
        return self._taken

    def count(self, calls: int) -> None:
        self._taken += calls

    def count_former(self, calls: int) -> None:
        self._taken += 0 if self._knows_former else calls


class NoCalls:
    """Implements ports.Budget: no call may be made."""

    def take(self, detector: str, bucket: str, now: float, limits: Limits = UNLIMITED, calls: int = 1) -> str | None:
        return Reason.BUDGET.value

    def hold(self, detector: str, bucket: str, reason: str, until: float) -> None:
        """Nothing is called, so nothing is held."""

    def free(self, detector: str, bucket: str) -> None:
        """Nothing is held."""

    def spending(self, detector: str, now: float) -> Spending:
        return Spending()


class RunBudget:
    """Implements ports.Budget and CallLimit. The run's calls are counted under a name of its own in the same ledger, so
    that they are known however often the run was killed.

    The walk begins no object for which nothing is left, so a call is refused here only where an object needs more than
    one. Then the answer is `throttled`, so the object waits. With `budget` its row would be parked until the shared
    budget has room, which has nothing to do with it.
    """

    def __init__(self, shared: Budget, run: str, most: int, now: float, reported: int = 0) -> None:
        """`reported` are the calls that the run has reported so far; it may have begun without a limit, and then they
        are not counted in the ledger."""
        self._shared, self._name, self.most = shared, f"backfill {run}", most
        self._lock = Lock()
        counted = shared.spending(self._name, now).total
        self._uncounted = max(reported - counted, 0)
        self._taken = counted + self._uncounted

    @property
    def left(self) -> int:
        """Return how many calls the run may still make."""
        return max(self.most - self._taken, 0)

    @property
    def taken(self) -> int:
        """Return how many calls the run has made."""
        return self._taken

    @property
    def most_counted(self) -> int:
        """Return how many calls of the run may be counted in the ledger."""
        return max(self.most - self._uncounted, 0)

    def count(self, calls: int) -> None:
        """It has counted them as they were made."""

    def count_former(self, calls: int) -> None:
        """The ledger has counted them as they were made."""

    def take(self, detector: str, bucket: str, now: float, limits: Limits = UNLIMITED, calls: int = 1) -> str | None:
        # The shared budget comes first: while its rate is full, it is asked again and again, and counts nothing.
        if (reason := self._shared.take(detector, bucket, now, limits, calls)) is not None:
            return reason
        if self._shared.take(self._name, "", now, Limits(total=self.most_counted), calls) is not None:
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
