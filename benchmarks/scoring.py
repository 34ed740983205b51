"""Compares labels with the truth: precision, recall, and whether confidences say how often they are right."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from imagelabels.domain.taxonomy import Taxonomy

Z = 1.96
"""Standard deviations of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Said:
    """A label that a detector gave a photo, and whether the truth has it."""

    id: str
    level: int
    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class Photo:
    """What was said of a photo and can be judged, and every id that is true of it."""

    said: tuple[Said, ...]
    true: frozenset[str]


def judged(labels: Mapping[str, float], truth: frozenset[str], taxonomy: Taxonomy) -> Photo:
    """labels: confidence by id. What is narrower than the truth is left out: `dog` does not say whether it is a pug."""
    true = truth.union(*(taxonomy.ancestors(id) for id in truth))
    narrowest = truth.difference(*(taxonomy.ancestors(id) for id in truth))
    said = (
        Said(id, taxonomy.concepts[id].level, confidence, id in true)
        for id, confidence in labels.items()
        if narrowest.isdisjoint(taxonomy.ancestors(id))
    )
    return Photo(tuple(said), frozenset(true))


@dataclass(frozen=True, slots=True)
class Score:
    """So many right of so many. `least` and `most`: where the share lies with 95 %, judged by so few photos.

    Wilson's interval, https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval
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


def precision(photos: Sequence[Photo], among: frozenset[str], threshold: float) -> Score | None:
    """Of the labels in `among` at the threshold, how many are right; None if there are none."""
    said = [label.right for photo in photos for label in _said(photo, among, threshold)]
    return Score(sum(said), len(said)) if said else None


def recall(photos: Sequence[Photo], among: frozenset[str], threshold: float) -> Score | None:
    """Of what is true in `among`, photo by photo, how much was said at the threshold; None if nothing is true."""
    true = sum(len(photo.true & among) for photo in photos)
    found = sum(label.right for photo in photos for label in _said(photo, among, threshold))
    return Score(found, true) if true else None


def _said(photo: Photo, among: frozenset[str], threshold: float) -> list[Said]:
    return [label for label in photo.said if label.id in among and label.confidence >= threshold]


@dataclass(frozen=True, slots=True)
class Tenth:
    """The labels whose confidence is from `least` to `least` + 0.1: their mean, and the share that is right."""

    least: float
    count: int
    mean: float
    right: float


def reliability(said: Iterable[Said]) -> list[Tenth]:
    """By tenths, without those that have no label. A confidence of 1 is in the last."""
    tenths: dict[int, list[Said]] = {}
    for label in said:
        # In thousandths, for 0.7 * 10 need not be 7.
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
    """How far confidence and truth are apart in a tenth, on the average over all labels."""
    count = sum(tenth.count for tenth in tenths)
    return sum(tenth.count * abs(tenth.mean - tenth.right) for tenth in tenths) / count if count else 0.0
