"""These tests check that the quality figures count what their names say."""

from __future__ import annotations

import pytest

from benchmarks.scoring import (
    JudgedLabel,
    Score,
    Tenth,
    calibration_error,
    counts,
    judged,
    precision,
    recall,
    reliability,
)
from imagelabels.domain import taxonomy
from imagelabels.domain.measured import Measured

KNOWN = taxonomy.load()


def right(labels: dict[str, float], *truth: str) -> dict[str, bool]:
    return {label.id: label.right for label in judged(labels, frozenset(truth), KNOWN).labels}


def test_what_stands_above_the_truth_is_right_and_another_thing_is_wrong() -> None:
    judgements = right({"mammal": 0.9, "dog": 0.8, "cat": 0.1, "pug": 0.7, "vase": 0.2}, "pug")
    assert judgements == {"mammal": True, "dog": True, "cat": False, "pug": True, "vase": False}


def test_what_is_narrower_than_the_truth_is_not_judged() -> None:
    assert right({"mammal": 0.9, "dog": 0.8, "pug": 0.7, "cat": 0.1}, "dog") == {
        "mammal": True,
        "dog": True,
        "cat": False,
    }
    assert right({"dog": 0.8, "pug": 0.7}, "mammal") == {}


def test_beside_a_particular_truth_its_other_narrower_labels_are_wrong() -> None:
    assert right({"beagle": 0.7, "pug": 0.3}, "pug", "dog") == {"beagle": False, "pug": True}


def test_a_narrower_label_that_is_marked_as_wrong_counts_as_wrong() -> None:
    assert right({"person": 0.9, "wedding": 0.8}, "person", "!wedding") == {"person": True, "wedding": False}
    assert right({"mammal": 0.9, "dog": 0.8, "pug": 0.7}, "mammal", "!dog") == {
        "mammal": True,
        "dog": False,
        "pug": False,
    }


def test_a_label_that_is_not_judged_is_neither_right_nor_wrong_nor_missing() -> None:
    assert right({"person": 0.9, "mammal": 0.8, "dog": 0.7}, "person", "?mammal") == {"person": True}
    assert judged({}, frozenset({"?mammal"}), KNOWN).true == frozenset()


def test_a_label_that_is_surely_wrong_would_not_count_because_a_wider_one_is_not_judged() -> None:
    labels = {"mammal": 0.9, "dog": 0.8, "pug": 0.7, "cat": 0.6}
    assert right(labels, "?mammal", "!dog") == {"dog": False, "pug": False}


def test_precision_is_of_what_was_said_and_recall_of_what_is_true() -> None:
    photos = [
        judged({"mammal": 0.9, "person": 0.8}, frozenset({"dog"}), KNOWN),
        judged({"mammal": 0.6}, frozenset({"cat", "person"}), KNOWN),
    ]
    among = frozenset({"mammal", "person"})
    assert precision(photos, among, 0.7) == Score(1, 2)
    assert recall(photos, among, 0.7) == Score(1, 3)
    assert precision(photos, among, 0.6) == Score(2, 3)
    assert recall(photos, among, 0.6) == Score(2, 3)
    assert precision(photos, frozenset({"dog"}), 0.1) is None
    assert recall(photos, frozenset({"dog"}), 0.1) == Score(0, 1)
    assert recall(photos, frozenset({"vase"}), 0.1) is None


def test_few_photos_make_a_wide_interval() -> None:
    # These are Wilson's intervals for 8 of 10 and for 10 of 10, as tables show them.
    some, every = Score(8, 10), Score(10, 10)
    assert (some.share, some.least, some.most) == pytest.approx((0.8, 0.490, 0.943), abs=0.001)
    assert (every.share, every.least, every.most) == pytest.approx((1, 0.722, 1), abs=0.001)


def test_labels_fall_into_the_tenth_that_their_confidence_says() -> None:
    labels = [
        JudgedLabel("dog", 2, confidence, is_right) for confidence, is_right in ((0.7, True), (0.75, False), (1, True))
    ]
    assert reliability(labels) == [Tenth(0.7, 2, 0.725, 0.5), Tenth(0.9, 1, 1, 1)]
    edges = [step / 10 for step in range(10)]
    assert [tenth.least for tenth in reliability(JudgedLabel("dog", 2, edge, True) for edge in edges)] == edges


def test_the_error_of_confidences_weighs_each_label_alike() -> None:
    assert calibration_error([Tenth(0.7, 3, 0.75, 0.5), Tenth(0.9, 1, 0.95, 1)]) == pytest.approx(0.2)
    assert calibration_error([]) == 0


def test_counts_tell_how_often_a_label_was_given_how_often_it_was_right_and_how_often_it_is_there() -> None:
    photos = [
        judged({"mammal": 0.9, "dog": 0.7}, frozenset({"cat"}), KNOWN),
        judged({"mammal": 0.6}, frozenset({"dog"}), KNOWN),
    ]
    assert counts(photos, 0.7) == {
        "mammal": Measured(1, 1, 2),
        "dog": Measured(0, 1, 1),
        "cat": Measured(0, 0, 1),
    }
