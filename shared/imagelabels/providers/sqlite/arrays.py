"""Holds what all labelled rows are found by as arrays in memory, as it was at one moment. It needs numpy."""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy

from imagelabels.providers.sqlite import facets
from imagelabels.providers.sqlite.facets import NumberedWords

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[numpy.bool_]

COMMON = 32
"""An id of more than one row in so many is counted by its bits, which are then fewer than its rows' numbers."""

MANY = 16
"""If more than one row in so many is counted, each id is counted by itself: it takes the same time for any rows."""

SOME = 1000
"""So many rows at once become Python's numbers: a page seldom needs more."""

COUNTS_BITS = hasattr(numpy, "bitwise_count")
"""It came with numpy 2."""


class Arrays:
    """It holds the facets of labelled rows twice: row by row, and for each id the rows that have it.

    Rows are numbered from 0; `images` has their numbers in the file. A flagged number is that of facets.py. Rows whose
    confidences have more than four decimals, and damaged rows, are in `odd` instead.
    """

    def __init__(
        self,
        number: int,
        images: NDArray[numpy.int64],
        sizes: NDArray[numpy.int32],
        flagged: NDArray[Any],
        by_id: tuple[NDArray[numpy.int64], NDArray[numpy.int32], NDArray[numpy.uint16]],
        odd: frozenset[int],
    ) -> None:
        """They are true for the change `number`. `sizes` says how many flagged numbers a row has, and `flagged` has
        them, row by row. `by_id` says how many rows have each flagged number, and has the rows, and their confidences
        in parts, one number after the other."""
        self.number = number
        self.images, self.sizes, self.flagged, self.odd = images, sizes, flagged, odd
        self.times, self.rows, self.parts = by_id
        self.ends = numpy.cumsum(self.times)
        self.starts: NDArray[numpy.int32] = numpy.cumsum(sizes, dtype="i4") - sizes
        self._by_image = numpy.argsort(images, kind="stable")

    @classmethod
    def empty(cls) -> Arrays:
        whole, short = numpy.zeros(0, "i4"), numpy.zeros(0, "u2")
        return cls(0, numpy.zeros(0, "i8"), whole, short, (numpy.zeros(0, "i8"), whole, short), frozenset())

    def places(self, images: Collection[int]) -> NDArray[numpy.int64]:
        """Return the numbers that those of these images have here which are here."""
        asked = numpy.fromiter(images, "i8", len(images))
        if not len(self.images):
            return numpy.zeros(0, "i8")
        near = numpy.searchsorted(self.images, asked, sorter=self._by_image)
        rows = self._by_image[numpy.minimum(near, len(self.images) - 1)]
        there: NDArray[numpy.int64] = rows[self.images[rows] == asked]
        return there

    def matching(self, words: NumberedWords, without: Collection[int]) -> Mask:
        """Tell of each row whether it matches, and is none of the images `without`."""
        masks = [self._having(word) for word in words.wanted]
        mask = masks[0] if masks else numpy.ones(len(self.images), bool)
        for one in masks[1:]:
            mask &= one
        for word in words.unwanted:
            mask &= ~self._having(word)
        mask[self.places(without)] = False
        return mask

    def count(self, mask: Mask) -> int:
        """Count these rows."""
        return int(numpy.count_nonzero(mask))

    def tally(self, mask: Mask) -> dict[int, int]:
        """Count how often each flagged number occurs in these rows."""
        count = self.count(mask)
        if count == len(mask):
            times = self.times
        elif count > len(mask) // MANY and COUNTS_BITS:
            times = self._tally_of_many(mask)
        else:
            times = self._tally_of_few(numpy.flatnonzero(mask))
        there = numpy.flatnonzero(times)
        return dict(zip(there.tolist(), times[there].tolist(), strict=True))

    def ranked(self, words: NumberedWords, mask: Mask, most: float) -> Iterator[tuple[int, float]]:
        """Yield the images of these rows, each with the confidence of the surest label that counts for a wanted word,
        if it is at most `most`. The surest come first."""
        surest = numpy.zeros(len(mask), "u2")
        for word in words.wanted:
            for rows, parts in self._counting(word):
                surest[rows] = numpy.maximum(surest[rows], parts)
        chosen = numpy.flatnonzero(mask)
        chosen = chosen[surest[chosen] / facets.PARTS <= most]
        chosen = chosen[numpy.argsort(facets.PARTS - surest[chosen], kind="stable")]
        for start in range(0, len(chosen), SOME):
            some = chosen[start : start + SOME]
            yield from zip(self.images[some].tolist(), (surest[some] / facets.PARTS).tolist(), strict=True)

    def updated(self, number: int, gone: Collection[int], read: Iterable[tuple[int, bytes, bytes]]) -> Arrays:
        """Return arrays of a later change, without these images, and with the rows that were read."""
        new = _New(read)
        alive = numpy.ones(len(self.images), bool)
        alive[self.places(gone)] = False
        numbers = numpy.cumsum(alive, dtype="i4") - 1
        kept = alive[self.rows]
        order = numpy.argsort(new.flagged, kind="stable")
        first = numpy.count_nonzero(alive)
        rows = numpy.repeat(numpy.arange(first, first + len(new.images), dtype="i4"), new.sizes)[order]
        new_times = numpy.bincount(new.flagged, minlength=len(self.times))
        lost = self._tally_of_few(numpy.flatnonzero(~alive))
        times = numpy.zeros(len(new_times), "i8")
        times[: len(self.times)] = self.times
        times[: len(lost)] -= lost
        # Old rows stay in their order, and the new rows of each id follow them.
        places = numpy.repeat(numpy.cumsum(times), new_times) + numpy.arange(len(order))
        return Arrays(
            number,
            numpy.concatenate([self.images[alive], new.images]),
            numpy.concatenate([self.sizes[alive], new.sizes]),
            numpy.concatenate([self.flagged[numpy.repeat(alive, self.sizes)], new.flagged]),
            (
                times + new_times,
                _inserted(numbers[self.rows[kept]], places, rows),
                _inserted(self.parts[kept], places, new.parts[order]),
            ),
            self.odd.difference(gone) | new.odd,
        )

    def _having(self, word: Mapping[int, float]) -> Mask:
        mask = numpy.zeros(len(self.images), bool)
        for rows, _ in self._counting(word):
            mask[rows] = True
        return mask

    def _counting(self, word: Mapping[int, float]) -> Iterator[tuple[NDArray[numpy.int32], NDArray[numpy.uint16]]]:
        """Yield for each id of a word the rows in which it counts, and its confidences there."""
        for number, least in word.items():
            flags = range(2 * number, min(2 * number + 2, len(self.times)))
            if flags:
                part = slice(self.ends[flags[0]] - self.times[flags[0]], self.ends[flags[-1]])
                rows, parts = self.rows[part], self.parts[part]
                if least > 0:
                    enough = parts >= _least_part(least)
                    rows, parts = rows[enough], parts[enough]
                yield rows, parts

    def _tally_of_few(self, chosen: NDArray[numpy.int64]) -> NDArray[numpy.int64]:
        sizes = self.sizes[chosen]
        ends: NDArray[numpy.int32] = numpy.cumsum(sizes, dtype="i4")
        places: NDArray[numpy.int32] = numpy.repeat(self.starts[chosen] - (ends - sizes), sizes)
        places += numpy.arange(len(places), dtype="i4")
        return numpy.bincount(self.flagged.take(places)) if len(places) else numpy.zeros(0, "i8")

    def _tally_of_many(self, mask: Mask) -> NDArray[numpy.int64]:
        asked, times = _bits(mask), numpy.zeros(len(self.times), "i8")
        common, bits, others, rows = self._by_number
        times[common] = [numpy.bitwise_count(its & asked).sum(dtype="i8") for its in bits]
        times[others] = [numpy.count_nonzero(mask.take(its)) for its in rows]
        return times

    @cached_property
    def _by_number(self) -> tuple[list[int], list[NDArray[numpy.uint64]], list[int], list[NDArray[numpy.int32]]]:
        """Return the flagged numbers of many rows, with a bit for each row, and the others, with the rows of each."""
        is_common = self.times > len(self.images) // COMMON
        common = numpy.flatnonzero(is_common).tolist()
        others = numpy.flatnonzero(~is_common & (self.times > 0)).tolist()
        return common, [_bits(self._mask(one)) for one in common], others, [self._rows(one) for one in others]

    def _rows(self, flagged: int) -> NDArray[numpy.int32]:
        return self.rows[self.ends[flagged] - self.times[flagged] : self.ends[flagged]]

    def _mask(self, flagged: int) -> Mask:
        mask = numpy.zeros(len(self.images), bool)
        mask[self._rows(flagged)] = True
        return mask


class _New:
    """It holds rows as they were read from the file, in the form of Arrays."""

    def __init__(self, read: Iterable[tuple[int, bytes, bytes]]) -> None:
        images, sizes, odd = array("q"), array("i"), set()
        numbers, confidences = bytearray(), bytearray()
        for image, flagged, sure in read:
            if _is_odd(flagged, sure):
                odd.add(image)
                continue
            images.append(image)
            sizes.append(len(flagged) // 4)
            numbers += flagged
            confidences += sure
        self.images, self.sizes, self.odd = numpy.array(images, "i8"), numpy.array(sizes, "i4"), frozenset(odd)
        flagged_numbers = numpy.frombuffer(numbers, "<u4")
        # Short numbers are sorted and gathered faster, since more of them are in the processor's cache.
        is_short = not len(flagged_numbers) or flagged_numbers.max() < 1 << 16
        self.flagged = flagged_numbers.astype("u2" if is_short else "u4")
        self.parts = numpy.frombuffer(confidences, "<u2").astype("u2")


def _is_odd(flagged: object, sure: object) -> bool:
    """Tell whether a row does not fit into arrays. One that is damaged may hold anything."""
    if not isinstance(flagged, bytes) or not isinstance(sure, bytes):
        return True
    # The fourth byte of a number up to facets.LARGEST is zero.
    return 2 * len(sure) != len(flagged) or len(flagged) % 4 != 0 or any(flagged[3::4])


def _inserted(old: NDArray[Any], places: NDArray[numpy.int64], new: NDArray[Any]) -> NDArray[Any]:
    """Return both together, with the new ones at these places."""
    if not len(old):
        return new
    both = numpy.empty(len(old) + len(new), old.dtype)
    is_old = numpy.ones(len(both), bool)
    is_old[places] = False
    both[is_old], both[places] = old, new
    return both


def _bits(mask: Mask) -> NDArray[numpy.uint64]:
    whole = numpy.zeros(-(-len(mask) // 64) * 8, "u1")
    bits = numpy.packbits(mask)
    whole[: len(bits)] = bits
    return whole.view("u8")


def _least_part(least: float) -> int:
    """Return the smallest whole number of parts that is at least so much."""
    part = math.floor(least * facets.PARTS)
    return part if part / facets.PARTS >= least else part + 1
