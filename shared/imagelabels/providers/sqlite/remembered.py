"""Counts in memory what many rows are found by, many times as fast as the rows can be read from the file.

A process that answers questions for a long time keeps the facets of all rows as arrays, about a hundred bytes a row.
They are true for one number in the table of changes. Rows that have changed since are left out of the arrays and read
from the file, so each count is exact, and of one moment, whoever writes. It needs numpy; without it nothing is kept.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imagelabels.providers.sqlite import facets

if TYPE_CHECKING:
    import numpy

MANY = 50_000
"""Fewer rows than so many are quickly read from the file."""

CHANGED = 5000
"""When more rows than so many have changed, the arrays are made anew, which takes about two seconds a million rows."""


PATIENT = 3
"""A process that asks fewer questions than so many, as a command does, would wait longer for the arrays than for the
answers."""


@dataclass(frozen=True, slots=True)
class Words:
    """Rows are counted that have one of the ids of each word in `wanted`, and none in `unwanted`. Each word has its
    ids' numbers with the least confidence that counts."""

    wanted: Sequence[Mapping[int, float]]
    unwanted: Sequence[Mapping[int, float]]


class _Arrays:
    """The facets of all rows as they were behind the change `number`, once by row and once by id.

    Rows are numbered from 0. Those whose confidences have more than four decimals are in `odd` instead.
    """

    def __init__(self, connection: sqlite3.Connection, number: int) -> None:
        import numpy

        self.number = number
        self.odd: list[int] = []
        images, sizes, numbers, parts = [], [], [], []
        for image, flagged, sure in connection.execute("SELECT image, numbers, confidences FROM facets ORDER BY image"):
            if 2 * len(sure) != len(flagged):
                self.odd.append(image)
                continue
            images.append(image)
            sizes.append(len(flagged) // 4)
            numbers.append(flagged)
            parts.append(sure)
        self.images = numpy.array(images, "i8")
        self.sizes = numpy.array(sizes, "i4")
        self.starts = numpy.cumsum(self.sizes, dtype="i4") - self.sizes
        flagged = numpy.frombuffer(b"".join(numbers), "<u4")
        # Short numbers are sorted and gathered faster, since more of them are in the processor's cache.
        self.flagged = flagged.astype("u2") if len(flagged) and flagged.max() < 1 << 16 else flagged
        order = numpy.argsort(self.flagged // 2, kind="stable")
        self.rows = numpy.repeat(numpy.arange(len(images), dtype="i4"), self.sizes)[order]
        self.parts = numpy.frombuffer(b"".join(parts), "<u2")[order]
        self.ends = numpy.cumsum(numpy.bincount(self.flagged // 2, minlength=1))

    def having(self, word: Mapping[int, float]) -> numpy.ndarray[Any, Any]:
        """Tell of each row whether it has one of the ids."""
        import numpy

        mask = numpy.zeros(len(self.images), bool)
        for number, least in word.items():
            if number < len(self.ends):
                part = slice(self.ends[number - 1] if number else 0, self.ends[number])
                mask[self.rows[part][self.parts[part] >= _least_part(least)]] = True
        return mask

    def tally(self, mask: numpy.ndarray[Any, Any]) -> tuple[int, Counter[int]]:
        """Count these rows, and how often each flagged number occurs in them."""
        import numpy

        chosen = numpy.flatnonzero(mask)
        sizes = self.sizes[chosen]
        ends = numpy.cumsum(sizes, dtype="i4")
        if len(chosen) == len(mask):
            flagged = self.flagged
        else:
            places = numpy.repeat(self.starts[chosen] - (ends - sizes), sizes)
            places += numpy.arange(len(places), dtype="i4")
            flagged = self.flagged.take(places)
        times = numpy.bincount(flagged) if len(flagged) else numpy.zeros(0, int)
        return len(chosen), Counter({int(one): int(times[one]) for one in times.nonzero()[0]})


class Remembered:
    """Keeps the arrays for all threads of a process."""

    def __init__(self, many: int = MANY, changed: int = CHANGED, patient: int = PATIENT) -> None:
        self._many, self._changed, self._patient = many, changed, patient
        self._asked = 0
        self._arrays: _Arrays | None = None

    def tally(self, connection: sqlite3.Connection, words: Words) -> tuple[int, Counter[int]] | None:
        """Count the rows that match, and how often each flagged number occurs in them; None: count in the file.

        The connection must be within a transaction, so that all of its statements see one moment.
        """
        last = _last(connection)
        largest, oldest = _extent(connection, last)
        self._asked += 1
        if largest < self._many or self._asked < self._patient or not _has_numpy():
            return None
        arrays = self._arrays
        if arrays is not None and arrays.number > last:
            return None  # Another thread has made them of a later moment than ours.
        if arrays is None or last - arrays.number > self._changed or oldest > arrays.number + 1:
            self._arrays = arrays = _Arrays(connection, last)
        return _counted(connection, arrays, words)


def _counted(connection: sqlite3.Connection, arrays: _Arrays, words: Words) -> tuple[int, Counter[int]]:
    import numpy

    changed = {image for (image,) in connection.execute("SELECT image FROM changes WHERE number > ?", (arrays.number,))}
    masks = [arrays.having(word) for word in words.wanted]
    mask = numpy.logical_and.reduce(masks) if masks else numpy.ones(len(arrays.images), bool)
    for word in words.unwanted:
        mask &= ~arrays.having(word)
    if changed:
        stale = numpy.fromiter(changed, "i8", len(changed))
        mask &= ~numpy.isin(arrays.images, stale)
    total, times = arrays.tally(mask)
    wanted, unwanted = [facets.word(word) for word in words.wanted], [facets.word(word) for word in words.unwanted]
    for numbers, confidences in connection.execute(
        "SELECT numbers, confidences FROM facets WHERE image IN (SELECT value FROM json_each(?))",
        (json.dumps([*changed, *(image for image in arrays.odd if image not in changed)]),),
    ):
        has = [facets.shows(numbers, confidences, word) for word in wanted]
        if all(has) and not any(facets.shows(numbers, confidences, word) for word in unwanted):
            total += 1
            times.update(facets.unpacked(numbers))
    return total, times


def _least_part(least: float) -> int:
    """Return the smallest whole number of parts that is at least so much."""
    part = math.floor(least * facets.PARTS)
    return part if part / facets.PARTS >= least else part + 1


def _extent(connection: sqlite3.Connection, last: int) -> tuple[int, int]:
    """Return the largest number of a labelled row, and the number of the oldest change that is kept, or the next one's
    if none is."""
    largest, oldest = connection.execute(
        "SELECT (SELECT max(image) FROM facets), (SELECT min(number) FROM changes)"
    ).fetchone()
    return largest or 0, oldest or last + 1


def _last(connection: sqlite3.Connection) -> int:
    found = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").fetchone()
    return int(found[0]) if found is not None else 0


def _has_numpy() -> bool:
    try:
        import numpy  # noqa: F401
    except ImportError:
        return False
    return True
