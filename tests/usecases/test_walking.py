"""A walk that begins more than its window beyond what is saved would begin as much again after it was killed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from imagelabels.domain.errors import LabelingError
from imagelabels.domain.fates import Fate
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.outcomes import State
from imagelabels.usecases.backfill import Worked
from imagelabels.usecases.walking import WINDOW, Walking, Work
from tests.backfilling import Inline
from tests.fakes import FakeClock

OBJECTS = 3000
LABELLED = Worked(Fate.ASK, State.LABELLED)


class Slow:
    """Implements walking.Job. One object has to be tried again later, and from time to time a service is throttled."""

    def __init__(self, clock: FakeClock, waits: int, is_throttled: bool) -> None:
        self._clock, self._waits, self._is_throttled = clock, waits, is_throttled
        self.begun = self.saved = self.furthest = self.too_early = 0
        self.settled: list[int] = []
        self._quiet_until = 0.0

    def sort(self, works: Sequence[Work[Worked]]) -> None:
        """Every object needs work."""

    def may_begin(self, work: Work[Worked], under_way: int) -> bool:
        self.begun = max(self.begun, work.number + 1)
        self.furthest = max(self.furthest, self.begun - self.saved)
        self.too_early += self._clock.monotonic() < self._quiet_until
        return True

    def again(self, work: Work[Worked], result: Worked | LabelingError) -> float | None:
        if self._is_throttled and work.number % 500 == 499:
            self._quiet_until = self._clock.monotonic() + 7.0
        return 5.0 if work.number == self._waits and work.tries < 2 else None

    def quiet_until(self) -> float:
        return self._quiet_until

    def settle(self, work: Work[Worked]) -> None:
        self.settled.append(work.number)

    def save(self, position: str) -> None:
        assert int(position) == self.settled[-1]
        self.saved = len(self.settled)


def entries(after: str) -> Iterator[tuple[str, Listed]]:
    for number in range(int(after or -1) + 1, OBJECTS):
        yield f"{number}", Listed(ObjectRef("oss", "photos", f"{number}"), "", 0)


@pytest.mark.parametrize("waits", [0, 150, 999, OBJECTS - 1])
@pytest.mark.parametrize("is_throttled", [False, True])
def test_more_than_a_window_would_be_begun_beyond_what_is_saved(waits: int, is_throttled: bool) -> None:
    clock = FakeClock()
    job = Slow(clock, waits, is_throttled)
    assert Walking(entries, job, Inline(lambda work: LABELLED), clock).run()
    assert job.settled == list(range(OBJECTS))
    assert (job.saved, job.too_early) == (OBJECTS, 0)
    assert job.furthest <= WINDOW
