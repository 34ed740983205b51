"""The errors of the project; each has a reason of the closed list.

LabelingError
├── BadEvent       not an event we know: the record fails, the others are handled, nothing is retried
├── Rejected       permanent for this content: recorded as skipped (or failed), kept as an answer, never retried
├── Unavailable    temporary (throttled, time-out, 5xx, expired): recorded as waiting, raised: the platform retries
│   └── Damaged    a row of the index cannot be read: lists leave it out, and `reconcile --repair` writes it anew
└── Misconfigured  settings, permissions, unbound project: loud at start, parked at event time
Gone               the object changed or vanished between two calls: look again (never leaves the use case)
└── NoBucket       so did its bucket, or it was never there
"""

from __future__ import annotations

from imagelabels.domain.outcomes import Reason, reason_of


class LabelingError(Exception):
    """Base of everything that we raise on purpose. ValueError for a `reason` that is not on the closed list."""

    def __init__(self, reason: str, message: str = "") -> None:
        self.reason: Reason = reason_of(reason)
        super().__init__(message or str(self.reason))


class BadEvent(LabelingError):
    """The record is not an event that we know; `field` names what is missing or wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__("bad_event", f"{field}: {message}")
        self.field = field


class Rejected(LabelingError):
    """Permanent for this content: asking again would bring the same answer."""


class Unavailable(LabelingError):
    """Temporary: the platform should deliver the event again."""


class Damaged(Unavailable):
    """The index holds something for an object that cannot be read. The message names the row."""

    def __init__(self, message: str) -> None:
        super().__init__("index_error", message)


class Misconfigured(LabelingError):
    """A person must change settings, permissions or a binding; the message names which."""

    def __init__(self, message: str, reason: str = "forbidden") -> None:
        super().__init__(reason, message)


class Gone(Exception):
    """The object is not there, or is no longer the one that we saw (404, 412)."""


class NoBucket(Gone):
    """There is not even a bucket. HEAD answers the same for both: only the other calls tell."""
