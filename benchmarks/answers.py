"""This module asks a detector about judged pictures, and parts them into photos, graphics and off-topic pictures."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.labelling import labels_of
from benchmarks.scoring import JudgedPhoto, judged
from benchmarks.truth import WRONG
from imagelabels.cli.commands.detect import WORKERS
from imagelabels.domain.errors import Rejected
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.ports import LabelDetector

Labels = Mapping[str, float]
"""Confidences by label id."""

GRAPHIC = "graphic"


@dataclass(frozen=True, slots=True)
class Answered:
    """What a detector said of each picture. A picture that it refuses counts as one without labels."""

    photos: Mapping[Path, Labels]
    graphics: Mapping[Path, Labels]
    """These show what no camera saw, says the truth."""
    off_topic: Mapping[Path, Labels]
    """These show nothing that has a label, says the truth."""
    refused: Mapping[Path, Rejected]
    judged: Mapping[Path, JudgedPhoto]
    """The labels of all photos and graphics, each of which is right or wrong."""

    @property
    def judged_photos(self) -> list[JudgedPhoto]:
        return [self.judged[path] for path in self.photos]


def ask(detector: LabelDetector, true: Mapping[Path, frozenset[str]], known: Taxonomy) -> Answered:
    """Ask about all pictures of a truth file, in as many threads as the command line does."""

    def answer(path: Path) -> Labels | Rejected:
        try:
            return {label.id: label.confidence for label in labels_of(detector, path)}
        except Rejected as error:
            return error

    with ThreadPoolExecutor(WORKERS) as threads:
        answers = dict(zip(true, threads.map(answer, true), strict=True))
    refused = {path: answer for path, answer in answers.items() if isinstance(answer, Rejected)}
    labels = {path: {} if isinstance(answer, Rejected) else answer for path, answer in answers.items()}
    off_topic = [path for path, ids in true.items() if all(label_id.startswith(WRONG) for label_id in ids)]
    graphics = [path for path, ids in true.items() if any(is_graphic(label_id, known) for label_id in ids)]
    others = {*off_topic, *graphics}
    photos = [path for path in true if path not in others]
    return Answered(
        {path: labels[path] for path in photos},
        {path: labels[path] for path in graphics},
        {path: labels[path] for path in off_topic},
        refused,
        {path: judged(labels[path], true[path], known) for path in (*photos, *graphics)},
    )


def is_graphic(label_id: str, known: Taxonomy) -> bool:
    """Tell whether a label is `graphic` or a kind of it."""
    return GRAPHIC in (label_id, *known.ancestors(label_id))
