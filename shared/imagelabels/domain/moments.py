"""Moments as people and programs write them: every form that we print is one that we read."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime, timedelta, timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MILLISECONDS = re.compile(r"\d{12,15}")
_SECONDS = re.compile(r"\d{9,11}")
_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[Tt ](?P<minute>\d\d:\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r" ?(?P<zone>[Zz]|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)


def milliseconds(text: str) -> int:
    """Milliseconds since the epoch; a moment without a zone is UTC. ValueError says what can be written instead.

    A fraction of a millisecond is cut off, so that whoever asks for everything since a moment does not miss it.
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


def shown(milliseconds: int) -> str:
    """The moment in UTC to the second, as lines for people have it."""
    return f"{_EPOCH + timedelta(milliseconds=milliseconds // 1000 * 1000):%Y-%m-%d %H:%M:%SZ}"


def iso(milliseconds: int) -> str:
    """The moment in UTC as ISO 8601 with milliseconds, as JSON for people has it: of two moments the later text is the
    later one."""
    return f"{_EPOCH + timedelta(milliseconds=milliseconds):%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03}Z"


def _moment(parts: re.Match[str]) -> datetime:
    # Before Python 3.11 fromisoformat takes fractions of three or six digits only, and no zone without a colon.
    fraction = (parts["fraction"] or "")[:6].ljust(6, "0")
    zone = (parts["zone"] or "Z").upper().replace(":", "")
    offset = "+00:00" if zone == "Z" else f"{zone[:3]}:{zone[3:] or '00'}"
    time = f"{parts['minute'] or '00:00'}:{parts['second'] or '00'}"
    return datetime.fromisoformat(f"{parts['day']}T{time}.{fraction}{offset}")
