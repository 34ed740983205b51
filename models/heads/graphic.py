"""Fits the head `graphic`, which tells what no camera saw from photos.

It is fitted apart from the other heads: on pictures that drawn.py draws, too, on sources that ask for nothing but to be
named, on all directions of the features, and on the surface of the pixels. A photo that is called a graphic loses all
its labels, so few false alarms matter most.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from models.heads import fitting, pictures
from models.heads.drawn import drawn
from models.heads.fitting import Flags, Floats

Names = np.ndarray[tuple[int, ...], np.dtype[np.str_]]

ID = "graphic"
KINDS = frozenset({"chart", "map", "screenshot", "drawing"})
PENALTY = 300.0
"""The squares of the weights cost so much. 1,000 and 3,000 told fewer graphics with one photo in 200 called one."""

CUT = 1.4
"""The head's own figure from which on a picture is called a graphic. From 1.2 to 1.6, 2 of the 589 photos that
benchmarks/everyday.csv marks `fit` were called one, and the goal is at most one in 200. This head is fitted on 92 of
them, so the figure is a little too good. No head is fitted on any of the photos marked `score`."""

MOST = {0.0: 250, 1.0: 120}
"""No source weighs more than so many photos, or so many graphics."""

OF_DRAWN = 0.4
DRAWN = "drawn "
OF_EACH_KIND = 110
"""So many pictures of each kind are drawn, from at most PER_SOURCE photos of each source."""

PER_SOURCE = 60
SIDE = 400
_GROUPS = 5


@dataclass(frozen=True, slots=True)
class Fitted:
    """It holds the head, and what it was worth on sources and kinds that it was not fitted on."""

    weights: Floats
    bias: float
    photos: int
    false: int
    told: dict[str, tuple[int, int]]
    """It holds how many were told, and how many there are, by source or kind of drawn graphic."""


def allowed(entry: dict[str, Any]) -> bool:
    """Tell whether a source may be fitted on here: its licence is neither share-alike nor unclear."""
    return entry["use"] == "fit" and "SA" not in entry["licence"]


def label(picture: pictures.Judged) -> float:
    """Return 1 for a graphic and 0 for a photo. Photographed paintings, receipts and scans are neither."""
    if ID in picture.shown or picture.shown & KINDS - {"drawing"}:
        return 1.0
    if picture.shown & KINDS:
        return 1.0 if picture.source == "CLIP" else math.nan
    return math.nan if picture.unjudged & {ID, *KINDS} or picture.source == "REC" else 0.0


def photos(folder: Path, wanted: dict[str, pictures.Judged]) -> list[Image.Image]:
    """Return photos that may be drawn from, small: the first ones of each source that may be fitted on."""
    free = {entry["name"] for entry in pictures.sources() if allowed(entry)}
    left = {
        beginning: picture for beginning, picture in wanted.items() if picture.source in free and not label(picture)
    }
    kept: dict[str, list[Image.Image]] = {}
    for path, picture in pictures.files(folder, left):
        of_source = kept.setdefault(picture.source, [])
        if len(of_source) < PER_SOURCE:
            of_source.append(_small(path))
    return [photo for source in sorted(kept) for photo in kept[source]]


def _small(path: Path) -> Image.Image:
    with Image.open(path) as opened:
        opened.draft("RGB", (SIDE, SIDE))
        photo: Image.Image = opened.convert("RGB")
    photo.thumbnail((SIDE, SIDE))
    return photo


def drawn_pictures(from_photos: Sequence[Image.Image]) -> Iterator[tuple[pictures.Judged, bytes]]:
    """Yield what is drawn as files, each kind as a source of its own."""
    for kind, is_graphic, picture in drawn(from_photos, OF_EACH_KIND):
        content = io.BytesIO()
        picture.convert("RGB").save(content, "JPEG", quality=90)
        yield pictures.Judged(DRAWN + kind, frozenset({ID} if is_graphic else ()), frozenset()), content.getvalue()


def fit(features: Floats, labels: Floats, sources: Sequence[str], usable: Flags) -> Fitted:
    """Fit the head on what is usable, and measure it on each group of sources left out in turn."""
    usable = usable & ~np.isnan(labels)
    of = np.array(sources)
    names = sorted(set(of[usable]))
    scores = np.full(len(labels), np.nan)
    for group in range(_GROUPS):
        out = usable & np.isin(of, names[group::_GROUPS])
        weights, bias = _head(features[usable & ~out], labels[usable & ~out], of[usable & ~out])
        scores[out] = features[out] @ weights + bias
    is_drawn = np.char.startswith(of, DRAWN)
    of_photos = scores[usable & (labels == 0) & ~is_drawn]
    told = {}
    for name in names:
        of_source = scores[usable & (of == name) & (labels == 1)]
        if len(of_source):
            told[str(name)] = int((of_source >= CUT).sum()), len(of_source)
    weights, bias = _head(features[usable], labels[usable], of[usable])
    return Fitted(weights, bias, len(of_photos), int((of_photos >= CUT).sum()), told)


def _head(features: Floats, labels: Floats, sources: Names) -> tuple[Floats, float]:
    middle, spread = features.mean(axis=0), features.std(axis=0) + 0.05
    result = fitting.fitted((features - middle) / spread, labels, _weighed(labels, sources), PENALTY)
    weights = result[:-1] / spread
    return weights, float(result[-1] - weights @ middle)


def _weighed(labels: Floats, sources: Names) -> Floats:
    """Weigh both answers alike, no source more than MOST of it, and what is drawn less than what was found."""
    weight = np.zeros(len(labels))
    for answer, most in MOST.items():
        for source in np.unique(sources[labels == answer]):
            here = (labels == answer) & (sources == source)
            weight[here] = min(1.0, most / here.sum()) * (OF_DRAWN if source.startswith(DRAWN) else 1.0)
        weight[labels == answer] /= weight[labels == answer].sum()
    return weight * len(labels) / 2
