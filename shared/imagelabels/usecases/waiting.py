"""Wait for something that another worker holds, for as long as the invocation lives."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from imagelabels.domain.errors import Unavailable
from imagelabels.domain.pauses import growing
from imagelabels.ports import Clock

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
"""Seconds before the first try and between two tries."""

LEAVE = 1.0
"""Waiting ends so many seconds before the platform kills us."""


def until_answered(attempt: Callable[[], T | None], clock: Clock, deadline: float) -> T:
    """The first answer of `attempt` that is not None; Unavailable("busy") when the deadline is near.

    The first try comes after a pause: whoever waits has just been refused.
    """
    pauses = growing(FIRST_PAUSE, LONGEST_PAUSE)
    while True:
        pause = next(pauses)
        if clock.monotonic() + pause > deadline - LEAVE:
            raise Unavailable("busy", "another worker holds this picture, and no time is left to wait for it")
        clock.sleep(pause)
        if (answer := attempt()) is not None:
            return answer
