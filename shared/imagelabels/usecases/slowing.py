"""Lets a walk rest while a service is throttled."""

from __future__ import annotations

from imagelabels.domain.pauses import growing
from imagelabels.ports import Clock

MOST_THROTTLED = 5
"""After so many throttled objects in a row nothing is begun for a while."""

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 30.0
"""Seconds of that while, which grow."""


class Slowing:
    """It counts throttled objects in a row."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._throttled = clock, 0
        self._pauses = growing(FIRST_PAUSE, LONGEST_PAUSE)
        self.until = 0.0
        """Nothing is begun before this moment on the monotonic clock."""

    def hear(self, is_throttled: bool) -> None:
        """Take in how the work on an object ended."""
        if not is_throttled:
            self._throttled, self._pauses = 0, growing(FIRST_PAUSE, LONGEST_PAUSE)
            return
        self._throttled += 1
        if self._throttled >= MOST_THROTTLED:
            self._throttled = 0
            self.until = self._clock.monotonic() + next(self._pauses)
