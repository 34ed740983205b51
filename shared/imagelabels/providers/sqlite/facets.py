"""Packs what a labelled row is found by into two short values, which counting and a search's conditions read."""

from __future__ import annotations

import json
import sqlite3
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

MANY = 20_000
"""For so many rows or more, numpy is worth being loaded if it is installed: it counts forty times as fast."""

LARGEST = (1 << 24) - 1
"""Flagged numbers (see `packed`) up to this one are counted in a table. A larger one is damaged, or one of eight
million ids: its row is counted by itself, since the table for a damaged one might need 32 GB."""

PARTS = 10_000
"""Vendors' confidences have four decimals at most: a row of such keeps whole numbers, a quarter as long."""


@dataclass(frozen=True, slots=True)
class NumberedWords:
    """Rows match that have one of the ids of each word in `wanted`, and none in `unwanted`. Each word has its ids'
    numbers with the least confidence that counts."""

    wanted: Sequence[Mapping[int, float]]
    unwanted: Sequence[Mapping[int, float]]


def packed(flagged: Iterable[int], confidences: Iterable[float]) -> tuple[bytes, bytes]:
    """Pack the columns `numbers` and `confidences`, side by side: twice the number of each id, and one more for a
    category."""
    exact = array("d", confidences)
    parts = [round(PARTS * confidence) for confidence in exact]
    fits = all(0 <= part <= PARTS and part / PARTS == confidence for part, confidence in zip(parts, exact, strict=True))
    short = array("H", parts) if fits else exact
    return _little(array("I", flagged)).tobytes(), _little(short).tobytes()


def unpacked(numbers: bytes) -> array[int]:
    return _little(array("I", numbers))


def tally(numbers: bytes, rows: int) -> Mapping[int, int]:
    """Count how often each flagged number occurs in `numbers` of so many rows, one behind the other."""
    if rows >= MANY:
        try:
            import numpy
        except ImportError:
            return Counter(unpacked(numbers))
        every = numpy.frombuffer(numbers, "<u4")
        if every.max(initial=0) <= LARGEST:
            times = numpy.bincount(every)
            return {int(flagged): int(times[flagged]) for flagged in times.nonzero()[0]}
    return Counter(unpacked(numbers))


def word(least: Mapping[int, float]) -> str:
    """Write ids' numbers, each with the least confidence that counts for a word, as `shows` takes them."""
    return json.dumps({f"{number}": least[number] for number in sorted(least)})


def teach(connection: sqlite3.Connection) -> None:
    """Add the SQL function shows(numbers, confidences, word) to a connection."""
    connection.create_function("shows", 3, shows, deterministic=True)


def shows(numbers: bytes, confidences: bytes, word: str) -> bool:
    """Tell whether a row has one of the ids of a word."""
    least, is_any_enough = _least(word)
    found = unpacked(numbers)
    if least.keys().isdisjoint(found):
        return False
    if is_any_enough:
        return True
    sure = _exact(confidences, len(found))
    return any(
        flagged in least and confidence >= least[flagged] for flagged, confidence in zip(found, sure, strict=True)
    )


def surest(numbers: bytes, confidences: bytes, word: str) -> float:
    """Return the confidence of the surest label of a row that counts for a word; 0 if none does."""
    least, _ = _least(word)
    found = unpacked(numbers)
    sure = zip(found, _exact(confidences, len(found)), strict=True)
    return max((one for flagged, one in sure if flagged in least and one >= least[flagged]), default=0.0)


def _exact(confidences: bytes, count: int) -> Sequence[float]:
    if len(confidences) == 2 * count:
        return [part / PARTS for part in _little(array("H", confidences))]
    return _little(array("d", confidences))


@lru_cache(maxsize=32)
def _least(word: str) -> tuple[dict[int, float], bool]:
    """Read a word's least confidences by flagged number, and tell whether any confidence is enough for it."""
    least = {int(number): confidence for number, confidence in json.loads(word).items()}
    return {2 * number + flag: least[number] for number in least for flag in (0, 1)}, not any(least.values())


def _little(words: array) -> array:  # type: ignore[type-arg]
    """Turn the order of the bytes, if this machine's is not the file's."""
    if sys.byteorder == "big":
        words.byteswap()
    return words
