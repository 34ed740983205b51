"""Says what happens next to an object, and since when it stands still."""

from __future__ import annotations

from collections.abc import Sequence

from imagelabels.domain.model import EventEntry
from imagelabels.domain.outcomes import PARKED, WAITING, Reason, State

_TIMER = "the timer tries again"
_AGAIN = "then the timer tries again, or `imagelabels redrive` at once"

_PARKED = {
    Reason.BUDGET: f"{_TIMER} when the function's budget allows it: a budget per day begins anew at midnight UTC, one "
    "in all must be raised by a person",
    Reason.FORBIDDEN: f"a person must give the function's role the permission that its log names; {_AGAIN}",
    Reason.DETECTOR_FAILING: "the timer tries again, later and later; `imagelabels redrive` tries at once",
    Reason.DETECTOR_UNBOUND: f"a person must bind the bucket, as `imagelabels attach` does; {_AGAIN}",
}
LOST = (
    "no event has come yet, or it was lost: `imagelabels invoke` or `imagelabels reconcile --repair` labels the picture"
)
"""What happens next to an object of a bucket that nothing is recorded of."""

_SKIPPED = "nothing, until the picture is replaced"
_FAILED = "a person must mend it; then `imagelabels redrive --state failed` tries again"


def next_step(state: str | None, reason: str | None, lock_until: float | None, now: float) -> str:
    """Return what happens next, in words; an empty text where nothing is to be done.

    `reason` is the one that waits beside the row, else the row's own. `lock_until` is the end of the lease of a lock
    that is held, in seconds of the store's clock, as is `now`.
    """
    if lock_until is not None:
        return "a delivery is at work on it" if lock_until >= now else f"the delivery that held it died: {_TIMER}"
    for parked, words in _PARKED.items():
        if reason == parked:
            return words
    if reason in WAITING or state == State.WAITING:
        return f"the platform delivers the event again; when it has given up, {_TIMER}"
    if state == State.FAILED:
        return _FAILED
    if reason == Reason.DETECTOR_REFUSED:
        return f"{_SKIPPED}; `imagelabels redrive --state skipped --again` asks the detector once more"
    return _SKIPPED if state == State.SKIPPED else ""


def stands_since(history: Sequence[EventEntry], reason: str | None) -> int | None:
    """Return when the object began to stand still, in milliseconds since 1970; None if it does not, or if the history,
    which is kept for some days only, does not tell."""
    if reason not in PARKED | WAITING:
        return None
    since = None
    for entry in reversed(history):
        if entry.state not in (State.PARKED, State.WAITING):
            break
        since = entry.at
    return since
