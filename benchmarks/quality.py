"""This program measures the embedded detector on photos with known content: `python -m benchmarks.quality FOLDER`.

benchmarks/truth.py describes FOLDER/truth.csv. A photo that the detector refuses counts as a photo without labels.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks import truth
from benchmarks.labelling import FLOOR
from benchmarks.scoring import JudgedPhoto, Score, calibration_error, judged, precision, recall, reliability
from imagelabels import wiring_commands
from imagelabels.cli.commands.detect import WORKERS
from imagelabels.domain import measured, taxonomy
from imagelabels.domain.errors import Rejected
from imagelabels.domain.model import ObjectHead, ObjectRef, Picture
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.ports import LabelDetector

THRESHOLDS = (0.7, 0.5)
GRAPHIC = "graphic"
COUNTS = Path(measured.__file__).with_suffix(".json")
ENOUGH = 8
"""A label's counts are written if it was given to so many pictures, or if so many show it."""
LEVELS = {1: "categories", 2: "groups", 3: "things"}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.quality", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the folder with the photos and truth.csv")
    parser.add_argument("--write", action="store_true", help=f"write the counts to {COUNTS.name}")
    options = parser.parse_args(arguments)
    folder: Path = options.folder
    known = taxonomy.load()
    try:
        true = truth.read(folder / truth.NAME, folder, known)
    except truth.BadTruth as error:
        print(f"benchmarks.quality: {error}", file=sys.stderr)
        return 2
    for line in report(wiring_commands.local_detector(None, FLOOR), true, known, options.write):
        print(line, flush=True)
    return 0


def report(
    detector: LabelDetector, true: Mapping[Path, frozenset[str]], known: Taxonomy, write: bool = False
) -> Iterator[str]:
    """Yield the lines of the report. If `write` is true, write the counts that come with the package, too."""

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
    labels_by_path = {path: {} if isinstance(answer, Rejected) else answer for path, answer in answers.items()}
    off_topic = {path: labels_by_path[path] for path, ids in true.items() if all(id_[0] == truth.WRONG for id_ in ids)}
    graphics = {path: labels_by_path[path] for path, ids in true.items() if _is_graphic(ids, known)}
    everyday = (path for path in true if path not in off_topic and path not in graphics)
    photos = [judged(labels_by_path[path], true[path], known) for path in everyday]
    yield f"{len(true)} pictures, {len(graphics)} of them graphics and {len(off_topic)} off-topic; {detector.setting}"
    yield from (f"refused: {path}: {answer}" for path, answer in answers.items() if isinstance(answer, Rejected))
    if write:
        _write(photos)
    if photos:
        yield from _levels(photos, known)
        yield from _categories(photos, known)
        yield from _calibration(photos)
    if graphics:
        yield from _graphics(graphics, known)
    if off_topic:
        yield from _off_topic(off_topic)


def _levels(photos: Sequence[JudgedPhoto], known: Taxonomy) -> Iterator[str]:
    for threshold in THRESHOLDS:
        for level, name in LEVELS.items():
            among = frozenset(concept.id for concept in known.concepts.values() if concept.level == level)
            yield f"{name} at {threshold}: {_pair(photos, among, threshold)}"


def _categories(photos: Sequence[JudgedPhoto], known: Taxonomy) -> Iterator[str]:
    seen = {label_id for photo in photos for label_id in (*photo.true, *(label.id for label in photo.labels))}
    for category in sorted(label_id for label_id in seen if known.concepts[label_id].level == 1):
        line = _pair(photos, frozenset({category}), THRESHOLDS[0])
        if line != _NOTHING:
            yield f"{category} at {THRESHOLDS[0]}: {line}"


_NOTHING = "precision unknown (no labels), recall unknown (nothing true)"


def _pair(photos: Sequence[JudgedPhoto], among: frozenset[str], threshold: float) -> str:
    right_labels = _spelled(precision(photos, among, threshold), "labels", "no labels")
    found_ids = _spelled(recall(photos, among, threshold), "true ids", "nothing true")
    return f"precision {right_labels}, recall {found_ids}"


def _spelled(score: Score | None, counted: str, nothing: str) -> str:
    if score is None:
        return f"unknown ({nothing})"
    return f"{score.share:.3f} ({score.least:.2f} to {score.most:.2f}) of {score.of} {counted}"


def _calibration(photos: Sequence[JudgedPhoto]) -> Iterator[str]:
    for level, name in LEVELS.items():
        tenths = reliability(label for photo in photos for label in photo.labels if label.level == level)
        yield f"confidence of {name}: off by {calibration_error(tenths):.3f} on average, for labels from {FLOOR}"
        for tenth in tenths:
            yield (
                f"  {tenth.least:.1f} to {tenth.least + 0.1:.1f}: {tenth.count} labels,"
                f" mean confidence {tenth.mean:.2f}, {tenth.right:.2f} of them right"
            )


def _write(photos: Sequence[JudgedPhoto]) -> None:
    """Write each label's counts at the default threshold to the file that `imagelabels labels` reads."""
    given: Counter[str] = Counter()
    right: Counter[str] = Counter()
    there = Counter(label_id for photo in photos for label_id in photo.true)
    for label in (label for photo in photos for label in photo.labels if label.confidence >= THRESHOLDS[0]):
        given[label.id] += 1
        right[label.id] += label.right
    ids = sorted(label_id for label_id in given | there if max(given[label_id], there[label_id]) >= ENOUGH)
    counts = {label_id: [right[label_id], given[label_id], there[label_id]] for label_id in ids}
    COUNTS.write_text(json.dumps({"silent": measured.silent(), "labels": counts}, separators=(",", ":")) + "\n")


def _is_graphic(ids: frozenset[str], known: Taxonomy) -> bool:
    return any(GRAPHIC in (label_id, *known.ancestors(label_id)) for label_id in ids)


def _graphics(labels_by_path: Mapping[Path, Mapping[str, float]], known: Taxonomy) -> Iterator[str]:
    """Yield how many graphics are told as such, and those that got another label."""
    threshold = THRESHOLDS[0]
    told = Score(sum(labels.get(GRAPHIC, 0) >= threshold for labels in labels_by_path.values()), len(labels_by_path))
    yield f"graphics told as such at {threshold}: {_spelled(told, 'graphics', '')}"
    others = {
        path: {name: labels[name] for name in labels if not _is_graphic(frozenset({name}), known)}
        for path, labels in labels_by_path.items()
    }
    yield from _off_topic(others, "graphics with labels of photos")


def _off_topic(
    labels_by_path: Mapping[Path, Mapping[str, float]], words: str = "off-topic with labels"
) -> Iterator[str]:
    for threshold in THRESHOLDS:
        wrong = {
            path: texts
            for path, labels in labels_by_path.items()
            if (texts := [f"{name} {confidence:.2f}" for name, confidence in labels.items() if confidence >= threshold])
        }
        yield f"{words} at {threshold}: {len(wrong)} of {len(labels_by_path)}"
        yield from (f"  {path}: {', '.join(labels)}" for path, labels in wrong.items())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
