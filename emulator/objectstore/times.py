"""The forms in which object stores write moments, which are seconds since the epoch."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache

SAME = 1024
"""So many results are kept. Within a second, and within a listing, the same moments come again and again."""


@lru_cache(SAME)
def iso(seconds: float) -> str:
    """Return a text like 2026-11-21T08:58:21.000Z, or the number itself for a moment that no calendar holds."""
    try:
        return datetime.fromtimestamp(int(seconds), timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    except (OverflowError, ValueError, OSError):
        return str(int(seconds))


@lru_cache(SAME)
def http(seconds: float) -> str:
    """Return a text like Sat, 21 Nov 2026 08:58:21 GMT."""
    return formatdate(int(seconds), usegmt=True)


@lru_cache(SAME)
def day(seconds: float) -> str:
    """Return a text like 20261121."""
    return datetime.fromtimestamp(int(seconds), timezone.utc).strftime("%Y%m%d")


@lru_cache(SAME)
def from_http(value: str) -> float:
    """Read a date in one of the forms of HTTP. ValueError if it is none."""
    try:
        return parsedate_to_datetime(value).timestamp()
    except (TypeError, IndexError, OverflowError) as error:
        raise ValueError(f"not a date: {value!r}") from error


@lru_cache(SAME)
def from_iso(value: str) -> float:
    """Read a moment in the form 2026-11-21T08:58:21.000Z, or with another zone. ValueError if it is none."""
    moment = datetime.fromisoformat(value.removesuffix("Z") + "+00:00" if value.endswith("Z") else value)
    if moment.tzinfo is None:
        raise ValueError(f"no zone: {value!r}")
    try:
        return moment.timestamp()
    except OverflowError as error:
        raise ValueError(f"out of range: {value!r}") from error


@lru_cache(SAME)
def from_compact(value: str) -> float:
    """Read a moment in the form 20261121T085821Z. ValueError if it is none."""
    return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc).timestamp()
