"""Limits the calls per second that the threads of one instance make together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Pace:
    """It gives out turns that are at least 1/`per_second` apart."""

    def __init__(
        self,
        per_second: float,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._apart, self._monotonic, self._sleep = 1 / per_second, monotonic, sleep
        self._lock, self._free = threading.Lock(), 0.0

    def turn(self, until: float) -> bool:
        """Wait for a turn; return False at once if none comes before `until`, on the monotonic clock."""
        with self._lock:
            now = self._monotonic()
            mine = max(now, self._free)
            if mine > until:
                return False
            self._free = mine + self._apart
        if mine > now:
            self._sleep(mine - now)
        return True
