"""Reads the fields of a rule from JSON. A value that a field does not take is a ValueError that says what it takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

LONGEST = 1000
"""A text may have so many characters."""
MOST = 1_000_000_000
"""No number of a rule may be larger."""

Reader = Callable[[object], Any]


def _number(value: object) -> float:
    """Return a JSON number, or NaN for anything else, which is in no range."""
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST:
        raise ValueError(f"takes a text of up to {LONGEST} characters")
    return value


def _code(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST or not value.isascii() or not value.isprintable():
        raise ValueError("takes the code of an error, such as InternalError")
    return value


def _word(*words: str) -> Reader:
    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"takes {', '.join(words)}")
        return value

    return read


def _whole(lowest: int, highest: int = MOST) -> Reader:
    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            raise ValueError(f"takes a whole number from {lowest} to {highest}")
        return value

    return read


def _share(value: object) -> float:
    if not 0 <= _number(value) <= 1:
        raise ValueError("takes a number from 0 to 1")
    return float(_number(value))


def _rate(value: object) -> float:
    if not 0 <= _number(value) <= MOST:
        raise ValueError("takes a number from 0 up")
    return float(_number(value))


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("takes true or false")
    return value


def seconds_range(value: object) -> tuple[float, float]:
    """Read a number of seconds, or a range of them, as a range."""
    low, high = map(_number, value) if isinstance(value, list) and len(value) == 2 else [_number(value)] * 2
    if not 0 <= low <= high <= MOST:
        raise ValueError("takes a number of seconds from 0 up, or two of them, such as [0, 5]")
    return float(low), float(high)


def offset(value: object) -> tuple[float, float]:
    """Read the number of seconds by which a clock is wrong."""
    if not -MOST <= _number(value) <= MOST:
        raise ValueError("takes a number of seconds, which is negative for a clock that is behind")
    return float(_number(value)), float(_number(value))


READERS: Mapping[str, Reader] = {
    "service": _text,
    "operation": _text,
    "bucket": _text,
    "key": _text,
    "function": _text,
    "event": _text,
    "from": _word("all", "clients", "functions"),
    "share": _share,
    "after": _whole(0),
    "times": _whole(1),
    "at": _whole(1),
    "code": _code,
    "status": _whole(200, 599),
    "body": _yes_or_no,
    "seconds": seconds_range,
    "when": _word("before", "after"),
    "reply": _word("cut", "none"),
    "signature": _word("arrival", "effect"),
    "per_second": _rate,
    "copies": _whole(1, 100),
    "events": _whole(1, 10_000),
    "up_to": _whole(2, 1000),
}
"""What reads the value of each field."""
