"""Time on this machine."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Time on this machine, for waiting and for measuring how long ago the store told its own."""

    def monotonic(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...
    def time(self) -> float: ...
