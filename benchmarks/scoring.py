"""This module compares labels with the truth: precision, recall, and how well confidences predict right labels."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.truth import UNJUDGED, WRONG
from imagelabels.domain.measured import Measured
from imagelabels.domain.taxonomy import Taxonomy

Z = 1.96
"""A 95 % interval reaches this many standard deviations to both sides."""


@dataclass(frozen=True, slots=True)
class JudgedLabel:
    """A label that a detector gave to a photo, and whether it is right."""

    id: str
    level: int
    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class JudgedPhoto:
    """The labels of a photo that can be judged, and all ids that are true for it."""

    labels: tuple[JudgedLabel, ...]
    true: frozenset[str]


def judged(labels: Mapping[str, float], truth: frozenset[str], taxonomy: Taxonomy) -> JudgedPhoto:
    """Judge `labels`, which are confidences by id.

    Labels that are narrower than the truth are left out, because `dog` does not say whether the dog is a pug. A mark in
    the truth holds for its label and for all labels below it, up to the next mark: those marked as wrong are wrong, and
    those marked as not judged are left out.
    """
    marks = {marked[1:]: marked[0] for marked in truth if marked.startswith((WRONG, UNJUDGED))}
    truth = frozenset(true_id for true_id in truth if not true_id.startswith((WRONG, UNJUDGED)))
    true = truth.union(*(taxonomy.ancestors(true_id) for true_id in truth))
    narrowest = truth.difference(*(taxonomy.ancestors(true_id) for true_id in truth))
    judged_labels = []
    for label_id, confidence in labels.items():
        above = taxonomy.ancestors(label_id)
        mark = next((marks[marked] for marked in (label_id, *above) if marked in marks), "")
        if mark == WRONG or (mark != UNJUDGED and narrowest.isdisjoint(above)):
            level = taxonomy.concepts[label_id].level
            judged_labels.append(JudgedLabel(label_id, level, confidence, label_id in true))
    return JudgedPhoto(tuple(judged_labels), frozenset(true))


@dataclass(frozen=True, slots=True)
class Score:
    """A number of right answers out of a total. `least` and `most` are the bounds of the share's 95 % interval.

    This is Wilson's interval,
    https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval
    """

    right: int
    of: int

    @property
    def share(self) -> float:
        return self.right / self.of

    @property
    def least(self) -> float:
        return max(self._middle - self._half, 0.0)

    @property
    def most(self) -> float:
        return min(self._middle + self._half, 1.0)

    @property
    def _middle(self) -> float:
        return (self.right + Z**2 / 2) / (self.of + Z**2)

    @property
    def _half(self) -> float:
        return Z / (self.of + Z**2) * math.sqrt(self.right * (self.of - self.right) / self.of + Z**2 / 4)


def precision(photos: Sequence[JudgedPhoto], among: frozenset[str], threshold: float) -> Score | None:
    """Return how many of the labels in `among` at the threshold are right; None if there are no such labels."""
    judgements = [label.right for photo in photos for label in _labels(photo, among, threshold)]
    return Score(sum(judgements), len(judgements)) if judgements else None


def recall(photos: Sequence[JudgedPhoto], among: frozenset[str], threshold: float) -> Score | None:
    """Return how many of the true ids in `among` have a label at the threshold; None if no such id is true."""
    true = sum(len(photo.true & among) for photo in photos)
    right = sum(label.right for photo in photos for label in _labels(photo, among, threshold))
    return Score(right, true) if true else None


def counts(photos: Iterable[JudgedPhoto], threshold: float) -> dict[str, Measured]:
    """Count for each id how many photos have the label at the threshold, how many of these show it, and how many of all
    show it."""
    given: Counter[str] = Counter()
    right: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for photo in photos:
        there.update(photo.true)
        for label in photo.labels:
            if label.confidence >= threshold:
                given[label.id] += 1
                right[label.id] += label.right
    return {label_id: Measured(right[label_id], given[label_id], there[label_id]) for label_id in given | there}


def _labels(photo: JudgedPhoto, among: frozenset[str], threshold: float) -> list[JudgedLabel]:
    return [label for label in photo.labels if label.id in among and label.confidence >= threshold]


@dataclass(frozen=True, slots=True)
class Tenth:
    """The labels with a confidence from `least` to `least` + 0.1: their mean confidence and the share of right ones."""

    least: float
    count: int
    mean: float
    right: float


def reliability(judged_labels: Iterable[JudgedLabel]) -> list[Tenth]:
    """Group labels by tenths of their confidence.

    Tenths without labels are left out; a confidence of 1 is in the last.
    """
    tenths: dict[int, list[JudgedLabel]] = {}
    for label in judged_labels:
        # The calculation uses thousandths, because 0.7 * 10 need not be exactly 7.
        tenths.setdefault(min(round(label.confidence * 1000) // 100, 9), []).append(label)
    return [
        Tenth(
            tenth / 10,
            len(labels),
            sum(label.confidence for label in labels) / len(labels),
            sum(label.right for label in labels) / len(labels),
        )
        for tenth, labels in sorted(tenths.items())
    ]


def calibration_error(tenths: Sequence[Tenth]) -> float:
    """Return how far the confidence is from the share of right labels, averaged over all labels."""
    count = sum(tenth.count for tenth in tenths)
    return sum(tenth.count * abs(tenth.mean - tenth.right) for tenth in tenths) / count if count else 0.0
