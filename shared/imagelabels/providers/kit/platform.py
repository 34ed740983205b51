"""Says what the failures of all function platforms mean, and how long an invocation may take."""

from __future__ import annotations

import re

from imagelabels.domain import calls
from imagelabels.domain.calls import Meaning
from imagelabels.domain.errors import Misconfigured, Rejected, Unavailable

CONNECT = 3.0
"""The connection to the platform must be there after so many seconds."""

ACCEPT = 30.0
"""The platform must have accepted an event after so many seconds. It does not wait for the function."""

FAILED = Meaning(Unavailable, "store_error", "the platform failed")
ANSWER = Meaning(Unavailable, "store_error", "the platform's answer was cut short or cannot be read")
UNKNOWN = Meaning(Unavailable, "store_error", "the platform refused the request with an unknown error code")
NETWORK = Meaning(Unavailable, "store_error", "the connection to the platform failed")
TIMEOUT = Meaning(
    Unavailable, "timeout", "the platform did not answer in time; the function may be running all the same"
)
THROTTLED = Meaning(Unavailable, "throttled", "too many invocations at once, or too many requests: try again later")
CLOCK = Meaning(Unavailable, "store_error", "this machine's clock is too far off the platform's: correct it")
FORBIDDEN = Meaning(Misconfigured, "forbidden", "forbidden: give the owner of the keys {permission} on the function")
TOO_LARGE = Meaning(Rejected, "too_large", "the event is too long for the platform")

_OURS = {
    calls.STORE: FAILED,
    calls.ANSWER: ANSWER,
    calls.UNKNOWN: UNKNOWN,
    calls.NETWORK: NETWORK,
    calls.TIMEOUT: TIMEOUT,
    calls.CLOCK: CLOCK,
}


def by_the_platform(meaning: Meaning) -> Meaning:
    """Return the meaning that a store's failure has when a function platform was called."""
    return _OURS.get(meaning, meaning)


def checked(function: str, pattern: str, form: str) -> str:
    """Return the function's name; Misconfigured if it is not written in the form that the pattern matches."""
    if not re.fullmatch(pattern, function, re.ASCII):
        raise Misconfigured(f"{function!r} is no name of a function here: write {form}")
    return function
