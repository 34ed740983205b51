"""Two values say exactly what a row is found by, and how surely."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing

import pytest

from imagelabels.providers.sqlite import facets

SHORT = (0.0, 0.5, 0.934, 0.9341, 1.0)
LONG = (0.1 + 0.2, 0.93412345, 1.0)


def _is_shown(confidences: tuple[float, ...], at: int, least: float, flag: int = 0) -> bool:
    """Whether the id at that place counts for a word that wants it to be so sure."""
    row = facets.packed([2 * number + flag for number in range(len(confidences))], confidences)
    with closing(sqlite3.connect(":memory:")) as connection:
        facets.teach(connection)
        answer = connection.execute("SELECT shows(?, ?, ?)", (*row, facets.word({at: least, 70: 0.0}))).fetchone()
    return bool(answer == (1,))


@pytest.mark.parametrize("confidences", [SHORT, LONG], ids=["few digits", "many digits"])
@pytest.mark.parametrize("flag", [0, 1], ids=["label", "category"])
def test_a_confidence_is_compared_to_its_last_digit(confidences: tuple[float, ...], flag: int) -> None:
    for at, confidence in enumerate(confidences):
        assert _is_shown(confidences, at, confidence, flag)
        assert not _is_shown(confidences, at, confidence + 1e-12, flag)


def test_a_row_without_labels_shows_nothing_and_is_no_error() -> None:
    assert not _is_shown((), 0, 0.0)


def test_what_is_as_sure_as_few_digits_say_takes_a_quarter_of_the_place() -> None:
    lengths = [len(facets.packed(range(3), confidences)[1]) for confidences in (SHORT[:3], LONG)]
    assert lengths == [6, 24]


@pytest.mark.parametrize("numpy", [True, False])
def test_many_rows_are_counted_as_few_with_numpy_and_without_it(numpy: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not numpy:
        monkeypatch.setitem(sys.modules, "numpy", None)
    numbers = b"".join(facets.packed([2 * (row % 700) + 1, 2, row % 5], [0.5, 0.5, 0.5])[0] for row in range(3000))
    many = facets.tally(numbers, facets.MANY)
    assert many == facets.tally(numbers, 3000)
    assert sum(many.values()) == 9000
    assert (many[2], many[4]) == (3600, 600)
    assert facets.tally(b"", facets.MANY) == {}
    damaged = facets.packed([4_000_000_000], [0.5])[0]  # A table up to this number would need 32 GB.
    assert facets.tally(numbers + damaged, facets.MANY) == {**many, 4_000_000_000: 1}
