"""Moments as OSS writes them; all are seconds since the epoch, in UTC."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache

SAME = 1024
"""Results kept: within a second, and within a list, the same moments come again and again."""


@lru_cache(SAME)
def iso(seconds: float) -> str:
    """As 2026-11-21T08:58:21.000Z; what no calendar holds as a number."""
    try:
        return datetime.fromtimestamp(int(seconds), timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    except (OverflowError, ValueError, OSError):
        return str(int(seconds))


@lru_cache(SAME)
def http(seconds: float) -> str:
    """As Sat, 21 Nov 2026 08:58:21 GMT."""
    return formatdate(int(seconds), usegmt=True)


def day(seconds: float) -> str:
    """The date is written like 20261121."""
    return datetime.fromtimestamp(int(seconds), timezone.utc).strftime("%Y%m%d")


@lru_cache(SAME)
def from_http(value: str) -> float:
    """ValueError for what is not a date."""
    try:
        return parsedate_to_datetime(value).timestamp()
    except (TypeError, IndexError, OverflowError) as error:
        raise ValueError(f"not a date: {value!r}") from error


@lru_cache(SAME)
def from_compact(value: str) -> float:
    """Of 20261121T085821Z; ValueError for anything else."""
    return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc).timestamp()
