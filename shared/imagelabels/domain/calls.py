"""This module turns a failed call to a vendor into one of our errors, with a message that names the call."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from imagelabels.domain.errors import Gone, Misconfigured, NoBucket, Rejected, Unavailable


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a vendor: its operation, and the permission that the role needs for it. Errors name both."""

    operation: str
    permission: str
    uri: str
    asks: Literal["store", "tags", "labels", "copy"] = "store"
    signed_url: bool = False
    """If this is true, the URL is a secret, so an error may not quote what the vendor said about the request."""
    fenced: bool = False
    """If this is true, the signature was made to end soon. If it has ended, we were slow; the clock is not to blame."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The meaning of a failure: one of our errors, with a reason and advice for the reader.

    In the advice, {permission} stands for the permission that the call needs, {host} for the host that could not be
    reached, and {hint} for what to do about that.
    """

    error: type[Exception]
    reason: str = ""
    advice: str = ""


GONE = Meaning(Gone)
NO_BUCKET = Meaning(NoBucket)
STORE = Meaning(Unavailable, "store_error", "the store failed")
ANSWER = Meaning(Unavailable, "store_error", "the store's answer was cut short or cannot be read")
UNKNOWN = Meaning(Unavailable, "store_error", "the store refused the request with an unknown error code")
NETWORK = Meaning(Unavailable, "store_error", "the connection to the store failed")
UNREACHABLE = Meaning(Unavailable, "store_error", "cannot reach {host} from here{hint}")
UNREACHED = Meaning(Unavailable, "timeout", UNREACHABLE.advice)
PROXY = Meaning(Unavailable, "store_error", "the proxy that HTTP_PROXY or HTTPS_PROXY names refused the request")
TIMEOUT = Meaning(Unavailable, "timeout", "the store did not answer in time")
THROTTLED = Meaning(Unavailable, "throttled", "too many requests")
KEYS_EXPIRED = Meaning(Unavailable, "credentials_expired", "the temporary credentials have expired or do not match")
SIGNATURE_EXPIRED = Meaning(Unavailable, "busy", "the signature had expired: the lease is lost")
CLOCK = Meaning(Unavailable, "store_error", "this machine's clock is too far off the store's: correct it")
FORBIDDEN = Meaning(Misconfigured, "forbidden", "forbidden: give the role {permission} on the bucket")
UNSENDABLE = Meaning(Misconfigured, "forbidden", "a header cannot be sent: check the keys for stray characters")
SDK_REFUSED = Meaning(Misconfigured, "forbidden", "the SDK refused the request")
ARCHIVED = Meaning(Rejected, "archived", "restore the object first")
TAGS_REFUSED = Meaning(Rejected, "tags_refused", "the store refused the tags")
PICTURE_REFUSED = Meaning(Rejected, "detector_refused", "the detector refused the picture")

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""These hosts are this machine, so a request to them is meant for the emulator."""

WORDS = 200
"""An error quotes at most this many characters of a vendor's message."""

_REPEATED = re.compile(
    r"(?:token|authorization|signature|secret)\w{0,20}[\"']?\s*(?:[:=>]|%(?:25)*3[ad])", re.IGNORECASE
)
"""This matches a header, a parameter or an element of a request that holds a key, also in a URL inside a URL."""


def by_the_detector(meaning: Meaning) -> Meaning:
    """Return the meaning that a store's failure has when a detector was called: a store_error is a detector_error."""
    if meaning.reason != "store_error" or meaning is CLOCK:
        return meaning
    return Meaning(Unavailable, "detector_error", meaning.advice)


def raised(meaning: Meaning, call: Call, facts: Iterable[str], words: str, host: str = "", hint: str = "") -> Exception:
    """Return the error to raise. `facts` hold no secret; `words`, the vendor's message, is left out if it might."""
    facts = [fact for fact in facts if fact]
    if host.rpartition(":")[0] in LOOPBACK:
        hint = "; nothing listens there: start the emulator, or correct the IMAGELABELS_ENDPOINT_ variables"
    if words and not call.signed_url and may_be_quoted(words):
        facts.append(f'"{shortened(words)}"')
    advice = meaning.advice.format(permission=call.permission, host=host or "the service", hint=hint) or "not there"
    text = f"{call.operation} {call.uri!r}: {advice} ({', '.join(facts)})"
    if issubclass(meaning.error, Gone):
        return meaning.error(text)
    if meaning.error is Misconfigured:
        return Misconfigured(text, meaning.reason)
    return meaning.error(meaning.reason, text)


def may_be_quoted(words: str) -> bool:
    """Return whether a vendor's message is safe to quote: some servers and proxies repeat the keys that were sent."""
    return not _REPEATED.search(words)


def shortened(words: str) -> str:
    """Return the beginning of a vendor's message as one line, without control characters and cut between words."""
    line = " ".join("".join(char if char.isprintable() else " " for char in words).split())
    if len(line) <= WORDS:
        return line
    return line[: WORDS + 1].rpartition(" ")[0] or line[:WORDS]
