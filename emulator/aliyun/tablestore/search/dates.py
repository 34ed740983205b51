"""Reads the dates of DATE fields, which are held as milliseconds since the epoch.

https://www.alibabacloud.com/help/en/tablestore/types-of-date-data
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from functools import lru_cache

from emulator.aliyun.tablestore.refusal import not_built

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
SECOND = 1000
NUMBERS = {"epoch_millis": 1, "epoch_second": SECOND}
"""Formats of dates that are numbers, and how many milliseconds one of them has."""
# Unproven farthest-date: A date may be 2**62 milliseconds from the epoch, before it or after it.
# Why: the page gives the years 1970 to 2262, and does not tell what becomes of other dates.
# Ask: put rows with -1 and 9223372036854775807 in a DATE field of the format epoch_millis, and Search for them: whether
#   they are there.
FARTHEST = 1 << 62
"""A moment may be so many milliseconds from the epoch, so that sums with it fit into 64 bits."""
PARTS = {
    "yyyy": r"(?P<year>[0-9]{4})",
    "MM": r"(?P<month>[0-9]{2})",
    "dd": r"(?P<day>[0-9]{2})",
    "HH": r"(?P<hour>[0-9]{2})",
    "mm": r"(?P<minute>[0-9]{2})",
    "ss": r"(?P<second>[0-9]{2})",
    "SSS": r"(?P<fraction>[0-9]{3})",
    "XXX": r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})",
}
"""The letters of a format, and what they read. Every number has all of its digits: the vendor's own tests count on it
that yyyy-MM-dd does not read 2022-05-1 (search_index_test, test_queries)."""
TOKEN = re.compile(r"'([^']*)'|([A-Za-z])\2*|[^A-Za-z']")


def milliseconds(value: object, formats: Iterable[str]) -> int | None:
    """Return the moment that a value of a column means in the first format that can read it, or None."""
    for form in formats:
        factor = NUMBERS.get(form)
        if factor is not None:
            if isinstance(value, int) and not isinstance(value, bool) and abs(value * factor) <= FARTHEST:
                return value * factor
        elif isinstance(value, str) and (read := _read(value, form)) is not None:
            return read
    return None


def check(form: str) -> None:
    """Refuse a format that is not built, by name."""
    if form not in NUMBERS:
        _pattern(form)


def _read(text: str, form: str) -> int | None:
    match = _pattern(form).fullmatch(text)
    if match is None:
        return None
    parts = match.groupdict()
    number = {name: int(part) for name, part in parts.items() if part is not None and name != "zone"}
    try:
        moment = datetime(
            number.get("year", 1970),
            number.get("month", 1),
            number.get("day", 1),
            number.get("hour", 0),
            number.get("minute", 0),
            number.get("second", 0),
            number.get("fraction", 0) * 1000,
            timezone.utc,
        )
        ahead = offset(parts.get("zone") or "Z")
    except ValueError:
        return None
    return (moment - EPOCH) // timedelta(milliseconds=1) - ahead


def offset(zone: str) -> int:
    """Return by how many milliseconds a zone as +08:00 is ahead of UTC. ValueError if it has another form."""
    if zone == "Z":
        return 0
    if not re.fullmatch(r"[+-][0-9]{2}:[0-5][0-9]", zone):
        raise ValueError(zone)
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    return (-1 if zone[0] == "-" else 1) * minutes * 60 * SECOND


@lru_cache(maxsize=256)
def _pattern(form: str) -> re.Pattern[str]:
    pattern, seen = "", set[str]()
    for token in TOKEN.finditer(form):
        text = token.group()
        if text.startswith("'"):
            pattern += re.escape(token.group(1) or "'")
        elif not token.group(2):
            pattern += re.escape(text)
        elif text in PARTS and text not in seen:
            seen.add(text)
            pattern += PARTS[text]
        else:
            raise not_built(f"the date format {form}")
    return re.compile(pattern)
