"""The errors of the project and the closed list of reasons.

LabelingError
├── BadEvent       not an event we know: the record fails, the others are handled, nothing is retried
├── Rejected       permanent for this content: recorded as skipped (or failed), kept as an answer, never retried
├── Unavailable    temporary (throttled, time-out, 5xx, expired): recorded as waiting, raised: the platform retries
└── Misconfigured  settings, permissions, unbound project: loud at start, parked at event time
Gone               the object changed or vanished between two calls: look again (never leaves the use case)
└── NoBucket       so did its bucket, or it was never there
"""

SKIPPED = frozenset(
    {
        "not_image",
        "unsupported_format",
        "too_large",
        "too_many_pixels",
        "too_small",
        "empty",
        "folder_marker",
        "archived",
        "too_costly",
        "corrupt",
        "excluded",
        "symlink",
        "unsignable_key",
        "detector_refused",
    }
)
"""Final for this content."""

PARKED = frozenset({"budget", "forbidden", "detector_unbound"})
"""Waits until a person or a timer lets it go on."""

WAITING = frozenset(
    {
        "throttled",
        "timeout",
        "store_error",
        "detector_error",
        "index_error",
        "busy",
        "unsettled",
        "credentials_expired",
    }
)
"""Raised, so that the platform delivers again."""

FAILED = frozenset({"tags_refused", "bad_event"})
"""A person must act."""


def state_of(reason: str) -> str:
    """The state that a reason belongs to; ValueError for a word that is not on the closed list."""
    for state, reasons in (("skipped", SKIPPED), ("parked", PARKED), ("waiting", WAITING), ("failed", FAILED)):
        if reason in reasons:
            return state
    raise ValueError(f"{reason!r} is not a reason on the closed list")


class LabelingError(Exception):
    """Base of everything that we raise on purpose. `reason` is one of the closed list."""

    def __init__(self, reason: str, message: str = "") -> None:
        state_of(reason)
        super().__init__(message or reason)
        self.reason = reason


class BadEvent(LabelingError):
    """The record is not an event that we know; `field` names what is missing or wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__("bad_event", f"{field}: {message}")
        self.field = field


class Rejected(LabelingError):
    """Permanent for this content: asking again would bring the same answer."""


class Unavailable(LabelingError):
    """Temporary: the platform should deliver the event again."""


class Misconfigured(LabelingError):
    """A person must change settings, permissions or a binding; the message names which."""

    def __init__(self, message: str, reason: str = "forbidden") -> None:
        super().__init__(reason, message)


class Gone(Exception):
    """The object is not there, or is no longer the one that we saw (404, 412)."""


class NoBucket(Gone):
    """There is not even a bucket. HEAD answers the same for both: only the other calls tell."""
