"""Arrays count and rank rows as a plain loop over the rows does."""

from __future__ import annotations

import random
from collections import Counter

import numpy
import pytest

from imagelabels.providers.sqlite import arrays, facets
from imagelabels.providers.sqlite.arrays import Arrays
from imagelabels.providers.sqlite.facets import NumberedWords

Row = tuple[int, bytes, bytes]
Words_ = dict[int, float]
NUMBERS = range(1, 41)
SHARES = {number: 1.2 / number for number in NUMBERS}
"""The first ids are on nearly all rows, the last ones on few."""


def row(dice: random.Random, image: int) -> Row:
    numbers = [number for number in NUMBERS if dice.random() < SHARES[number]]
    flagged = [2 * number + dice.choice((0, 1)) for number in numbers]
    return image, *facets.packed(flagged, [round(dice.random(), 2) for _ in numbers])


class Rows:
    """Rows, and arrays of the same rows."""

    def __init__(self) -> None:
        self.dice = random.Random(3)
        self.there: dict[int, Row] = {}
        self.arrays = Arrays.empty()

    def change(self, written: list[int], gone: list[int]) -> None:
        new = [row(self.dice, image) for image in written]
        for image in (*written, *gone):
            self.there.pop(image, None)
        self.there |= {one[0]: one for one in new}
        self.arrays = self.arrays.updated(self.arrays.number + 1, {*written, *gone}, new)

    def check(self, wanted: list[Words_], unwanted: list[Words_], without: set[int]) -> None:
        words = NumberedWords(wanted, unwanted)
        kept = [
            one
            for one in self.there.values()
            if one[0] not in without
            and all(facets.shows(*one[1:], facets.word(word)) for word in wanted)
            and not any(facets.shows(*one[1:], facets.word(word)) for word in unwanted)
        ]
        mask = self.arrays.matching(words, without)
        assert sorted(self.arrays.images[mask].tolist()) == sorted(one[0] for one in kept)
        assert self.arrays.count(mask) == len(kept)
        assert self.arrays.tally(mask) == Counter(flagged for one in kept for flagged in facets.unpacked(one[1]))
        if wanted:
            ranks = [(one[0], max(facets.surest(*one[1:], facets.word(word)) for word in wanted)) for one in kept]
            for most in (1.0, 0.57):
                ranked = list(self.arrays.ranked(words, mask, most))
                assert sorted(ranked) == sorted(rank for rank in ranks if rank[1] <= most)
                assert [rank for _, rank in ranked] == sorted((rank for _, rank in ranked), reverse=True)

    def check_all(self) -> None:
        some = set(list(self.there)[:20])
        for number in (1, 2, 7, 20, 40, 41):
            self.check([{number: 0.0}], [], set())
            self.check([{number: 0.57, 3: 0.0}], [{4: 0.9}], some)
        self.check([{1: 0.0}, {2: 0.3, 5: 0.0}], [], some)
        self.check([], [{40: 0.0}], set())
        self.check([], [], set())
        self.check([], [], some)


@pytest.fixture
def rows() -> Rows:
    made = Rows()
    made.change(list(range(10, 510)), [])
    return made


@pytest.mark.parametrize("counts_bits", [True, False])
def test_arrays_count_and_rank_what_a_loop_does(counts_bits: bool, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "COUNTS_BITS", counts_bits and arrays.COUNTS_BITS)
    rows.check_all()


def test_arrays_stay_true_when_rows_change_come_and_go(rows: Rows) -> None:
    for start in range(0, 60, 7):
        rows.change(written=[start, start + 200, 600 - start], gone=[start + 20, start + 100, 1000 + start])
        rows.check_all()


def test_arrays_may_lose_all_their_rows(rows: Rows) -> None:
    rows.change(written=[], gone=list(rows.there))
    rows.check_all()
    rows.change(written=[5], gone=[])
    rows.check_all()


def test_rows_with_long_confidences_are_named_instead() -> None:
    long = (7, *facets.packed([2], [0.123456]))
    made = Arrays.empty().updated(1, (), [long, (8, *facets.packed([2], [0.5]))])
    assert made.images.tolist() == [8]
    assert made.odd == {7}
    made = made.updated(2, {7, 8}, [(7, *facets.packed([2], [0.5])), (8, *facets.packed([2], [0.123456]))])
    assert made.images.tolist() == [7]
    assert made.odd == {8}


def test_a_damaged_row_does_not_shift_the_others() -> None:
    made = Arrays.empty().updated(1, (), [(7, b"\2\0\0\0\2\0", b"\0\0\0"), (8, *facets.packed([4], [0.5]))])
    assert made.odd == {7}
    assert made.tally(numpy.ones(1, bool)) == {4: 1}


def test_numbers_that_need_a_table_of_more_memory_are_named_instead() -> None:
    largest = facets.packed([facets.LARGEST], [0.5])
    made = Arrays.empty().updated(1, (), [(7, *largest), (8, *facets.packed([facets.LARGEST + 1], [0.5]))])
    assert made.odd == {8}
    assert made.tally(numpy.ones(1, bool)) == {facets.LARGEST: 1}


def test_more_numbers_than_two_bytes_hold_are_kept() -> None:
    made = Arrays.empty().updated(1, (), [(1, *facets.packed([70_000], [0.5]))])
    made = made.updated(2, (), [(2, *facets.packed([2, 70_001], [0.5, 0.25]))])
    assert made.tally(numpy.ones(2, bool)) == {2: 1, 70_000: 1, 70_001: 1}
    assert list(made.ranked(NumberedWords([{35_000: 0.0}], []), numpy.ones(2, bool), 1.0)) == [(1, 0.5), (2, 0.25)]
