"""The figures of labels that the pages name are those that `imagelabels labels` shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import everyday
from benchmarks.answers import is_graphic
from imagelabels.domain import measured, taxonomy

ROOT = Path(__file__).resolve().parent.parent

ROW = re.compile(
    r"^\| `([a-z-]+)` \| [^|]+ \| ([\d.]+) \([^|]+ of (\d+) \| [^|]+ \| ([\d.]+) \([^|]+ of (\d+) \|$", re.M
)
"""A row of the table of figures: the label, and after each column of before, what is right and what is found."""


def test_the_table_of_figures_would_say_something_else_than_the_command() -> None:
    rows = ROW.findall((ROOT / "docs" / "labels.md").read_text("utf-8"))
    assert len(rows) > 10
    for label_id, right, given, found, there in rows:
        counts = measured.load()[label_id]
        assert (int(given), int(there)) == (counts.given, counts.there), label_id
        assert (right, found) == (f"{counts.right / counts.given:.2f}", f"{counts.right / counts.there:.2f}"), label_id


def test_the_examples_in_the_text_would_be_of_another_measurement() -> None:
    text = " ".join((ROOT / "docs" / "labels.md").read_text("utf-8").split())
    person, graphic = measured.load()["person"], measured.load()["graphic"]
    assert f"`right {person.right} of {person.given}`" in text
    assert f"`found {person.right} of {person.there}`" in text
    assert f"{graphic.right} of the {graphic.there} graphics" in text
    indoor, outdoor = measured.load()["indoor"], measured.load()["outdoor"]
    assert f"`indoor` is right in {indoor.right} of {indoor.given} photos" in text
    assert f"`outdoor` in {outdoor.right} of {outdoor.given}" in text
    readme = " ".join((ROOT / "README.md").read_text("utf-8").split())
    assert f"people in {100 * person.right / person.there:.0f} of 100 photos" in readme
    assert f"tells {100 * graphic.right / graphic.there:.0f} of 100 graphics" in readme


def test_a_label_that_is_often_wrong_would_not_be_named_among_those_that_are() -> None:
    text = " ".join((ROOT / "docs" / "labels.md").read_text("utf-8").split())
    named = re.search(r"these were right less often than in 92 of 100: ([^.]+)\.", text)
    assert named is not None
    often_wrong = {
        (label_id, str(counts.right), str(counts.given))
        for label_id, counts in measured.load().items()
        if counts.given >= 10 and counts.right / counts.given < 0.92
    }
    assert set(re.findall(r"`([a-z-]+)` \((\d+) of (\d+)\)", named[1])) == often_wrong


def test_groups_without_indoor_and_outdoor_would_have_two_figures() -> None:
    """The page has the counts, and the README what they come to."""
    text = " ".join((ROOT / "docs" / "labels.md").read_text("utf-8").split())
    counted = re.search(
        r"Without `indoor` and `outdoor`, (\d+) of (\d+) groups are right .*?, and \1 of (\d+) are found", text
    )
    assert counted is not None
    right, given, there = map(int, counted.groups())
    readme = " ".join((ROOT / "README.md").read_text("utf-8").split())
    expected = f"({100 * right / given:.0f} and {100 * right / there:.0f} without `indoor` and `outdoor`)"
    assert expected in readme


def test_the_list_of_pictures_would_name_others_than_those_that_were_measured() -> None:
    known = taxonomy.load()
    true = [ids for _, _, _, ids in everyday.pictures("score")]
    graphics = [ids for ids in true if any(is_graphic(label_id, known) for label_id in ids)]
    photos = [ids for ids in true if ids not in graphics]
    text = (ROOT / "docs" / "labels.md").read_text("utf-8")
    assert f"measured on {len(photos)} everyday photos" in text
    assert f"and {len(graphics)} graphics" in text
    for label_id, counts in measured.load().items():
        asked = true if is_graphic(label_id, known) else photos
        below = {label_id, *(one for one in known.concepts if label_id in known.ancestors(one))}
        assert sum(not below.isdisjoint(ids) for ids in asked) == counts.there, label_id


@pytest.mark.parametrize("use", ["score", "fit"])
def test_a_picture_would_have_a_path_as_git_quotes_it_under_which_it_is_never_found(use: str) -> None:
    assert [path for _, path, _, _ in everyday.pictures(use) if "\\" in path] == []
