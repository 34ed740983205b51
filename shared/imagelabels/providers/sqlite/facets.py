"""What a labelled row is found by, packed into two short values: what counting and a search's conditions read of it."""

from __future__ import annotations

import json
import sqlite3
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

MANY = 20_000
"""Rows from which numpy, where it is installed, is worth being loaded: it counts forty times as fast."""

PARTS = 10_000
"""Vendors' confidences have four decimals at most: a row of such keeps whole numbers, a quarter as long."""


def packed(flagged: Iterable[int], confidences: Iterable[float]) -> tuple[bytes, bytes]:
    """Columns `numbers` and `confidences`, side by side: twice the number of each id, and one more for a category."""
    exact = array("d", confidences)
    parts = [round(PARTS * confidence) for confidence in exact]
    fits = all(0 <= part <= PARTS and part / PARTS == confidence for part, confidence in zip(parts, exact, strict=True))
    short = array("H", parts) if fits else exact
    return _little(array("I", flagged)).tobytes(), _little(short).tobytes()


def unpacked(numbers: bytes) -> array[int]:
    return _little(array("I", numbers))


def tally(numbers: bytes, rows: int) -> Mapping[int, int]:
    """How often each flagged number occurs in `numbers` of so many rows, one behind the other."""
    if rows >= MANY:
        try:
            import numpy
        except ImportError:
            return Counter(unpacked(numbers))
        times = numpy.bincount(numpy.frombuffer(numbers, "<u4"))
        return {int(flagged): int(times[flagged]) for flagged in times.nonzero()[0]}
    return Counter(unpacked(numbers))


def word(least: Mapping[int, float]) -> str:
    """Ids' numbers, each with the least confidence that counts for a word, as `shows` takes them."""
    return json.dumps({f"{number}": least[number] for number in sorted(least)})


def teach(connection: sqlite3.Connection) -> None:
    """The SQL function shows(numbers, confidences, word)."""
    connection.create_function("shows", 3, _shows, deterministic=True)


def _shows(numbers: bytes, confidences: bytes, word: str) -> bool:
    least, is_any_enough = _least(word)
    found = unpacked(numbers)
    if least.keys().isdisjoint(found):
        return False
    if is_any_enough:
        return True
    if len(confidences) == len(found) * 2:
        sure = [part / PARTS for part in _little(array("H", confidences))]
    else:
        sure = list(_little(array("d", confidences)))
    return any(
        flagged in least and confidence >= least[flagged] for flagged, confidence in zip(found, sure, strict=True)
    )


@lru_cache(maxsize=32)
def _least(word: str) -> tuple[dict[int, float], bool]:
    """By flagged number; and whether a row that has one of them has it surely enough."""
    least = {int(number): confidence for number, confidence in json.loads(word).items()}
    return {2 * number + flag: least[number] for number in least for flag in (0, 1)}, not any(least.values())


def _little(words: array) -> array:  # type: ignore[type-arg]
    """The same in the other order of bytes, where this machine's is not the file's."""
    if sys.byteorder == "big":
        words.byteswap()
    return words
