"""This module tells, reads and writes moments in time. It can read every form that we print."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from datetime import datetime, timedelta, timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FIRST, _LAST = -62_135_596_800_000, 253_402_300_799_999
"""The first and the last millisecond that a datetime can tell: those of the years 1 and 9999."""
_MILLISECONDS = re.compile(r"\d{12,15}")
_SECONDS = re.compile(r"\d{9,11}")
_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[Tt ](?P<minute>\d\d:\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r" ?(?P<zone>[Zz]|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)


def now() -> int:
    """Return the time of this machine in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def milliseconds(text: str) -> int:
    """Return the milliseconds since 1970; a moment without a zone is UTC. ValueError says what can be written instead.

    A fraction of a millisecond is cut off, so that a search for everything since a moment includes that moment.
    """
    text = text.strip()
    if text.isascii() and _MILLISECONDS.fullmatch(text):
        return int(text)
    if text.isascii() and _SECONDS.fullmatch(text):
        raise ValueError(
            f"{text} looks like seconds: write milliseconds, {text}000, or a date, {shown(int(text) * 1000)}"
        )
    with suppress(ValueError):
        if parts := _MOMENT.fullmatch(text):
            return (_moment(parts) - _EPOCH) // timedelta(milliseconds=1)
    raise ValueError(f"{text} is no time: write 2026-11-21, 2026-11-21T08:30:15.250Z or milliseconds since 1970")


def moment(milliseconds: int) -> datetime:
    """Return the moment in UTC. The time of a file may lie outside of the years 1 to 9999: it becomes their first or
    last moment."""
    return _EPOCH + timedelta(milliseconds=max(_FIRST, min(milliseconds, _LAST)))


def shown(milliseconds: int) -> str:
    """Return the moment in UTC, to the second, in the form that people read."""
    return f"{moment(milliseconds).isoformat(' ', 'seconds').removesuffix('+00:00')}Z"


def iso(milliseconds: int) -> str:
    """The moment in UTC as ISO 8601 with milliseconds, as JSON for people has it: of two moments the later text is the
    later one."""
    return f"{moment(milliseconds).isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"


def _moment(parts: re.Match[str]) -> datetime:
    # Before Python 3.11, fromisoformat accepts only fractions of three or six digits, and only zones with a colon.
    fraction = timedelta(milliseconds=int((parts["fraction"] or "")[:3].ljust(3, "0")))
    zone = (parts["zone"] or "Z").upper().replace(":", "")
    offset = "+00:00" if zone == "Z" else f"{zone[:3]}:{zone[3:] or '00'}"
    clock = f"{parts['minute'] or '00:00'}:{parts['second'] or '00'}"
    return datetime.fromisoformat(f"{parts['day']}T{clock}{offset}") + fraction
