"""Looks for faces in the whole picture. There is one label, `face`, however many there are, and nothing says whose they
are."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from imagelabels.providers.onnx.heads import SURE
from imagelabels.providers.onnx.networks import FACE_CELLS, FACE_SIDE
from imagelabels.providers.onnx.session import opened

FACE = "face"
"""The taxonomy has this id."""

MEASURED_AT = 0.6
"""At this figure of the network, a face was found in 94 of 100 photos of faces, and in 2 of 267 photos without people.
It is shifted to the confidence SURE, as those of heads.py are."""

_SHIFT = math.log(SURE / (1 - SURE)) - math.log(MEASURED_AT / (1 - MEASURED_AT))
_MIDDLES = (np.arange(FACE_CELLS) + 0.5) / FACE_CELLS


class Faces:
    def __init__(self, model: bytes) -> None:
        self._session = opened(model)

    def look(self, picture: NDArray[np.uint8]) -> tuple[float, float]:
        """Return how sure it is that there is a face, in thousandths, and the CentricScore of the largest sure face,
        else of the surest one. `picture` is (height, width, 3) RGB, its longer side FACE_SIDE."""
        height, width = picture.shape[:2]
        top, left = (FACE_SIDE - height) // 2, (FACE_SIDE - width) // 2
        square = np.zeros((1, FACE_SIDE, FACE_SIDE, 3), np.uint8)
        square[0, top : top + height, left : left + width] = picture
        logits, boxes = self._session.run(["scores", "boxes"], {"image": square})
        sureness = 1 / (1 + np.exp(-np.clip(logits[0, :, 0].astype(np.float64) + _SHIFT, -80, 80)))
        across, down, wide, high = boxes[0, :, :4].T.astype(np.float64)
        areas = np.maximum(wide, 0) * np.maximum(high, 0)
        sure = sureness >= SURE
        place = int(np.argmax(np.where(sure, areas, -1) if sure.any() else sureness))
        x = across[place] + _MIDDLES[place % FACE_CELLS] * FACE_SIDE - left
        y = down[place] + _MIDDLES[place // FACE_CELLS] * FACE_SIDE - top
        off = min(math.hypot(2 * x / width - 1, 2 * y / height - 1), 1)
        cover = min(areas[place] / (width * height), 1)
        return round(float(sureness.max()), 3), round(float((1 - off * (1 - cover)) ** 2), 3)
