"""Does what the adapters of all object stores do alike with dates, versions, ranges and missing buckets."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from imagelabels.domain.errors import Gone, Misconfigured, Unavailable
from imagelabels.domain.model import ObjectRef

REFUSALS = (400, 401, 403)
"""An answer to HEAD has no body. Without a code these statuses mean nothing: keys may have expired, the clock may be
off, or a permission may be missing."""


def of_version(version: str | None) -> dict[str, str]:
    """Return the parameters that name a version; none for the present one."""
    return {"versionId": version} if version else {}


def seconds(date: str | None) -> float:
    """Read a header with a date, in seconds since the epoch; ValueError if it is missing or cannot be read."""
    return parsedate_to_datetime(date or "").timestamp()


def utc(moment_text: str) -> float:
    """Read a time as lists and inventories have it, with or without a fraction, such as 2026-03-01T06:45:43.000Z.

    It is returned in seconds since the epoch. ValueError: it is missing or cannot be read.
    """
    moment = datetime.fromisoformat(moment_text.removesuffix("Z"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def skew(date: str | None) -> float:
    """Tell by an answer's Date how many seconds this machine's clock is ahead; 0 without a date."""
    try:
        return time.time() - seconds(date)
    except ValueError:
        return 0.0


def check_length(ref: ObjectRef, data: bytes, length: int) -> None:
    """Raise Unavailable if a range of an object came with another length than was asked for."""
    if len(data) != length:
        raise Unavailable("store_error", f"GetObject {ref.uri!r}: {len(data)} of {length} bytes came")


def no_bucket(error: Gone, bucket: str) -> Misconfigured:
    """Return the error to raise when a list was asked of a bucket that is not there."""
    return Misconfigured(f"{error}: is there a bucket {bucket!r} in this region?")
