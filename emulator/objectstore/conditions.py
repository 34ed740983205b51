"""The conditions of a read, such as If-Match, which may also be set for the source of a copy."""

from __future__ import annotations

from emulator.core.refusal import Refusal
from emulator.objectstore import times
from emulator.objectstore.call import Call
from emulator.objectstore.stored import Stored

CONDITIONS = ("if-match", "if-modified-since", "if-none-match", "if-unmodified-since")


def check(call: Call, stored: Stored, prefix: str = "") -> bool:
    """Tell whether the object is to be sent; False means that the answer is 304.

    A condition that fails for another reason than "not modified" raises a Refusal. A date that cannot be read counts as
    absent, which RFC 9110 demands.
    """
    match, none_match = call.header(prefix + "if-match"), call.header(prefix + "if-none-match")
    if match:
        if not _names(match, stored.etag):
            raise _failed("If-Match")
    elif (since := _date(call.header(prefix + "if-unmodified-since"))) is not None and stored.modified > since:
        raise _failed("If-Unmodified-Since")
    if none_match:
        return not _names(none_match, stored.etag)
    since = _date(call.header(prefix + "if-modified-since"))
    return since is None or stored.modified > since


def _names(value: str, etag: str) -> bool:
    return any(listed.strip() in ("*", etag, f'"{etag}"') for listed in value.split(","))


def _date(value: str) -> float | None:
    try:
        return times.from_http(value) if value else None
    except ValueError:
        return None


def _failed(name: str) -> Refusal:
    return Refusal("PreconditionFailed", details={"Condition": name})
