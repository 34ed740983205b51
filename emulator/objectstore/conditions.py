"""The conditions of a read, such as If-Match, which may also be set for the source of a copy."""

from __future__ import annotations

from emulator.core.refusal import Refusal
from emulator.objectstore import times
from emulator.objectstore.call import Call
from emulator.objectstore.stored import Stored

CONDITIONS = ("if-match", "if-modified-since", "if-none-match", "if-unmodified-since")


def check(call: Call, stored: Stored, prefix: str = "") -> bool:
    """Tell whether the object is to be sent; False means that the answer is 304.

    A condition that fails for another reason than "not modified" raises a Refusal. RFC 9110 gives the order of the
    conditions (13.2.2), and demands that a date that cannot be read counts as absent, and that If-Match compares strong
    ETags alone, while If-None-Match takes a weak one for the strong one with the same text (13.1).
    """
    match, none_match = call.header(prefix + "if-match"), call.header(prefix + "if-none-match")
    if match:
        if not _names(match, stored.etag):
            raise _failed("If-Match")
    elif (since := _date(call.header(prefix + "if-unmodified-since"))) is not None and stored.modified > since:
        raise _failed("If-Unmodified-Since")
    if none_match:
        return not _names(none_match, stored.etag, weak="W/")
    since = _date(call.header(prefix + "if-modified-since"))
    return since is None or stored.modified > since


# Unproven if-range: The stores heed the header If-Range as RFC 9110 says (section 13.1.5).
# Why: no page of either vendor names the header.
# Ask: GET an object with Range: bytes=0-0 and If-Range: "0": the status.
def wanted_range(call: Call, stored: Stored) -> str:
    """Return the Range header, or an empty text if there is none or it does not count.

    With If-Range it counts only for the content that the client has: one with this strong ETag, or with exactly this
    date.
    """
    known = call.header("if-range").strip()
    if not known or known == f'"{stored.etag}"' or _date(known) == stored.modified:
        return call.header("range")
    return ""


def _names(value: str, etag: str, weak: str = "") -> bool:
    """Tell whether a list of ETags names this one. They may come without quotes, which both vendors take."""
    listed = (name.strip().removeprefix(weak) for name in value.split(","))
    return any(name in ("*", etag, f'"{etag}"') for name in listed)


def _date(value: str) -> float | None:
    try:
        return times.from_http(value) if value else None
    except ValueError:
        return None


def _failed(name: str) -> Refusal:
    return Refusal("PreconditionFailed", details={"Condition": name})
