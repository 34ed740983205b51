"""Reads labels that the network has no class for, or too few, off its last features: `person`, `outdoor`, `chart`.

Each is one linear function of the features' mean (`emb`), so it costs nothing beside the network. `graphic` also weighs
the surface of the pixels (surface.py), and all others but `person` weigh their colours (colours.py). heads.json holds
the weights as small integers by the label's id; NOTICE says what they were fitted on. They fit this model file and this
centre crop only. `python -m models.heads` fits them anew.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.providers.onnx.artifact import released
from imagelabels.providers.onnx.centric import off_centre
from imagelabels.providers.onnx.colours import LENGTH as COLOURS
from imagelabels.providers.onnx.colours import colours
from imagelabels.providers.onnx.networks import CHANNELS
from imagelabels.providers.onnx.surface import LENGTH as SURFACE
from imagelabels.providers.onnx.surface import surface

Floats = NDArray[np.float64]

FILE = Path(__file__).with_name("heads.json")

PERSON, GRAPHIC = "person", "graphic"
"""The taxonomy has these ids. A graphic is what no camera saw: a screenshot, a page, a chart, a drawing, one plain
colour."""

SURE = 0.7
"""A head was measured at this confidence, the detector's default threshold."""


class Heads:
    def __init__(self, names: Taxonomy, file: Path = FILE) -> None:
        """Misconfigured if the file was altered so that a label would be lost."""
        with released(file):
            self._read(json.loads(file.read_bytes()), names)

    def _read(self, heads: dict[str, Any], names: Taxonomy) -> None:
        self.ids = tuple(heads)
        self.kinds_of_graphic = tuple(label_id for label_id in heads if GRAPHIC in names.ancestors(label_id))
        """These were measured on graphics, so they say nothing of a photo."""
        self.of_photos = tuple(
            label_id for label_id in heads if label_id != GRAPHIC and label_id not in self.kinds_of_graphic
        )
        if GRAPHIC not in heads:
            raise ValueError(f"the head {GRAPHIC} is missing")
        self._weights = np.array([_row(label_id, head) for label_id, head in heads.items()])
        self._coarse = self._weights[:, :CHANNELS].astype(np.float32)  # for 49 cells at once: twice as fast
        # Precision and recall were measured where a head's own figure is `measured_at`. Shifted, that is where its
        # confidence is SURE, so that the one threshold which users set means what was measured.
        self._bias = np.array(
            [head["bias"] - _logit(head["measured_at"]) + _logit(SURE) for head in heads.values()], np.float64
        )
        if unknown := heads.keys() - names.concepts.keys():
            raise ValueError(f"there is no label {', '.join(sorted(unknown))}")
        for label_id, numbers in zip(heads, np.column_stack((self._weights, self._bias)), strict=True):
            if not np.isfinite(numbers).all():
                raise ValueError(f"the head {label_id} has a weight or a bias that is no number")

    def confidences(self, inputs: NDArray[np.float32]) -> dict[str, float]:
        """Return confidences by id, in thousandths. `inputs` are those of a square of pixels."""
        shares = _sigmoid(self._weights @ inputs.astype(np.float64) + self._bias)
        return {label_id: round(float(share), 3) for label_id, share in zip(self.ids, shares, strict=True)}

    def scores(self, features: NDArray[np.float32], inputs: NDArray[np.float32]) -> dict[str, float]:
        """Return CentricScores by id, as in centric.py: each cell of features (1280, 7, 7) is judged alone, with the
        surface and the colours of the whole square."""
        maps = (self._coarse @ features.reshape(features.shape[0], -1)).astype(np.float64)
        bias = self._bias + self._weights[:, CHANNELS:] @ inputs[CHANNELS:].astype(np.float64)
        cover = _sigmoid(maps + bias[:, None]).mean(axis=1)
        scores = (1 - off_centre(maps) * (1 - cover)) ** 2
        return {label_id: round(float(score), 3) for label_id, score in zip(self.ids, scores, strict=True)}


def inputs_of(mean: NDArray[np.float32], pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return what the heads weigh of a square of pixels: the features' mean (1280,), its surface and its colours."""
    return np.concatenate([mean, surface(pixels), colours(pixels)])


def _row(label_id: str, head: dict[str, Any]) -> Floats:
    """Return a head's weights of all inputs. Those that it does not weigh have 0."""
    row = np.zeros(CHANNELS + SURFACE + COLOURS)
    row[:CHANNELS] = _part(label_id, head, "weights", CHANNELS)
    if label_id == GRAPHIC:
        row[CHANNELS:-COLOURS] = _part(label_id, head, "surface", SURFACE)
    elif label_id != PERSON:
        row[-COLOURS:] = _part(label_id, head, "colours", COLOURS)
    return np.asarray(row * head["scale"])


def _part(label_id: str, head: dict[str, Any], part: str, length: int) -> list[int]:
    weights: list[int] = head.get(part, [])
    if len(weights) != length:
        raise ValueError(f'the head {label_id} has {len(weights)} numbers under "{part}", and not {length}')
    return weights


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-values)))
