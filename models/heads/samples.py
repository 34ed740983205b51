"""Chooses the samples of the tests, and records what each head says of them: `python -m models.heads.samples [FOLDER]`.

FOLDER holds the pictures, as for `python -m models.heads`, which chooses samples too when it writes heads. Without
FOLDER the samples stay, and what the present heads say of them is recorded anew.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagelabels.domain import taxonomy
from imagelabels.providers.onnx.heads import GRAPHIC, PERSON, SURE, Heads
from imagelabels.views.pipes import piped
from models.heads import graphic, pictures
from models.heads.pictures import Judged

FILE = Path(__file__).parents[2] / "tests" / "samples" / "head_features.npz"

EACH = 2
"""So many pictures that show a head's label are chosen, and so many that do not, of those nearest to its limit."""

LEAST = 0.004
"""The confidence of a chosen picture is at least so far from the limit: no machine may compute another answer."""


@dataclass(frozen=True, slots=True)
class Sample:
    """It is a picture's features in 8 bits each. The picture itself cannot be had from them."""

    beginning: str
    """labels.txt knows the picture by this."""
    features: NDArray[np.uint8]
    scale: np.float32

    @property
    def values(self) -> NDArray[np.float32]:
        return (self.features * self.scale).astype(np.float32)


def rounded(picture: Judged, features: NDArray[np.float32]) -> Sample:
    scale = np.float32(features.max() / 255)
    return Sample(picture.beginning, np.rint(features / scale).astype(np.uint8), scale)


def chosen(seen: Iterable[tuple[Judged, NDArray[np.float32]]], heads: Heads) -> list[Sample]:
    """Choose samples for each head among the pictures of free sources of which all heads say what is true."""
    free = {entry["name"] for entry in pictures.sources() if graphic.allowed(entry)}
    answered = []
    for picture, features in seen:
        if picture.source in free:
            sample = rounded(picture, features)
            said = heads.confidences(sample.values)
            if not wrong(heads, picture, said):
                answered.append((picture, sample, said))
    kept: dict[str, Sample] = {}
    for label_id in heads.ids:
        for shows in (True, False):
            kept |= {sample.beginning: sample for sample in _nearest(answered, heads, label_id, shows)}
    return [kept[beginning] for beginning in sorted(kept)]


def wrong(heads: Heads, picture: Judged, said: dict[str, float]) -> list[str]:
    """Return the heads that are not sure of what a picture shows, or are sure of what it does not show."""
    asked = (label_id for label_id in heads.ids if is_asked(heads, label_id, said))
    return [label_id for label_id in asked if truth(picture, label_id) == 1 - (said[label_id] >= SURE)]


def _nearest(
    answered: Sequence[tuple[Judged, Sample, dict[str, float]]], heads: Heads, label_id: str, shows: bool
) -> list[Sample]:
    """Return the samples nearest to the head's limit, of those that show its label or of those that do not."""
    near = [
        (abs(said[label_id] - SURE), sample)
        for picture, sample, said in answered
        if is_asked(heads, label_id, said) and truth(picture, label_id) == shows
    ]
    near.sort(key=lambda pair: pair[0])
    return [sample for distance, sample in near if distance >= LEAST][:EACH]


def is_asked(heads: Heads, label_id: str, said: dict[str, float]) -> bool:
    """Tell whether the detector asks a head: kinds of graphic on graphics alone, and all others on photos alone."""
    return label_id == GRAPHIC or (label_id in heads.kinds_of_graphic) == (said[GRAPHIC] >= SURE)


def truth(picture: Judged, label_id: str) -> float:
    """Return 1 if the picture shows the label, 0 if it does not, and NaN if nobody can say."""
    if label_id == PERSON:
        return math.nan  # labels.txt does not say who is in a picture
    return graphic.label(picture) if label_id == GRAPHIC else picture.label(label_id)


def read(file: Path = FILE) -> Iterator[tuple[Sample, dict[str, float]]]:
    """Yield each sample with the confidences that were recorded, by head."""
    with np.load(file) as held:
        ids = [str(label_id) for label_id in held["ids"]]
        columns = (held[name] for name in ("hashes", "features", "scales", "thousandths"))
        for beginning, features, scale, thousandths in zip(*columns, strict=True):
            said = {label_id: int(number) / 1000 for label_id, number in zip(ids, thousandths, strict=True)}
            yield Sample(str(beginning), features, scale), said


def write(samples: Sequence[Sample], heads: Heads, file: Path = FILE) -> None:
    """Write the samples, and what each head says of them in thousandths."""
    said = [heads.confidences(sample.values) for sample in samples]
    np.savez_compressed(
        file,
        ids=np.array(heads.ids),
        hashes=np.array([sample.beginning for sample in samples]),
        features=np.array([sample.features for sample in samples]),
        scales=np.array([sample.scale for sample in samples]),
        thousandths=np.array(
            [[round(1000 * answer[label_id]) for label_id in heads.ids] for answer in said], np.uint16
        ),
    )


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="models.heads.samples", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", metavar="FOLDER", help="the folder with the pictures")
    folder: Path | None = parser.parse_args(arguments).folder
    heads = Heads(taxonomy.load())
    if folder is None:
        samples = [sample for sample, _ in read()]
    else:
        wanted = pictures.judged((pictures.HERE / "labels.txt").read_text("utf-8"))
        files = pictures.files(folder, wanted)
        samples = chosen(pictures.looked_at((picture, path.read_bytes()) for path, picture in files), heads)
    if not samples:
        print("models.heads.samples: no sample was found: models/heads/README.md says where the pictures are from")
        return 2
    write(samples, heads)
    print(f"{len(samples)} samples were written to {FILE}")
    return 0


if __name__ == "__main__":
    sys.exit(piped(lambda: main(sys.argv[1:])))
