"""Answers in memory which rows match, many times as fast as the rows can be read from the file.

A process that answers questions for a long time keeps the facets of all rows as arrays, about 145 bytes a row. They are
true for one number in the table of changes. Rows that have changed since are left out of the arrays and read from the
file, so each answer is exact, and of one moment, whoever writes. It needs numpy; without it nothing is kept.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from heapq import merge
from typing import TYPE_CHECKING

from imagelabels.providers.sqlite import changes, facets
from imagelabels.providers.sqlite.facets import NumberedWords

if TYPE_CHECKING:
    from imagelabels.providers.sqlite.arrays import Arrays

MANY = 50_000
"""Fewer rows than so many are quickly read from the file."""

CHANGED = 2000
"""When more rows than so many have changed, they are put into the arrays, which takes half a second for a million
rows. Until then, reading so many from the file takes 10 milliseconds."""

PATIENT = 3
"""A process that counts less often than so many times, as a command does, would wait longer for the arrays than for the
answers."""

LONG = 5000
"""When more rows than so many have confidences of more than four decimals, all are looked for in the file."""

DAMAGED = (ValueError, TypeError)
"""Reading the facets of a damaged row raises one of these. Then the answer is looked for in the file, which reads that
row only if the answer needs it."""

_ROWS = "SELECT image, numbers, confidences FROM facets"
_THESE = f"{_ROWS} WHERE image IN (SELECT value FROM json_each(?))"


class Remembered:
    """Keeps the arrays for all threads of a process.

    The connection that is given to its methods must be within a transaction, so that all of its statements see one
    moment. It must have written nothing there: the arrays would keep what may be undone. A method returns None if the
    answer must be looked for in the file.
    """

    def __init__(self, many: int = MANY, changed: int = CHANGED, patient: int = PATIENT) -> None:
        self._many, self._changed, self._patient = many, changed, patient
        self._asked = 0
        self._arrays: Arrays | None = None
        self._making = threading.Lock()

    def tally(
        self, connection: sqlite3.Connection, words: NumberedWords, is_worth_it: Callable[[], bool] = lambda: True
    ) -> tuple[int, Mapping[int, int]] | None:
        """Count the rows that match, and how often each flagged number occurs in them.

        Arrays that are missing are made for a count that `is_worth_it`.
        """
        moment = self._moment(connection, is_worth_it)
        if moment is None:
            return None
        mask = moment.arrays.matching(words, moment.changed)
        total, times = moment.arrays.count(mask), Counter(moment.arrays.tally(mask))
        with suppress(*DAMAGED):
            for _, numbers, _ in moment.others(connection, words):
                total += 1
                times.update(facets.unpacked(numbers))
            return total, times
        return None

    def matching(self, connection: sqlite3.Connection, words: NumberedWords, most: int) -> list[int] | None:
        """Return the images of the rows that match, if they are no more than `most`."""
        moment = self._moment(connection)
        if moment is None:
            return None
        mask = moment.arrays.matching(words, moment.changed)
        if moment.arrays.count(mask) > most:
            return None
        with suppress(*DAMAGED):
            return [*moment.arrays.images[mask].tolist(), *(image for image, *_ in moment.others(connection, words))]
        return None

    def ranked(
        self, connection: sqlite3.Connection, words: NumberedWords, most: float
    ) -> Iterator[tuple[int, float]] | None:
        """Return the images of the rows that match, each with the confidence of the surest label that counts for a
        wanted word, if it is at most `most`. The surest come first."""
        moment = self._moment(connection)
        with suppress(*DAMAGED):
            return moment.ranked(connection, words, most) if moment is not None else None
        return None

    def _moment(self, connection: sqlite3.Connection, is_worth_it: Callable[[], bool] | None = None) -> _Moment | None:
        """Return the arrays with what has changed since. They are made, or made anew, for counts alone."""
        last = changes.last(connection)
        largest, oldest = _extent(connection, last)
        self._asked += is_worth_it is not None
        if largest < self._many or self._asked < self._patient or not _has_numpy():
            return None
        arrays = self._arrays
        if is_worth_it is not None and (arrays is None or not self._is_near(arrays, last, oldest)):
            arrays = self._made(connection, last, oldest, is_worth_it)
        if arrays is None or oldest > arrays.number + 1 or len(arrays.odd) > LONG:
            return None
        if arrays.number > last:
            return None  # Another thread has made them of a later moment than ours.
        return _Moment(arrays, _changed(connection, arrays.number))

    def _is_near(self, arrays: Arrays, last: int, oldest: int) -> bool:
        return last - arrays.number <= self._changed and oldest <= arrays.number + 1

    def _made(
        self, connection: sqlite3.Connection, last: int, oldest: int, is_worth_it: Callable[[], bool]
    ) -> Arrays | None:
        """Bring the arrays up to date, or make them; if another thread is at it, return those that are there."""
        if not self._making.acquire(blocking=False):
            return self._arrays
        try:
            arrays = self._arrays
            if arrays is not None and oldest <= arrays.number + 1:
                if last - arrays.number > self._changed:
                    changed = _changed(connection, arrays.number)
                    arrays = arrays.updated(last, changed, connection.execute(_THESE, (json.dumps([*changed]),)))
            elif is_worth_it():
                from imagelabels.providers.sqlite.arrays import Arrays

                arrays = Arrays.empty().updated(last, (), connection.execute(f"{_ROWS} ORDER BY image"))
            self._arrays = arrays
            return arrays
        finally:
            self._making.release()


@dataclass(frozen=True, slots=True)
class _Moment:
    """It has the arrays, and the images that have changed since."""

    arrays: Arrays
    changed: Collection[int]

    def others(self, connection: sqlite3.Connection, words: NumberedWords) -> Iterator[tuple[int, bytes, bytes]]:
        """Read the rows that match and are not in the arrays."""
        wanted, unwanted = [[facets.word(word) for word in group] for group in (words.wanted, words.unwanted)]
        asked = json.dumps([*self.arrays.odd.union(self.changed)])
        for image, numbers, confidences in connection.execute(_THESE, (asked,)):
            has = [facets.shows(numbers, confidences, word) for word in wanted]
            if all(has) and not any(facets.shows(numbers, confidences, word) for word in unwanted):
                yield image, numbers, confidences

    def ranked(self, connection: sqlite3.Connection, words: NumberedWords, most: float) -> Iterator[tuple[int, float]]:
        """Return what Remembered.ranked returns. The rows that are not in the arrays are read at once."""
        remembered = self.arrays.ranked(words, self.arrays.matching(words, self.changed), most)
        wanted = [facets.word(word) for word in words.wanted]
        others = [
            (image, max(facets.surest(numbers, confidences, word) for word in wanted))
            for image, numbers, confidences in self.others(connection, words)
        ]
        kept = ((image, rank) for image, rank in others if rank <= most)
        return merge(remembered, sorted(kept, key=_surest_first), key=_surest_first)


def _surest_first(place: tuple[int, float]) -> float:
    return -place[1]


def _changed(connection: sqlite3.Connection, number: int) -> set[int]:
    return {image for (image,) in connection.execute("SELECT image FROM changes WHERE number > ?", (number,))}


def _extent(connection: sqlite3.Connection, last: int) -> tuple[int, int]:
    """Return the largest number of a labelled row, and the number of the oldest change that is kept, or the next one's
    if none is."""
    largest, oldest = connection.execute(
        "SELECT (SELECT max(image) FROM facets), (SELECT min(number) FROM changes)"
    ).fetchone()
    return largest or 0, oldest or last + 1


def _has_numpy() -> bool:
    try:
        import numpy  # noqa: F401
    except ImportError:
        return False
    return True
