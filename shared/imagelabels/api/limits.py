"""Limits how often each caller may ask. The limit holds for each instance of the function or server by itself."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

MOST_CALLERS = 10_000
"""So many callers are remembered. The one that has not asked for the longest time is forgotten first."""


class RateLimit:
    """Allows each caller so many requests a minute: a bucket of tokens that fills steadily."""

    def __init__(self, per_minute: int, now: Callable[[], float]) -> None:
        """`now` is a clock in seconds that never goes back."""
        self._per_minute = per_minute
        self._now = now
        self._lock = Lock()
        self._callers: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, caller: str, cost: float = 1.0, counted: bool = True) -> float:
        """Count a request, which may cost less than others, or only look whether it is allowed.

        Return 0, or in how many seconds the caller may ask again if it asked too often.
        """
        now = self._now()
        with self._lock:
            left, at = self._callers.pop(caller, (float(self._per_minute), now))
            left = min(float(self._per_minute), left + (now - at) * self._per_minute / 60)
            allowed = left >= cost
            self._callers[caller] = (left - cost if allowed and counted else left, now)
            if len(self._callers) > MOST_CALLERS:
                self._callers.popitem(last=False)
        return 0.0 if allowed else (cost - left) * 60 / self._per_minute
