"""The one clock that counts: the store's, read from its answers and carried on by this machine's monotonic clock."""

from __future__ import annotations

from imagelabels.domain.model import Look
from imagelabels.ports import Clock

RESOLUTION = 1.0
"""Seconds: an HTTP Date is cut to whole seconds, so the true time is up to this much later than `now()`."""


class StoreTime:
    """Shared by the events of an instance; instances whose own clocks differ do no harm to each other."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset: float | None = None

    @property
    def known(self) -> bool:
        """False until the store has answered once."""
        return self._offset is not None

    def observe(self, look: Look) -> Look:
        """Set the clock by an answer that came just now, and hand it on."""
        self._offset = look.date - self._clock.monotonic()
        return look

    def now(self) -> float:
        """Seconds since the epoch at the store: never late by more than RESOLUTION and the answer's way here.

        Until the store has answered, what this machine thinks it is: good for a note, not for taking a lock away.
        """
        if self._offset is None:
            return self._clock.time()
        return self._clock.monotonic() + self._offset

    def at(self, monotonic: float) -> float:
        """The store's time, rounded up, at a moment of the local monotonic clock."""
        return self.now() + RESOLUTION + monotonic - self._clock.monotonic()
