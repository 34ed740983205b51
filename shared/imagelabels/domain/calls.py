"""A call to a vendor: how an error names it, what its failures may mean, and the error of ours that says so."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from imagelabels.domain.errors import Gone, Misconfigured, NoBucket, Rejected, Unavailable


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as an error names it: the vendor's operation, and the permission that the role needs for it."""

    operation: str
    permission: str
    uri: str
    asks: Literal["store", "tags", "labels", "copy"] = "store"
    signed_url: bool = False
    """The URL is a secret: an error may quote nothing of what was sent."""
    fenced: bool = False
    """The signature was made to end soon, so that its end says something about us and not about the clock."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A failure means one of our errors, with a reason and an advice.

    {permission} in the advice is the call's, {host} the one that was not reached, {hint} what to do about that.
    """

    error: type[Exception]
    reason: str = ""
    advice: str = ""


GONE = Meaning(Gone)
NO_BUCKET = Meaning(NoBucket)
STORE = Meaning(Unavailable, "store_error", "the store failed")
ANSWER = Meaning(Unavailable, "store_error", "the store's answer was cut or cannot be read")
UNKNOWN = Meaning(Unavailable, "store_error", "the store refused the request, and its code is not a known one")
NETWORK = Meaning(Unavailable, "store_error", "the connection to the store failed")
UNREACHABLE = Meaning(Unavailable, "store_error", "cannot reach {host} from here{hint}")
UNREACHED = Meaning(Unavailable, "timeout", UNREACHABLE.advice)
PROXY = Meaning(Unavailable, "store_error", "the proxy that HTTP_PROXY or HTTPS_PROXY names did not let it through")
TIMEOUT = Meaning(Unavailable, "timeout", "the store did not answer in time")
THROTTLED = Meaning(Unavailable, "throttled", "too many requests")
KEYS_EXPIRED = Meaning(Unavailable, "credentials_expired", "the temporary credentials have expired or do not match")
SIGNATURE_EXPIRED = Meaning(Unavailable, "busy", "the signature's time was over: the lease is lost")
CLOCK = Meaning(Unavailable, "store_error", "this machine's clock is too far off the store's: set it right")
FORBIDDEN = Meaning(Misconfigured, "forbidden", "forbidden: give the role {permission} on the bucket")
UNSENDABLE = Meaning(Misconfigured, "forbidden", "a header cannot be sent: check the keys for stray characters")
SDK_REFUSED = Meaning(Misconfigured, "forbidden", "the SDK refused the request")
ARCHIVED = Meaning(Rejected, "archived", "restore the object first")
TAGS_REFUSED = Meaning(Rejected, "tags_refused", "the store refused the tags")
PICTURE_REFUSED = Meaning(Rejected, "detector_refused", "the detector refused the picture")

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Hosts on this machine, where only the emulator can be meant."""

WORDS = 200
"""Characters of a vendor's own words that an error quotes."""

_REPEATED = re.compile(r"(?:token|authorization|signature|secret)[\"']?\s*[:=]", re.IGNORECASE)
"""A header or a parameter of a request that holds a key."""


def by_the_detector(found: Meaning) -> Meaning:
    """The same failure where a detector was asked: what would be the store's fault is the detector's."""
    if found.reason != "store_error" or found is CLOCK:
        return found
    return Meaning(Unavailable, "detector_error", found.advice)


def raised(found: Meaning, call: Call, facts: Iterable[str], words: str, host: str = "", hint: str = "") -> Exception:
    """The error to raise. `facts` hold no secret; `words`, the vendor's own, are left out where they might."""
    facts = [fact for fact in facts if fact]
    if host.rpartition(":")[0] in LOOPBACK:
        hint = "; nothing listens there: start the emulator, or correct the IMAGELABELS_ENDPOINT_ variables"
    if words and not call.signed_url and may_be_quoted(words):
        facts.append(f'"{shortened(words)}"')
    advice = found.advice.format(permission=call.permission, host=host or "the service", hint=hint) or "not there"
    text = f"{call.operation} {call.uri!r}: {advice} ({', '.join(facts)})"
    if issubclass(found.error, Gone):
        return found.error(text)
    return Misconfigured(text, found.reason) if found.error is Misconfigured else found.error(found.reason, text)


def may_be_quoted(words: str) -> bool:
    """Whether a vendor's own words repeat none of the keys that were sent, as some servers and proxies do."""
    return not _REPEATED.search(words)


def shortened(words: str) -> str:
    """The first of a vendor's own words, on one line, without control characters, and not cut within a word."""
    line = " ".join("".join(char if char.isprintable() else " " for char in words).split())
    if len(line) <= WORDS:
        return line
    return line[: WORDS + 1].rpartition(" ")[0] or line[:WORDS]
