"""Compares the Referer of a request, which names the page that shows an object, with the patterns of a bucket."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 2048
"""Only so many characters of a Referer are looked at, so that anybody's request costs little."""


def begins_like(referer: str, patterns: Iterable[str]) -> bool:
    """Tell whether the Referer begins with what one of the patterns stands for.

    In a pattern * stands for any characters, and ? for one. The time does not grow faster than the two lengths do.
    """
    return any(_begins_like(referer[:LONGEST].lower(), pattern.lower()) for pattern in patterns)


def _begins_like(referer: str, pattern: str) -> bool:
    first, *others = pattern.split("*")
    begin = _compiled(first).match(referer)
    at = begin.end() if begin else -1
    for part in others:
        if at < 0:
            return False
        hit = _compiled(part).search(referer, at)
        at = hit.end() if hit else -1
    return at >= 0


def _compiled(part: str) -> re.Pattern[str]:
    return re.compile("".join("." if char == "?" else re.escape(char) for char in part), re.DOTALL)
