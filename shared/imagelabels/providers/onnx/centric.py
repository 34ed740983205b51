"""Tells from the feature map how central and how large a label's thing is: its CentricScore.

S = (1 - d * (1 - cover))^2. d is the distance from the centre of where the network sees the label (class activation
map), 1 at the corner cells' distance; cover is the mean probability of the label when each cell is judged alone.
The score sees the centre crop only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imagelabels.providers.onnx.networks import CELLS, FC, HEAD
from imagelabels.providers.onnx.tensors import tensors_of

Floats = NDArray[np.float64]

RIVALS = 40
"""So many of the picture's surest leaves count as what a cell may show instead of the label."""

_PLACES = (2 * np.arange(CELLS) + 1) / CELLS - 1
_FARTHEST = float(_PLACES[-1])


class CentricScore:
    """It holds the last layer's integers (1.3 MB), which say what a cell of the feature map alone would be called."""

    def __init__(self, model: bytes, temperature: float) -> None:
        names = (f"W{FC}", f"W{FC}.s", f"B{FC}", f"B{FC}.s", f"{HEAD}.s")
        self._rows, scale, bias, bias_scale, cell_scale = tensors_of(model, names).values()
        self._cell_scale = float(cell_scale)
        self._scale = scale.astype(np.float64) * self._cell_scale
        self._bias = bias * bias_scale.astype(np.float64)
        self._temperature = temperature

    def scores(self, features: NDArray[np.float32], leaves: Floats, labels: Sequence[NDArray[np.intp]]) -> Floats:
        """Return one score in 0..1 per label. features (1280, 7, 7); leaves (1000,) probabilities; labels: their
        leaves."""
        # np.unique, np.isin and np.median load numpy's masked arrays first: a tenth of the time to a first label.
        is_rival = np.zeros(len(leaves), bool)
        is_rival[np.argpartition(leaves, -RIVALS)[-RIVALS:]] = True
        is_asked = is_rival.copy()
        for label in labels:
            is_asked[label] = True
        asked = np.flatnonzero(is_asked)
        mine = np.zeros((len(labels), len(asked)))
        for row, label in zip(mine, labels, strict=True):
            row[np.searchsorted(asked, label)] = 1
        # Whole numbers in float32: sums below 2^24 are exact, so neither the order of adding nor the other labels asked
        # for change them.
        cells = np.rint(features.reshape(features.shape[0], -1) / self._cell_scale)
        raw = self._rows[asked].astype(np.float32) @ cells.astype(np.float32)
        logits = raw * self._scale[asked, None]
        distance = off_centre((mine * leaves[asked]) @ logits)
        cover = self._cover(logits, asked, is_rival[asked], mine)
        return np.asarray((1 - distance * (1 - cover)) ** 2)

    def _cover(self, logits: Floats, asked: NDArray[np.intp], rivals: NDArray[np.bool_], mine: Floats) -> Floats:
        """Return the label's share of a softmax over its own leaves and the rivals, as a mean over the cells."""
        cells = (logits + self._bias[asked, None]) / self._temperature
        weight = np.exp(cells - cells.max(axis=0))
        other = np.maximum(mine, rivals)
        return np.asarray(((mine @ weight) / (other @ weight)).mean(axis=1))


def off_centre(maps: Floats) -> Floats:
    """Measure how far from the centre each activation of maps (n, 49) lies, 0..1; 0 if there is none."""
    # Their median: the number of cells is odd.
    middle = np.partition(maps, maps.shape[1] // 2, axis=1)[:, maps.shape[1] // 2, None]
    maps = np.maximum(maps - middle, 0).reshape(-1, CELLS, CELLS)
    total = maps.sum(axis=(1, 2))
    across = maps.sum(axis=1) @ _PLACES
    down = maps.sum(axis=2) @ _PLACES
    distance = np.hypot(across, down) / np.maximum(total, np.finfo(float).tiny)
    return np.asarray(np.minimum(distance / _FARTHEST, 1))
