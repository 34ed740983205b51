"""A clock that a test moves, and a client of OSS whose clock goes with it."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager

from tests.emulator.running import sdk_clock


class Clock:
    """It begins at the real time, with which clients sign."""

    def __init__(self) -> None:
        self._begins = self.now = float(int(time.time()))

    def __call__(self) -> float:
        return self.now

    def later(self, seconds: float) -> AbstractContextManager[None]:
        """Move the clock, and let the SDK of OSS sign with it until the end of the block."""
        self.now += seconds
        return sdk_clock(self.now - self._begins)
