"""This module writes the lines that say how good a detector's labels are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.answers import GRAPHIC, Answered, Labels, is_graphic
from benchmarks.labelling import FLOOR
from benchmarks.scoring import JudgedPhoto, Score, calibration_error, precision, recall, reliability
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.views.printing import number_of

DEFAULT = 0.7
"""The embedded detector's labels count from this confidence on, unless a setting changes it."""
THRESHOLDS = (DEFAULT, 0.5)
LEVELS = {1: "categories", 2: "groups", 3: "things"}
EASY = {1: ("surroundings",), 2: ("indoor", "outdoor")}
"""These are true for nearly every photo, so they flatter the figures of their level."""


def lines(answered: Answered, known: Taxonomy, setting: str) -> Iterator[str]:
    """Yield the lines of the report. `setting` says which detector answered."""
    total = len(answered.photos) + len(answered.graphics) + len(answered.off_topic)
    kinds = f"{len(answered.graphics)} of them graphics and {len(answered.off_topic)} off-topic"
    yield f"{number_of(total, 'picture')}, {kinds}; {setting}"
    yield from (f"refused: {path}: {error}" for path, error in answered.refused.items())
    if answered.photos:
        photos = answered.judged_photos
        yield from _levels(photos, known)
        yield from _wider_labels(photos, known)
        yield from _calibration(photos)
    if answered.graphics:
        yield from _graphics(answered, known)
    if answered.off_topic:
        yield from _wrong("off-topic with labels", answered.off_topic)


def _levels(photos: Sequence[JudgedPhoto], known: Taxonomy) -> Iterator[str]:
    of_level = {
        level: frozenset(concept.id for concept in known.concepts.values() if concept.level == level)
        for level in LEVELS
    }
    for threshold in THRESHOLDS:
        for level, name in LEVELS.items():
            yield f"{name} at {threshold}: {_pair(photos, of_level[level], threshold)}"
    for level, easy in EASY.items():
        without = _pair(photos, of_level[level].difference(easy), DEFAULT)
        yield f"{LEVELS[level]} without {' and '.join(easy)} at {DEFAULT}: {without}"


def _wider_labels(photos: Sequence[JudgedPhoto], known: Taxonomy) -> Iterator[str]:
    """Yield a line for each category that was given or is there, and then for each group."""
    seen = {label_id for photo in photos for label_id in (*photo.true, *(label.id for label in photo.labels))}
    for level in (1, 2):
        for label_id in sorted(label_id for label_id in seen if known.concepts[label_id].level == level):
            line = _pair(photos, frozenset({label_id}), DEFAULT)
            if line != _NOTHING:
                yield f"{label_id} at {DEFAULT}: {line}"


_NOTHING = "precision unknown (no labels), recall unknown (nothing true)"


def _pair(photos: Sequence[JudgedPhoto], among: frozenset[str], threshold: float) -> str:
    right_labels = _spelled(precision(photos, among, threshold), "label", "no labels")
    found_ids = _spelled(recall(photos, among, threshold), "true id", "nothing true")
    return f"precision {right_labels}, recall {found_ids}"


def _spelled(score: Score | None, counted: str, nothing: str) -> str:
    if score is None:
        return f"unknown ({nothing})"
    return f"{score.share:.3f} ({score.least:.2f} to {score.most:.2f}) of {number_of(score.of, counted)}"


def _calibration(photos: Sequence[JudgedPhoto]) -> Iterator[str]:
    for level, name in LEVELS.items():
        tenths = reliability(label for photo in photos for label in photo.labels if label.level == level)
        yield f"confidence of {name}: off by {calibration_error(tenths):.3f} on average, for labels from {FLOOR}"
        for tenth in tenths:
            yield (
                f"  {tenth.least:.1f} to {tenth.least + 0.1:.1f}: {number_of(tenth.count, 'label')},"
                f" mean confidence {tenth.mean:.2f}, {tenth.right:.2f} of them right"
            )


def _graphics(answered: Answered, known: Taxonomy) -> Iterator[str]:
    """Yield how many graphics are told as such, how many photos are called graphics, and which graphics got a label of
    photos."""
    told = Score(_called_graphics(answered.graphics), len(answered.graphics))
    yield f"graphics told as such at {DEFAULT}: {_spelled(told, 'graphic', '')}"
    if answered.photos:
        yield f"photos called graphics at {DEFAULT}: {_called_graphics(answered.photos)} of {len(answered.photos)}"
    of_photos = {
        path: {label_id: labels[label_id] for label_id in labels if not is_graphic(label_id, known)}
        for path, labels in answered.graphics.items()
    }
    yield from _wrong("graphics with labels of photos", of_photos)


def _called_graphics(labels_by_path: Mapping[Path, Labels]) -> int:
    return sum(labels.get(GRAPHIC, 0) >= DEFAULT for labels in labels_by_path.values())


def _wrong(what: str, labels_by_path: Mapping[Path, Labels]) -> Iterator[str]:
    """Yield how many of the pictures have a label, and which labels."""
    for threshold in THRESHOLDS:
        wrong = {
            path: texts
            for path, labels in labels_by_path.items()
            if (texts := [f"{name} {confidence:.2f}" for name, confidence in labels.items() if confidence >= threshold])
        }
        yield f"{what} at {threshold}: {len(wrong)} of {len(labels_by_path)}"
        yield from (f"  {path}: {', '.join(texts)}" for path, texts in wrong.items())
