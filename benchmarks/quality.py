"""Scores the embedded detector on photos whose content is known: `python -m benchmarks.quality FOLDER`.

benchmarks/truth.py says what FOLDER/truth.csv is. A photo that the detector refuses counts as one without labels.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks import truth
from benchmarks.labelling import FLOOR
from benchmarks.scoring import Photo, Score, calibration_error, judged, precision, recall, reliability
from imagelabels import wiring_commands
from imagelabels.cli.commands.detect import WORKERS
from imagelabels.domain import taxonomy
from imagelabels.domain.errors import Rejected
from imagelabels.domain.model import ObjectHead, ObjectRef, Picture
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.ports import LabelDetector

THRESHOLDS = (0.7, 0.5)
LEVELS = {1: "categories", 2: "groups", 3: "things"}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.quality", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the photos, with their truth.csv")
    folder: Path = parser.parse_args(arguments).folder
    known = taxonomy.load()
    try:
        true = truth.read(folder / truth.NAME, folder, known)
    except truth.BadTruth as error:
        print(f"benchmarks.quality: {error}", file=sys.stderr)
        return 2
    for line in report(wiring_commands.local_detector(None, FLOOR), true, known):
        print(line, flush=True)
    return 0


def report(detector: LabelDetector, true: Mapping[Path, frozenset[str]], known: Taxonomy) -> Iterator[str]:
    """Lines for people."""

    def labels(path: Path) -> dict[str, float] | Rejected:
        content = path.read_bytes()
        head = ObjectHead(etag="", size=len(content), crc64=None, last_modified=0)
        picture = Picture(ObjectRef("file", "", str(path)), head, lambda start, length: content[start : start + length])
        try:
            return {label.id: label.confidence for label in detector.detect(picture).labels}
        except Rejected as error:
            return error

    with ThreadPoolExecutor(WORKERS) as threads:
        answers = dict(zip(true, threads.map(labels, true), strict=True))
    said = {path: {} if isinstance(answer, Rejected) else answer for path, answer in answers.items()}
    photos = [judged(said[path], ids, known) for path, ids in true.items() if ids]
    off_topic = {path: said[path] for path, ids in true.items() if not ids}
    yield f"{len(true)} photos, {len(off_topic)} of them off-topic; {detector.setting}"
    yield from (f"refused: {path}: {answer}" for path, answer in answers.items() if isinstance(answer, Rejected))
    if photos:
        yield from _levels(photos, known)
        yield from _categories(photos, known)
        yield from _calibration(photos)
    if off_topic:
        yield from _off_topic(off_topic)


def _levels(photos: Sequence[Photo], known: Taxonomy) -> Iterator[str]:
    for threshold in THRESHOLDS:
        for level, name in LEVELS.items():
            among = frozenset(concept.id for concept in known.concepts.values() if concept.level == level)
            yield f"{name} of {threshold} and more: {_pair(photos, among, threshold)}"


def _categories(photos: Sequence[Photo], known: Taxonomy) -> Iterator[str]:
    met = {id for photo in photos for id in (*photo.true, *(label.id for label in photo.said))}
    for id in sorted(id for id in met if known.concepts[id].level == 1):
        line = _pair(photos, frozenset({id}), THRESHOLDS[0])
        if line != _NOTHING:
            yield f"{id} of {THRESHOLDS[0]} and more: {line}"


_NOTHING = "precision of nothing said, recall of nothing true"


def _pair(photos: Sequence[Photo], among: frozenset[str], threshold: float) -> str:
    said, true = precision(photos, among, threshold), recall(photos, among, threshold)
    return f"precision {_spelled(said, 'said')}, recall {_spelled(true, 'true')}"


def _spelled(score: Score | None, of: str) -> str:
    if score is None:
        return f"of nothing {of}"
    return f"{score.share:.3f} ({score.least:.2f} to {score.most:.2f}) of {score.of} {of}"


def _calibration(photos: Sequence[Photo]) -> Iterator[str]:
    for level, name in LEVELS.items():
        tenths = reliability(label for photo in photos for label in photo.said if label.level == level)
        yield f"confidence of {name}: off by {calibration_error(tenths):.3f} on the average of labels from {FLOOR}"
        for tenth in tenths:
            yield (
                f"  {tenth.least:.1f} to {tenth.least + 0.1:.1f}: {tenth.count} labels,"
                f" {tenth.mean:.2f} said, {tenth.right:.2f} right"
            )


def _off_topic(said: Mapping[Path, Mapping[str, float]]) -> Iterator[str]:
    for threshold in THRESHOLDS:
        wrong = {
            path: labels
            for path, found in said.items()
            if (labels := [f"{id} {confidence:.2f}" for id, confidence in found.items() if confidence >= threshold])
        }
        yield f"off-topic with labels of {threshold} and more: {len(wrong)} of {len(said)}"
        yield from (f"  {path}: {', '.join(labels)}" for path, labels in wrong.items())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
