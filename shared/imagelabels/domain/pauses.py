"""Pauses between attempts: each is twice as long as the one before, so that a busy service gets more and more room.

A content for which the detector was called in vain rests in the same way, since such calls may be billed too.
"""

from __future__ import annotations

from collections.abc import Iterator

from imagelabels.domain.model import Answer
from imagelabels.domain.outcomes import Reason

MOST_FAILURES = 3
"""After so many billed calls without an answer the content rests. A cloud delivers a failed event two or three times
again within minutes: a short trouble of the detector is over by then, one with the picture itself is not."""

FIRST_REST, LONGEST_REST = 3600.0, 86_400.0
"""Seconds of the first rest, which each further failure doubles, and of the longest one. So a picture that is never
answered for costs a call a day, and one is labelled within a day after the detector works again."""

IN_VAIN = frozenset({Reason.TIMEOUT, Reason.DETECTOR_ERROR})
"""A call that ended so may have been billed, and says nothing about what comes of the next one. A throttled call is
counted by the budget, but the picture has no part in it."""


def growing(first: float, longest: float) -> Iterator[float]:
    """Yield seconds without an end: `first`, twice that, and so on, but never more than `longest`."""
    pause = first
    while True:
        yield pause
        pause = min(2 * pause, longest)


def rest_until(failures: int, now: float) -> int | None:
    """Return until when a content rests after so many failures in a row, in milliseconds since 1970; None if it may be
    asked about at once."""
    if failures < MOST_FAILURES:
        return None
    longer = 2.0 ** min(failures - MOST_FAILURES, 16)  # A count of any size stays cheap.
    return round(1000 * (now + min(FIRST_REST * longer, LONGEST_REST)))


def rests(failed: Answer, now: float) -> bool:
    """Tell whether the content still rests."""
    return failed.rests_until is not None and failed.rests_until > 1000 * now
